/* SPDX-License-Identifier: MIT */
/*
 * What other CPUs see of an MM: they load its root and read a page, which puts
 * it into their TLBs; then the page is unmapped and another frame is put in its
 * place. After mm_unmap() no CPU may see the old one: emulators keep a stale
 * entry just as hardware does. Also who is in an MM's mask of CPUs, and that
 * those who have only borrowed it leave when it is destroyed.
 *
 * The other CPUs are idle, so that a call to them may change their MM.
 */
#include "kernel/abi/errno.h"
#include "kernel/call.h"
#include "kernel/counters.h"
#include "kernel/log.h"
#include "machine/uaccess.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/mm.h"
#include "mm/tlb.h"
#include "tests/kernel/crew.h"
#include "tests/kernel/mapping.h"

/*
 * Emulators' TLBs are indexed by the page number's low bits: not those of the
 * kernel's image, stacks or tables, whose use would drop the stale entry.
 */
#define PLACE 0x40255000u

static struct {
    struct mm *mm;
    uint32_t address, value;
    uint32_t wrong; /* CPUs that saw something else; atomic */
} probe;

static void borrow(void *mm)
{
    mm_activate(mm);
}

/* The page is present: this does not fault. */
static void look(void *unused)
{
    uint32_t seen = 0;
    (void)unused;
    if (copy_from_user(&seen, user_ptr_at(probe.address), sizeof(seen)) ||
        seen != probe.value)
        atomic_add(&probe.wrong, 1);
}

/* Whether all CPUs in `cpus` read that value. */
static bool all_see(cpu_mask where, uint32_t value)
{
    probe.value = value;
    atomic_put(&probe.wrong, 0);
    call_cpus(where, look, NULL);
    return atomic_get(&probe.wrong) == 0;
}

/* Map a page with this value at its start; its frame, or NULL. */
static struct frame *map_value(uint32_t value)
{
    if (map_pages(probe.mm, probe.address, probe.address + PAGE_SIZE,
                  AREA_WRITE) ||
        mm_fault(probe.mm, probe.address, AREA_WRITE))
        return NULL;
    struct frame *frame = page_lookup(&probe.mm->tables, probe.address).frame;
    uint32_t *page = kmap(frame);
    page[0] = value;
    kunmap(page);
    return frame;
}

static bool unmap_and_map(cpu_mask others)
{
    struct frame *old = map_value(0xaaaa0001);
    bool ok = old && all_see(others, 0xaaaa0001);
    frame_get(old); /* so that the next one is another frame */
    ok &= unmap_pages(probe.mm, probe.address, probe.address + PAGE_SIZE) == 0;
    struct frame *new = map_value(0xbbbb0002);
    ok &= new &&new != old &&all_see(others, 0xbbbb0002);
    frame_put(old);
    ok &= unmap_pages(probe.mm, probe.address, probe.address + PAGE_SIZE) == 0;
    return ok;
}

/* All CPUs but the first have a new MM loaded; the current one is on that. */
static cpu_mask lend(struct mm *mm)
{
    cpu_mask others = cpus_online & ~this_cpu()->bit;
    probe.mm = mm;
    probe.address = PLACE;
    call_cpus(others, borrow, mm);
    return others;
}

SELFTEST(mm_tlb_unmap, "after an unmap no CPU sees the old page")
{
    cpu_mask before = stay_on(0);
    struct mm *mm = mm_create();
    CHECK(mm);
    cpu_mask others = lend(mm);
    bool mask = mm->cpus == others, ok = true;
    for (uint32_t i = 0; i < 10; i++) {
        probe.address = PLACE + i * PAGE_SIZE;
        ok &= unmap_and_map(others);
    }
    /* Those that do not have it are not asked. */
    uint64_t count = counter_read(COUNTER_shootdowns);
    call_cpus(others, borrow, NULL);
    mask &= mm->cpus == 0;
    ok &= map_value(1) != NULL;
    mm_leave(mm);
    uint64_t asked = counter_read(COUNTER_shootdowns) - count;
    task_set_affinity(0, before);
    CHECK(mask && ok && asked == 0);
}

#ifndef DEBUG /* debug builds panic first: deadly_skipped_cpu */

static const struct flush_request *
is_probed(const struct flush_request *request)
{
    if (request->mm == probe.mm)
        return request;
    shootdown_mask.flush(request);
    return NULL;
}

static void flush_nobody(const struct flush_request *request)
{
    (void)is_probed(request);
}

static void flush_self(const struct flush_request *request)
{
    if (is_probed(request)) {
        uint32_t interrupts = interrupts_save();
        tlb_flush_here(request);
        interrupts_restore(interrupts);
    }
}

