/* SPDX-License-Identifier: MIT */
/*
 * Random system calls with hostile arguments, made by children, four at a time.
 * How many of them die does not matter; the kernel must stay alive, and at the
 * end a fork and fresh memory must still work. What would stop the test itself
 * is left out: calls that end, copy or suspend the caller, that signal others,
 * or that write to the console. A child that hangs all the same is killed. On
 * Linux it would do harm and refuses to run. Arguments: seed, children.
 * run: guest
 */
#include "linux.h"
#include <sched.h>
#include <time.h>

#define SLOTS 4
#define CALLS 120    /* a child */
#define QUERY 0x1001 /* a call that only Quartet has */

static uint32_t state;
static char *page_end; /* the last words of a page before a hole */
static char *read_only;
static char buffer[8 * PAGE] __attribute__((aligned(4096)));

static const uint16_t left_out[] = {
    1,   252,                        /* exit */
    2,   120, 190, 435,              /* fork, clone */
    88,  11,  358, 0x1000,           /* reboot, execve, spawn */
    29,  72,  179, 27,     104,      /* pause, sigsuspend, alarm, setitimer */
    177, 421, 162, 267,    407,      /* sigtimedwait, nanosleep */
    82,  142, 168, 308,    309, 413, /* select, poll */
    414, 256, 319, 441,    449,      /* ppoll, epoll, futex_waitv */
    37,  238, 270, 178,    335, 424, /* kill */
    26,  348, 440, /* ptrace and others that write another's memory */
};

static const uint16_t with_path[] = {11, 358, 0x1000};

static const uint16_t favourites[] = {
    45,  90,  91,  125, 144, 150, 151, 152, 163, 192, 218,   219, /* memory */
    119, 173, 174, 175, 186, 67,  126,                            /* signals */
    123, 243, 244, 240, 311, 312, 258, 383, 172, 384, QUERY,      /* task */
    3,   5,   6,   19,  41,  63,  108, 140, 145, 197, 295,   330, /* handles */
    75,  76,  191, 340, 355, 116, 122, 241, 242, 265, 403,   114, 284,
};

static uint32_t any(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return below ? (state >> 7) % below : state * 2654435761u;
}

static int is_in(const uint16_t *list, unsigned count, uint32_t number)
{
    for (unsigned i = 0; i < count; i++)
        if (list[i] == number)
            return 1;
    return 0;
}

static uint32_t hostile(void)
{
    static const uint32_t edges[] = {
        0,          1,          0xffffffff, 0x7fffffff, 0x80000000, 0xc0000000,
        0xbfffffff, 0xbffff000, 0xfffff000, 0xfffffffc, 0xff800000, 0xf5000000,
        0xf1000000, 0xe0000000, 0x3fffffff, 0x40000000, 0x7ffffffe, 0x00100000,
        4096,       4095,       4097,       0xfffff001, 0x08048000, 0xc0100000,
    };
    switch (any(12)) {
    case 0:
    case 1:
        return edges[any(sizeof(edges) / sizeof(edges[0]))];
    case 2:
        return any(0);
    case 3:
        return 1u << any(32);
    case 4:
        return any(64);
    case 5:
        return (uint32_t)buffer + any(sizeof(buffer));
    case 6:
        return (uint32_t)page_end - any(64);
    case 7:
        return (uint32_t)read_only + any(2 * PAGE);
    case 8:
        return ((uint32_t)buffer + any(sizeof(buffer))) & ~(PAGE - 1);
    case 9:
        return (uint32_t)&edges - any(0x10000); /* program, or near it */
    case 10:
        return any(16) * PAGE;
    default:
        return any(8) - 4;
    }
}

static void raw(uint32_t *words)
{
    __asm__ volatile("pushl %%ebp\n\tpushl %%ebx\n\t"
                     "movl 4(%%eax), %%ebx\n\tmovl 8(%%eax), %%ecx\n\t"
                     "movl 12(%%eax), %%edx\n\tmovl 16(%%eax), %%esi\n\t"
                     "movl 20(%%eax), %%edi\n\tmovl 24(%%eax), %%ebp\n\t"
                     "movl (%%eax), %%eax\n\tint $0x80\n\t"
                     "popl %%ebx\n\tpopl %%ebp"
                     : "+a"(words)
                     :
                     : "ecx", "edx", "esi", "edi", "memory", "cc");
}

