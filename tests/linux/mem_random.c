/* SPDX-License-Identifier: MIT */
/*
 * A random sequence of mmap, munmap, mprotect, mremap, madvise, fork and
 * touches against a model that has four facts of each page: is it mapped and
 * shared, its rights, its first word, does it go to a child. Every result and
 * every touch is predicted, faults too. Four threads work at once, each in an
 * arena of its own (two of them across a GiB border), and so do the children
 * they fork, while the parents go on. Arguments: seed, steps a thread.
 */
#include "linux.h"
#include <pthread.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define THREADS 4
#define PAGES   64u
#define STACK   (8u << 20) /* what the kernel writes: the soft stack limit */

enum kind { HOLE, PRIVATE, SHARED };

struct page {
    enum kind kind;
    int prot;
    uint32_t value;
    int stays; /* does not go to a child */
};

struct arena {
    char *base;
    struct page page[PAGES];
    uint32_t random, steps;
    int thread, depth;
    int calm;       /* a child lives: what it shares must not change */
    char wrong[96]; /* the first difference, or empty */
};

static struct arena arenas[THREADS];
static uint32_t steps_wanted = 3000;
static volatile int go;

static void run(struct arena *arena, uint32_t steps);

static uint32_t any(struct arena *arena, uint32_t below)
{
    arena->random ^= arena->random << 13;
    arena->random ^= arena->random >> 17;
    arena->random ^= arena->random << 5;
    return (arena->random >> 8) % below;
}

static void expect(struct arena *arena, const char *what, uint32_t page,
                   const char *predicted, const char *got)
{
    if (strcmp(predicted, got) && !arena->wrong[0])
        snprintf(arena->wrong, sizeof(arena->wrong),
                 "thread %d depth %d step %u: %s, page %u: %s, not %s",
                 arena->thread, arena->depth, arena->steps, what, page, got,
                 predicted);
}

/* --- touches --- */

static const char *predict(struct page *page, int right)
{
    if (page->kind == HOLE)
        return fault_name(1);
    return page->prot & right ? fault_name(0) : fault_name(2);
}

static void look(struct arena *arena, uint32_t i)
{
    uint32_t value = arena->page[i].value;
    int fault = probe_read(word(arena->base, i), &value);
    expect(arena, "read", i, predict(&arena->page[i], PROT_READ),
           fault_name(fault));
    if (!fault)
        expect(arena, "value", i, "kept",
               value == arena->page[i].value ? "kept" : "another");
}

/* What a child shares stands still, so that both know what is in it. */
static int may_write(struct arena *arena, uint32_t i)
{
    return arena->page[i].kind != SHARED || (!arena->calm && !arena->depth);
}

static void put(struct arena *arena, uint32_t i)
{
    uint32_t value = any(arena, 1u << 24) + 1;
    if (!may_write(arena, i))
        return;
    int fault = probe_write(word(arena->base, i), value);
    expect(arena, "write", i, predict(&arena->page[i], PROT_WRITE),
           fault_name(fault));
    if (!fault)
        arena->page[i].value = value;
}

static void kernel_puts(struct arena *arena, uint32_t i)
{
    if (!may_write(arena, i))
        return;
    unsigned long got =
        CALL(SYS_ugetrlimit, RLIMIT_STACK, word(arena->base, i));
    int can = arena->page[i].kind && arena->page[i].prot & PROT_WRITE;
    expect(arena, "the kernel's write", i, can ? "ok" : "EFAULT", outcome(got));
    if (can)
        arena->page[i].value = STACK;
}

static void kernel_looks(struct arena *arena, uint32_t i)
{
    unsigned long got =
        CALL(SYS_rt_sigprocmask, 99, word(arena->base, i), NULL, 8);
    int can = arena->page[i].kind && arena->page[i].prot & PROT_READ;
    expect(arena, "the kernel's read", i, can ? "EINVAL" : "EFAULT",
           outcome(got));
}

static void look_at_all(struct arena *arena)
{
    for (uint32_t i = 0; i < PAGES && !arena->wrong[0]; i++)
        look(arena, i);
}

/* --- calls on a range of pages --- */

static const int rights[] = {PROT_NONE, PROT_READ, RW,
                             RW,        RW,        PROT_READ | PROT_EXEC};

static int holes(struct arena *arena, uint32_t first, uint32_t count)
{
    int found = 0;
    for (uint32_t i = first; i < first + count; i++)
        found += arena->page[i].kind == HOLE;
    return found;
}

