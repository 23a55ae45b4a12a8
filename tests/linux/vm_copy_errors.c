/* SPDX-License-Identifier: MIT */
/*
 * What process_vm_readv and process_vm_writev refuse, and which of two reasons
 * comes first: flags, our vector, the other's vector, the number, memory. Where
 * either side has no bytes the other one is not looked at.
 *
 * run: tier=quick
 */
#include "oracle.h"
#include <sys/uio.h>

#define NOBODY 0x3ffffff

static char bytes[64];
static struct iovec good = {bytes, 8}, empty = {bytes, 0};
static struct iovec negative = {bytes, 0x80000000u}, wild = {BAD, 8};
static struct iovec many[1025];

static long both(const char *what, long pid, void *local, long locals,
                 void *remote, long remotes, long flags)
{
    char text[16];
    long read =
        call(__NR_process_vm_readv, pid, local, locals, remote, remotes, flags);
    long write = call(__NR_process_vm_writev, pid, local, locals, remote,
                      remotes, flags);

    say("%s: %s%s", what, result_text(read, text),
        read == write ? "" : ", and writing is another");
    return read;
}

static void arguments(long pid)
{
    struct iovec then_negative[] = {good, negative};
    struct iovec then_wild[] = {good, wild, good};

    both("good", pid, &good, 1, &good, 1, 0);
    both("flags 1", pid, &good, 1, &good, 1, 1);
    both("flags 1, all else bad", NOBODY, BAD, 2000, BAD, 2000, 1);
    both("our count 1025", pid, many, 1025, &good, 1, 0);
    both("our count -1", pid, many, -1, &good, 1, 0);
    both("our vector bad", pid, BAD, 1, &good, 1, 0);
    both("our vector bad, 1025", pid, BAD, 1025, &good, 1, 0);
    both("our vector bad, of 0", pid, BAD, 0, &good, 1, 0);
    both("our vector bad, theirs too", pid, BAD, 1, BAD, 1025, 0);
    both("our length negative", pid, &negative, 1, &good, 1, 0);
    both("our second negative", pid, then_negative, 2, &good, 1, 0);
    both("ours negative, theirs bad", pid, &negative, 1, BAD, 1, 0);
    both("ours empty", pid, &empty, 1, &good, 1, 0);
    both("ours empty, theirs bad", pid, &empty, 1, BAD, 1, 0);
    both("ours empty, theirs 1025", pid, &empty, 1, many, 1025, 0);
    both("ours empty, nobody", NOBODY, &empty, 1, &good, 1, 0);
    both("their count 1025", pid, &good, 1, many, 1025, 0);
    both("their count -1", pid, &good, 1, many, -1, 0);
    both("their vector bad", pid, &good, 1, BAD, 1, 0);
    both("their vector bad, of 0", pid, &good, 1, BAD, 0, 0);
    both("their length negative", pid, &good, 1, &negative, 1, 0);
    both("their second negative", pid, &good, 1, then_negative, 2, 0);
    both("theirs empty", pid, &good, 1, &empty, 1, 0);
    both("theirs empty, nobody", NOBODY, &good, 1, &empty, 1, 0);
    both("theirs 1024 empty, nobody", NOBODY, &good, 1, many, 1024, 0);
    both("their vector bad, nobody", NOBODY, &good, 1, BAD, 1, 0);
    both("their memory bad", pid, &good, 1, &wild, 1, 0);
    both("our memory bad", pid, &wild, 1, &good, 1, 0);
    both("their second segment bad", pid, many, 0, then_wild, 3, 0);
    struct iovec more = {bytes + 16, 24};
    both("their second segment bad", pid, &more, 1, then_wild, 3, 0);
    both("our second segment bad", pid, then_wild, 3, &more, 1, 0);
}

/* A vector that ends, and a vector that crosses, where memory ends. */
static void vector_at_the_end(long pid)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct iovec *last = (struct iovec *)(void *)(page + 4096) - 2;

    munmap(page + 4096, 4096);
    last[0] = good;
    last[1] = good;
    both("two of ours at the end", pid, last, 2, &good, 1, 0);
    both("three of ours, one beyond it", pid, last, 3, &good, 1, 0);
    both("two of theirs at the end", pid, &good, 1, last, 2, 0);
    both("three of theirs, one beyond it", pid, &good, 1, last, 3, 0);
    last[0] = negative;
    both("a negative one before it", pid, last, 3, &good, 1, 0);
    last[0] = good;
    last[1] = negative;
    both("a negative one at the end", pid, &good, 1, last, 3, 0);
}

static void numbers(void)
{
    both("number 0", 0, &good, 1, &good, 1, 0);
    both("number -1", -1, &good, 1, &good, 1, 0);
    both("number -2", -2, &good, 1, &good, 1, 0);
    both("nobody's number", NOBODY, &good, 1, &good, 1, 0);
    both("nobody, our memory bad", NOBODY, &wild, 1, &good, 1, 0);
    long child = call(__NR_fork);
    if (child == 0)
        call(__NR_exit_group, 3);
    siginfo_t info;
    while (call(__NR_waitid, P_PID, child, &info, WEXITED | WNOWAIT, NULL))
        ;
    both("a zombie", child, &good, 1, &good, 1, 0);
    both("a zombie, their memory bad", child, &good, 1, &wild, 1, 0);
    say_status("it ends", wait_for(child));
    both("when it was waited for", child, &good, 1, &good, 1, 0);
}

static volatile int *step;

static int outlive(void *unused)
{
    (void)unused;
    *step = 1;
    wait_until(step, 2);
    call(__NR_exit_group, 4);
    return 0;
}

/* Its leader has ended, another thread lives. */
static void ended_leader(void)
{
    const int thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                       CLONE_THREAD | CLONE_SYSVSEM;
    long child = call(__NR_fork);

    if (child == 0) {
        step[1] = (int)start_task(thread, outlive, NULL);
        call(__NR_exit, 0);
    }
    wait_until(step, 1);
    sleep_ms(50);
    both("a leader that has ended", child, &good, 1, &good, 1, 0);
    both("its thread that has not", step[1], &good, 1, &good, 1, 0);
    *step = 2;
    say_status("it ends", wait_for(child));
}

/* A stack does not grow for somebody else. */
static void below_the_stack(void)
{
    char here[64], *stack = (char *)((uintptr_t)here & ~4095u) - 256 * 1024;
    struct iovec below = {stack, 8};
    struct rlimit limit = {8 << 20, 8 << 20};
    char *unused =
        mmap(stack, 4096, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    setrlimit(RLIMIT_STACK, &limit);
    check("nothing is there", unused == stack);
    munmap(unused, 4096);
    both("below the stack", call(__NR_getpid), &good, 1, &below, 1, 0);
}

int main(void)
{
    long child = call(__NR_fork);

    step = shared_page();
    if (child == 0)
        for (;;)
            call(__NR_pause);
    say("--- ourselves");
    arguments(call(__NR_getpid));
    vector_at_the_end(call(__NR_getpid));
    say("--- a child");
    arguments(child);
    call(__NR_kill, child, SIGKILL);
    say_status("the child", wait_for(child));
    numbers();
    ended_leader();
    below_the_stack();
    return 0;
}