/* What would block or print is changed so that it does not. */
static void tame(uint32_t *words)
{
    static const uint32_t soon[4] = {0, 1000, 0, 0};
    switch (words[0]) {
    case 4: /* write, writev, pwrite64, pwritev: nothing to the console */
    case 146:
    case 181:
    case 334:
    case 378:
    case 3: /* read and readv: nothing from it */
    case 145:
        if (words[1] < 3)
            words[1] += 100;
        break;
    case 240: /* futex: a time limit */
    case 422:
        words[4] = (uint32_t)soon;
        break;
    case 97: /* setpriority, sched_set*, prlimit64: not the parent's */
        words[2] = 0;
        words[1] &= ~3u;
        break;
    case 154:
    case 156:
    case 241:
    case 340:
    case 351:
        words[1] = 0;
        break;
    }
}

/* Now and then the buffer holds structures of hostile words. */
static void spoil_buffer(void)
{
    uint32_t *words = (uint32_t *)(void *)(buffer + any(7) * PAGE);
    for (uint32_t i = 0; i < 64; i++)
        words[i] = hostile();
}

static uint32_t number(void)
{
    for (;;) {
        uint32_t chosen =
            any(2) ? favourites[any(sizeof(favourites) / 2)] : any(451);
        if (any(40) == 0)
            chosen = any(2) ? any(0) : with_path[any(3)];
        if (is_in(with_path, 3, chosen) ||
            !is_in(left_out, sizeof(left_out) / 2, chosen))
            return chosen;
    }
}

static void child(uint32_t seed)
{
    state = seed;
    for (int i = 0; i < CALLS; i++) {
        uint32_t words[7] = {number()};
        if (any(4) == 0)
            spoil_buffer();
        for (int j = 1; j < 7; j++)
            words[j] = hostile();
        tame(words);
        raw(words);
    }
    uint32_t end[7] = {252, 0};
    raw(end);
}

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

/* Waits for a child; one that hangs for four seconds is killed. */
static int reap(pid_t pid)
{
    int64_t limit = now_ms() + 4000;
    int status = 0;
    for (;;) {
        pid_t got = waitpid(pid, &status, WNOHANG);
        if (got == pid)
            return 1;
        if (got < 0)
            return 0;
        if (now_ms() > limit) {
            if (kill(pid, SIGKILL))
                return 0;
            return waitpid(pid, &status, 0) == pid;
        }
        sched_yield();
    }
}

static int well(void *argument)
{
    char *fresh = memory(16, RW);
    (void)argument;
    fill(fresh, 16, 1);
    return holds(fresh, 16, 1) ? 42 : 1;
}

int main(int argc, char **argv)
{
    uint32_t seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 20021107;
    uint32_t children = argc > 2 ? (uint32_t)atoi(argv[2]) : 200;
    pid_t running[SLOTS] = {0};
    if (CALL(QUERY, 0, 0, 0, 0) == (unsigned long)-ENOSYS) {
        printf("not on Quartet: it would do harm here\n");
        return 2;
    }
    printf("seed %u, %u children\n", seed, children);
    fflush(stdout);
    page_end = island(1, RW) + PAGE;
    read_only = island(2, PROT_READ);
    for (uint32_t i = 0; i < children; i++) {
        pid_t *slot = &running[i % SLOTS];
        if (*slot > 0 && !reap(*slot))
            printf("a child hangs and cannot be killed\n");
        *slot = fork();
        if (*slot == 0)
            child((seed + i) * 2654435761u | 1);
        if (*slot < 0)
            printf("no child: %s\n", error_name(errno));
    }
    for (int i = 0; i < SLOTS; i++)
        if (running[i] > 0)
            reap(running[i]);
    int status = in_child(well, NULL);
    int survived = WIFEXITED(status) && WEXITSTATUS(status) == 42;
    if (survived)
        printf("survived\n");
    else
        printf("afterwards a child does not work: %s\n", status_name(status));
    fflush(stdout);
    return survived ? 0 : 1; /* no oracle: the status is what is judged */
}