static void set(struct arena *arena, uint32_t first, uint32_t count,
                struct page page)
{
    for (uint32_t i = first; i < first + count; i++)
        arena->page[i] = page;
}

static void do_map(struct arena *arena, uint32_t first, uint32_t count)
{
    int prot = rights[any(arena, 6)];
    enum kind kind = any(arena, 4) ? PRIVATE : SHARED;
    int flags = MAP_ANONYMOUS | (kind == SHARED ? MAP_SHARED : MAP_PRIVATE);
    int keep = any(arena, 3) == 0;
    flags |= keep ? MAP_FIXED_NOREPLACE : MAP_FIXED;
    if (any(arena, 4) == 0)
        flags |= MAP_POPULATE;
    int full = keep && holes(arena, first, count) != (int)count;
    unsigned long got =
        map(arena->base + first * PAGE, count * PAGE, prot, flags, -1, 0);
    expect(arena, "mmap", first, full ? "EEXIST" : "ok", outcome(got));
    if (!full)
        set(arena, first, count, (struct page){kind, prot, 0, 0});
}

static void do_unmap(struct arena *arena, uint32_t first, uint32_t count)
{
    unsigned long got =
        CALL(SYS_munmap, arena->base + first * PAGE, count * PAGE);
    expect(arena, "munmap", first, "ok", outcome(got));
    set(arena, first, count, (struct page){HOLE, 0, 0, 0});
}

static void do_protect(struct arena *arena, uint32_t first, uint32_t count)
{
    int prot = rights[any(arena, 6)];
    int hole = holes(arena, first, count);
    unsigned long got =
        CALL(SYS_mprotect, arena->base + first * PAGE, count * PAGE, prot);
    expect(arena, "mprotect", first, hole ? "ENOMEM" : "ok", outcome(got));
    for (uint32_t i = first; i < first + count && arena->page[i].kind; i++)
        arena->page[i].prot = prot;
}

static void do_advise(struct arena *arena, uint32_t first, uint32_t count)
{
    static const int advice[] = {MADV_DONTNEED, MADV_DONTFORK, MADV_DOFORK,
                                 MADV_WILLNEED, MADV_DONTNEED};
    int chosen = advice[any(arena, 5)];
    if (chosen == MADV_WILLNEED && holes(arena, first, count))
        chosen = MADV_NORMAL; /* what WILLNEED says of a hole differs */
    unsigned long got =
        CALL(SYS_madvise, arena->base + first * PAGE, count * PAGE, chosen);
    expect(arena, "madvise", first,
           holes(arena, first, count) ? "ENOMEM" : "ok", outcome(got));
    for (uint32_t i = first; i < first + count; i++) {
        struct page *page = &arena->page[i];
        if (chosen == MADV_DONTNEED && page->kind == PRIVATE)
            page->value = 0;
        if (chosen == MADV_DONTFORK || chosen == MADV_DOFORK)
            page->stays = page->kind && chosen == MADV_DONTFORK;
    }
}

/* A page moves to another place, where it may grow; or a range shrinks. */
static void do_remap(struct arena *arena, uint32_t first, uint32_t count)
{
    struct page *from = &arena->page[first];
    char *old = arena->base + first * PAGE;
    if (from->kind == HOLE)
        return;
    if (any(arena, 3) == 0) {
        unsigned long got = CALL(SYS_mremap, old, count * PAGE, PAGE, 0);
        expect(arena, "mremap to shrink", first, "ok", outcome(got));
        set(arena, first + 1, count - 1, (struct page){HOLE, 0, 0, 0});
        return;
    }
    uint32_t size = from->kind == PRIVATE ? 1 + any(arena, 4) : 1;
    uint32_t to = any(arena, PAGES - size + 1);
    if (to <= first && first < to + size)
        return;
    unsigned long got =
        CALL(SYS_mremap, old, PAGE, size * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
             arena->base + to * PAGE);
    expect(arena, "mremap to move", first, "ok", outcome(got));
    struct page grown = *from;
    grown.value = 0;
    struct page moved = *from;
    set(arena, to, size, grown);
    arena->page[to] = moved;
    *from = (struct page){HOLE, 0, 0, 0};
}

