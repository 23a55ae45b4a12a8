/* SPDX-License-Identifier: MIT */
/*
 * Tests of the kernel's own alarms: each does one forbidden thing, and the
 * suite passes only if the machine stops with the right words. Those that only
 * debug builds notice exist only there.
 */
#include "kernel/call.h"
#include "kernel/cpu.h"
#include "kernel/list.h"
#include "kernel/main.h"
#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "kernel/timer.h"
#include "kernel/wait.h"
#include "machine/cpu.h"
#include "machine/paging.h"
#include "machine/time.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "mm/tlb.h"
#include "tests/kernel/mapping.h"
#include "tests/kernel/selftest.h"

static volatile uint32_t sink;

/* As good as never ending, and nothing the compiler could make a loop of. */
static __attribute__((noinline)) uint32_t recurse(volatile uint32_t *above)
{
    volatile uint32_t here[64];
    here[0] = *above + 1;
    if (here[0] == 0)
        return 0;
    return recurse(here) + here[0];
}

DEADLY_IN_MM(deadly_stack, "a kernel stack that overflows is reported")
{
    sink = recurse(&sink);
}

DEADLY_IN_MM(deadly_panic, "panic() prints and ends the machine")
{
    panic("asked for by a test");
}

DEADLY_SELFTEST(deadly_pointer, "the kernel follows a null pointer")
{
    static volatile uint32_t *volatile pointer;
    sink = pointer[2];
}

DEADLY_SELFTEST(deadly_user_page, "the kernel reads a user page directly")
{
    sink = *(volatile uint32_t *)0x08048000;
}

DEADLY_SELFTEST(deadly_text, "the kernel's text is written")
{
    *(volatile uint8_t *)(uintptr_t)kernel_main = 0x90;
}

DEADLY_SELFTEST(deadly_data, "data of the kernel is executed")
{
    static uint8_t code[] = {0xc3};
    void (*function)(void) = (void (*)(void))(uintptr_t)code;
    function();
}

DEADLY_IN_MM(deadly_hang, "a CPU spins with interrupts off for ever")
{
    interrupts_disable();
    for (;;)
        cpu_pause();
}

#ifdef DEBUG

DEADLY_SELFTEST(deadly_lock_order, "two locks are taken in the wrong order")
{
    static struct spinlock outer = SPINLOCK("outer", RANK_WAIT);
    static struct spinlock inner = SPINLOCK("inner", RANK_FRAME);
    spin_lock(&inner);
    spin_lock(&outer);
    spin_unlock(&outer);
    spin_unlock(&inner);
}

DEADLY_SELFTEST(deadly_lock_hang, "a CPU waits for a lock that it holds")
{
    /* Two of them, so that the order is right but a release never comes. */
    static struct spinlock held = SPINLOCK("held for ever", RANK_WAIT);
    static struct spinlock asked = SPINLOCK("asked for", RANK_FRAME);
    asked.held = 1;
    spin_lock(&held);
    spin_lock(&asked);
    spin_unlock(&asked);
    spin_unlock(&held);
}

static struct slab_cache cache = SLAB_CACHE("victims", 40, 8);

DEADLY_SELFTEST(deadly_free_twice, "an object is freed twice")
{
    void *object = slab_alloc(&cache);
    slab_free(&cache, object);
    slab_free(&cache, object);
}

DEADLY_SELFTEST(deadly_red_zone, "an object is written behind its end")
{
    volatile uint8_t *object = slab_alloc(&cache);
    object[40] = 1;
    slab_free(&cache, (void *)object);
}

DEADLY_SELFTEST(deadly_freed_object, "a freed object is written")
{
    volatile uint32_t *object = slab_alloc(&cache);
    slab_free(&cache, (void *)object);
    object[2] = 1;
    (void)slab_alloc(&cache);
}

DEADLY_SELFTEST(deadly_freed_frame, "a freed frame is written")
{
    struct frame *frame = frame_alloc(FRAME_ANY);
    volatile uint32_t *page = kmap(frame);
    frame_put(frame);
    page[100] = 1;
    kunmap((void *)page);
    (void)frame_alloc(FRAME_ANY);
}

static void borrow(void *mm)
{
    mm_activate(mm);
}

/* An MM that all other CPUs have loaded, with a page. */
static struct mm *make_mm(uint32_t page)
{
    struct mm *mm = mm_create();
    cpu_mask others = cpus_online & ~this_cpu()->bit;
    if (map_pages(mm, page, page + PAGE_SIZE, AREA_WRITE) ||
        mm_fault(mm, page, AREA_WRITE))
        return NULL;
    call_cpus(others, borrow, mm);
    return mm;
}

DEADLY_SELFTEST(deadly_unflushed, "a frame is freed before its flush")
{
    struct tlb_gather gather;
    struct mm *mm = make_mm(0x123000);
    struct frame *frame = page_remove(&mm->tables, 0x123000).frame;
    tlb_gather_start(&gather, mm);
    tlb_gather(&gather, 0x123000, frame);
    frame_put(frame);
}

static void flush_only_here(const struct flush_request *request)
{
    uint32_t interrupts = interrupts_save();
    tlb_flush_here(request);
    interrupts_restore(interrupts);
}

DEADLY_SELFTEST(deadly_skipped_cpu, "a flush leaves out a CPU")
{
    static const struct shootdown broken = {"broken", flush_only_here};
    struct mm *mm = make_mm(0x123000);
    shootdown = &broken;
    (void)unmap_pages(mm, 0x123000, 0x124000);
}

/*
 * Where kernel stacks belong to the MM, what others are to follow may not lie
 * on them: a request, a timer, a queue, a lock, a member of a list.
 */
static void answer(void *argument)
{
    sink = *(volatile uint32_t *)argument;
}

DEADLY_IN_MM(deadly_shared_call, "other CPUs are asked by a stack's address")
{
    uint32_t request = 0;
    call_cpus(cpus_online, answer, &request);
}

static void ring(struct timer *timer)
{
    (void)timer;
}

DEADLY_IN_MM(deadly_shared_timer, "a timer on a stack is started")
{
    struct timer timer = {.queued = false};
    timer_start(&timer, clock_ns(), ring);
    timer_cancel(&timer);
}

DEADLY_IN_MM(deadly_shared_queue, "a task waits in a queue on its stack")
{
    struct wait_queue queue = WAIT_QUEUE("on a stack");
    wait_join(&queue);
    wait_leave(&queue);
}

DEADLY_IN_MM(deadly_shared_mutex, "a mutex on a stack is taken")
{
    struct mutex mutex = MUTEX("on a stack", MUTEX_MM);
    mutex_lock(&mutex);
    mutex_unlock(&mutex);
}

DEADLY_IN_MM(deadly_shared_lock, "a spin lock on a stack is taken")
{
    struct spinlock lock = SPINLOCK("on a stack", RANK_WAIT);
    spin_lock(&lock);
    spin_unlock(&lock);
}

DEADLY_IN_MM(deadly_shared_list, "a list gets a member that is on a stack")
{
    struct item {
        LINKS(item) links;
    } item, *all = NULL;
    list_add(&all, &item, links);
    list_remove(&all, &item, links);
}

DEADLY_SELFTEST(deadly_undefined, "a shift that C does not define")
{
    sink = 1u << (sink | 32);
}

#endif