static void flush_called(void *request)
{
    tlb_flush_here(request);
}

static void flush_all_but_last(const struct flush_request *request)
{
    static struct flush_request copy;
    if (!is_probed(request))
        return;
    copy = *request;
    call_cpus(request->mm->cpus & ~(1u << nth_cpu(cpus_running() - 1)),
              flush_called, &copy);
}

SELFTEST(mm_tlb_broken,
         "policies that leave out a CPU are caught by such tests")
{
    static const struct shootdown broken[] = {{"nobody", flush_nobody},
                                              {"self", flush_self},
                                              {"but last", flush_all_but_last}};
    if (cpus_running() == 1)
        return; /* nobody could see it */
    cpu_mask before = stay_on(0);
    struct mm *mm = mm_create();
    CHECK(mm);
    cpu_mask others = lend(mm);
    uint32_t caught = 0;
    for (uint32_t i = 0; i < ARRAY_LENGTH(broken); i++) {
        probe.address = PLACE + i * PAGE_SIZE;
        shootdown = &broken[i];
        caught += !unmap_and_map(others);
        shootdown = &shootdown_mask;
        if (!caught)
            break;
    }
    probe.address = PLACE + 100 * PAGE_SIZE;
    bool good = unmap_and_map(others);
    mm_leave(mm);
    task_set_affinity(0, before);
    CHECK(good);
    /* Bochs' CPUs do not keep an entry from one interrupt to the next. */
    if (!caught)
        log_info(
            "mm_tlb_broken: left out, no flush at all goes unnoticed here");
    else
        CHECK(caught == ARRAY_LENGTH(broken));
}

#endif

/* Larger than what is flushed page by page. */
SELFTEST(mm_tlb_many, "after an unmap of many pages no CPU sees an old one")
{
    const uint32_t pages = 80, bytes = pages * PAGE_SIZE;
    cpu_mask before = stay_on(0);
    struct mm *mm = mm_create();
    CHECK(mm);
    cpu_mask others = lend(mm);
    bool ok = true;
    for (uint32_t round = 1; round <= 2 && ok; round++) {
        ok &= map_pages(mm, PLACE, PLACE + bytes, AREA_WRITE) == 0;
        for (uint32_t i = 0; i < pages && ok; i++) {
            uint32_t value = round << 16 | i;
            struct source source = source_of_buffer(&value, sizeof(value));
            probe.address = PLACE + i * PAGE_SIZE;
            ok &= mm_load(mm, probe.address, &source, 0, sizeof(value)) == 0;
            ok &= all_see(others, value);
        }
        ok &= unmap_pages(mm, PLACE, PLACE + bytes) == 0;
    }
    mm_leave(mm);
    task_set_affinity(0, before);
    CHECK(ok);
}

SELFTEST(mm_tlb_borrowed, "who has borrowed an MM leaves when it is destroyed")
{
    struct cpu *cpu;
    cpu_mask before = stay_on(0);
    struct mm *mm = mm_create();
    CHECK(mm);
    cpu_mask others = lend(mm);
    bool ok = mm->cpus == others && map_value(1);
    for_each_cpu (cpu)
        ok &= (cpu->mm == mm) == !!(others & cpu->bit);
    mm_leave(mm);
    for_each_cpu (cpu)
        ok &= cpu->mm != mm;
    task_set_affinity(0, before);
    CHECK(ok);
}

SELFTEST(mm_tlb_dirty, "a page that a CPU reads or writes is marked so")
{
    struct mm *mm = mm_create(), *own = current_task()->mm;
    CHECK(mm);
    probe.mm = mm;
    probe.address = PLACE;
    bool ok = map_value(5) != NULL;
    struct mapping m = page_lookup(&mm->tables, PLACE);
    ok &= !(m.flags & (MAP_ACCESSED | MAP_DIRTY));
    uint32_t interrupts = interrupts_save(), value = 0;
    mm_activate(mm);
    ok &= !copy_from_user(&value, user_ptr_at(PLACE), 4) && value == 5;
    m = page_lookup(&mm->tables, PLACE);
    ok &= (m.flags & (MAP_ACCESSED | MAP_DIRTY)) == MAP_ACCESSED;
    ok &= !copy_to_user(user_ptr_at(PLACE + 4), &value, 4);
    m = page_lookup(&mm->tables, PLACE);
    ok &= m.flags & MAP_ACCESSED && m.flags & MAP_DIRTY;
    mm_activate(own);
    interrupts_restore(interrupts);
    mm_leave(mm);
    CHECK(ok);
}