static void do_mincore(struct arena *arena, uint32_t first, uint32_t count)
{
    unsigned char vector[PAGES];
    unsigned long got =
        CALL(SYS_mincore, arena->base + first * PAGE, count * PAGE, vector);
    expect(arena, "mincore", first,
           holes(arena, first, count) ? "ENOMEM" : "ok", outcome(got));
}

/* --- steps, threads and children --- */

static int child(struct arena *arena)
{
    arena->depth++;
    arena->random = arena->random * 2654435761u + 12345;
    if (!arena->random)
        arena->random = 1;
    for (uint32_t i = 0; i < PAGES; i++)
        if (arena->page[i].stays)
            arena->page[i] = (struct page){HOLE, 0, 0, 0};
    look_at_all(arena);
    run(arena, 60);
    if (arena->wrong[0])
        dprintf(1, "%s\n", arena->wrong);
    return arena->wrong[0] ? 1 : 0;
}

static void do_fork(struct arena *arena)
{
    int status = -1, calm = arena->calm;
    if (arena->depth == 2 || calm)
        return;
    pid_t pid = fork();
    if (pid == 0)
        _exit(child(arena));
    arena->calm = 1;
    run(arena, 40);
    waitpid(pid, &status, 0);
    arena->calm = calm;
    expect(arena, "the child", 0, "exit 0", status == 0 ? "exit 0" : "not");
    look_at_all(arena);
}

static void step(struct arena *arena)
{
    uint32_t first = any(arena, PAGES);
    uint32_t most = any(arena, 6) ? 8 : PAGES;
    uint32_t count = 1 + any(arena, most);
    if (count > PAGES - first)
        count = PAGES - first;
    arena->steps++;
    switch (any(arena, 16)) {
    case 0:
        return do_map(arena, first, count);
    case 1:
        return any(arena, 2) ? do_unmap(arena, first, count)
                             : do_map(arena, first, count);
    case 2:
    case 3:
        return do_protect(arena, first, count);
    case 4:
        return do_advise(arena, first, count);
    case 5:
        return do_remap(arena, first, count);
    case 6:
        return do_mincore(arena, first, count);
    case 7:
        return kernel_puts(arena, first);
    case 8:
        return kernel_looks(arena, first);
    case 9:
        return any(arena, 8) ? put(arena, first) : do_fork(arena);
    case 10:
    case 11:
    case 12:
        return look(arena, first);
    default:
        return put(arena, first);
    }
}

static void run(struct arena *arena, uint32_t steps)
{
    for (uint32_t i = 0; i < steps && !arena->wrong[0]; i++) {
        step(arena);
        if (i % 32 == 31)
            look_at_all(arena);
    }
}

static void *thread(void *argument)
{
    struct arena *arena = argument;
    while (!go)
        sched_yield();
    run(arena, steps_wanted);
    look_at_all(arena);
    return NULL;
}

int main(int argc, char **argv)
{
    static const uint32_t places[THREADS] = {0x3ffe0000, 0x7ffe0000, 0x30000000,
                                             0x50000000};
    pthread_t threads[THREADS];
    uint32_t seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 20021107;
    if (argc > 2)
        steps_wanted = (uint32_t)strtoul(argv[2], NULL, 0);
    struct rlimit limit;
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = STACK;
    setrlimit(RLIMIT_STACK, &limit);
    probes_begin();
    tell("seed %u, %u threads, %u steps each", seed, THREADS, steps_wanted);
    for (int t = 0; t < THREADS; t++) {
        struct arena *arena = &arenas[t];
        arena->base = (char *)places[t];
        arena->thread = t;
        arena->random = (seed + 1) * 2654435761u + 977 * t + 1;
        if (!arena->random)
            arena->random = 1;
        unsigned long place = map(arena->base, PAGES * PAGE, PROT_NONE,
                                  ANON | MAP_FIXED_NOREPLACE, -1, 0);
        if (place != (unsigned long)arena->base)
            tell("arena %d is not free: %s", t, outcome(place));
        do_unmap(arena, 0, PAGES);
        do_map(arena, 0, PAGES);
        if (pthread_create(&threads[t], NULL, thread, arena))
            return 1;
    }
    go = 1;
    int held = 1;
    for (int t = 0; t < THREADS; t++) {
        pthread_join(threads[t], NULL);
        if (arenas[t].wrong[0])
            tell("%s", arenas[t].wrong);
        held &= !arenas[t].wrong[0];
    }
    tell(held ? "model held" : "model broken");
    return finish();
}
