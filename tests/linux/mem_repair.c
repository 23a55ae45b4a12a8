/* SPDX-License-Identifier: MIT */
/*
 * SIGSEGV handlers that repair: they map the page that is missing or give the
 * right that is missing, return, and the instruction runs again. Programs do
 * this to learn which pages are written, and to fill memory when it is first
 * used. A system call that meets such a page gets EFAULT and no signal.
 */
#include "linux.h"
#include <pthread.h>

#define PAGES 64u

static char *arena;
static volatile uint32_t faults, filled[PAGES], wrong;
static volatile int prot_given;

static unsigned page_of(siginfo_t *info)
{
    uint32_t offset = (uint32_t)info->si_addr - (uint32_t)arena;
    if (offset < PAGES * PAGE)
        return offset / PAGE;
    static const char text[] = "a fault elsewhere\n";
    _exit(write(1, text, sizeof(text) - 1) < 0 ? 4 : 3);
}

/* Maps the page and writes its number into its first word. */
static void fill_in(int number, siginfo_t *info, void *context)
{
    unsigned page = page_of(info);
    (void)number, (void)context;
    __atomic_fetch_add(&faults, 1, __ATOMIC_SEQ_CST);
    if (info->si_code != SEGV_MAPERR)
        wrong++;
    /* Two threads may meet here; the second must not empty the page again. */
    if (__atomic_fetch_add(&filled[page], 1, __ATOMIC_SEQ_CST))
        return;
    unsigned long got =
        map(arena + page * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
    if (failed(got))
        wrong++;
}

static void give_right(int number, siginfo_t *info, void *context)
{
    unsigned page = page_of(info);
    (void)number, (void)context;
    faults++;
    filled[page]++;
    if (info->si_code != SEGV_ACCERR)
        wrong++;
    mprotect(arena + page * PAGE, PAGE, prot_given);
}

static void handle(void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, NULL);
    faults = wrong = 0;
    memset((void *)filled, 0, sizeof(filled));
}

static void on_demand(void)
{
    handle(fill_in);
    munmap(arena, PAGES * PAGE);
    for (unsigned i = 0; i < PAGES; i += 2)
        *(volatile uint32_t *)word(arena, i) += i;
    tell("filled when written: %u faults, %u wrong", faults, wrong);
    uint32_t sum = 0;
    for (unsigned i = 0; i < PAGES; i++)
        sum += *(volatile uint32_t *)word(arena, i);
    tell("filled when read: %u faults, sum %u", faults, sum);
    handle(fill_in);
    munmap(arena, PAGES * PAGE);
    memset(arena + 100, 'x', 10 * PAGE);
    tell("a string instruction or loop: %u faults", faults);
    check("  wrote everything", arena[100] == 'x' && arena[99] == 0 &&
                                    arena[10 * PAGE + 99] == 'x' &&
                                    arena[10 * PAGE + 100] == 0);
    handle(fill_in);
    munmap(arena, PAGES * PAGE);
    *(volatile uint32_t *)(void *)(arena + 5 * PAGE - 2) = 0x11223344;
    tell("a word across two pages: %u faults", faults);
    check("  is whole",
          *(volatile uint32_t *)(void *)(arena + 5 * PAGE - 2) == 0x11223344);
}

static void dirty_pages(void)
{
    mmap(arena, PAGES * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    fill(arena, PAGES, 9);
    handle(give_right);
    prot_given = RW;
    for (int turn = 0; turn < 20; turn++) {
        mprotect(arena, PAGES * PAGE, PROT_READ);
        for (unsigned i = turn; i < PAGES; i += 8) {
            *(volatile uint32_t *)word(arena, i) += 1;
            *(volatile uint32_t *)word(arena, i) += 1;
        }
    }
    tell("writes found by protection: %u faults, %u wrong", faults, wrong);
    uint32_t sum = 0;
    for (unsigned i = 0; i < PAGES; i++)
        sum += *word(arena, i) - 9 - i - 2 * filled[i];
    tell("  each page as often as it was written: %s", sum ? "no" : "yes");
    mprotect(arena, PAGES * PAGE, PROT_NONE);
    handle(give_right);
    prot_given = PROT_READ;
    uint32_t before = *(volatile uint32_t *)word(arena, 3);
    tell("a read gets the right to read: %u faults", faults);
    prot_given = RW;
    *(volatile uint32_t *)word(arena, 3) = before + 1;
    tell("a write then another: %u faults", faults);
}

static void by_call(void)
{
    handle(give_right);
    mprotect(arena, PAGES * PAGE, PROT_READ);
    prot_given = RW;
    int file = open("/proc/self/exe", O_RDONLY);
    report("read() into a protected page", CALL(SYS_read, file, arena, 100));
    tell("  no signal: %u faults", faults);
    arena[0] = 1;
    report("after a write repaired it", CALL(SYS_read, file, arena, 100));
    tell("  contents: %.3s", arena + 1);
    close(file);
}

static void *toucher(void *argument)
{
    uint32_t self = (uint32_t)argument;
    for (unsigned i = 0; i < PAGES; i++) {
        volatile uint32_t *place = word(arena, (i + 16 * self) % PAGES);
        while (!*place) { /* until the page that counts is there */
            if (filled[(i + 16 * self) % PAGES])
                __atomic_fetch_or(place, 1u << (8 * self), __ATOMIC_SEQ_CST);
        }
        __atomic_fetch_or(place, 1u << (8 * self), __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void in_threads(void)
{
    pthread_t threads[4];
    munmap(arena, PAGES * PAGE);
    handle(fill_in);
    for (uint32_t t = 0; t < 4; t++)
        pthread_create(&threads[t], NULL, toucher, (void *)t);
    for (uint32_t t = 0; t < 4; t++)
        pthread_join(threads[t], NULL);
    int good = 1;
    for (unsigned i = 0; i < PAGES; i++)
        good &= *word(arena, i) == 0x01010101;
    check("four threads fill the same pages", good && !wrong);
    check("  with a fault for each page at least", faults >= PAGES);
}

int main(void)
{
    arena = island(PAGES, RW);
    on_demand();
    dirty_pages();
    by_call();
    in_threads();
    return finish();
}
