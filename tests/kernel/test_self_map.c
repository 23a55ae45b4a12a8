/* SPDX-License-Identifier: MIT */
/*
 * The self map: what it shows is what the tables hold, for all that an MM maps
 * and wherever its tables lie; and when a table is taken out no CPU can look at
 * it any more, by the address under which it was seen. A policy that flushes
 * what the table mapped and forgets that second address is caught.
 */
#include "arch/i386/paging.h"
#include "arch/i386/self_map.h"
#include "kernel/call.h"
#include "mm/tlb.h"
#include "tests/kernel/script.h"

#define MOVES (PTE_ACCESSED | PTE_DIRTY) /* the walkers set them meanwhile */

static bool same(pte_t shown, const pte_t *entry)
{
    return !((shown ^ pte_read(entry)) & ~MOVES);
}

/* Whether the table that `pde` names is seen where the self map shows it. */
static bool table_is_same(uint32_t address, pte_t pde)
{
    bool ok = true;
    pte_t *table = kmap(frame_at(pde & PTE_ADDRESS));
    for (uint32_t i = 0; i < ENTRIES && ok; i++)
        ok = same(pte_read(self_pte(address + i * PAGE_SIZE)), &table[i]);
    kunmap(table);
    return ok;
}

/* All directories and tables of the current MM; how many tables there are. */
static bool all_is_same(const struct page_tables *tables, uint32_t *count)
{
    bool ok = true;
    *count = 0;
    for (uint32_t at = 0; ok && at < USER_END; at += LARGE_PAGE) {
        pte_t pde = pte_read(self_pde(at));
        pte_t *entry = pt_kmap.reach_pde(tables, at);
        ok = same(pde, entry) && !(pde & (PTE_GLOBAL | PTE_LARGE));
        kunmap(entry);
        if (!pde)
            continue;
        ++*count;
        ok = ok && table_is_same(at, pde);
    }
    for (uint32_t q = 0; ok && q < DIRECTORIES; q++)
        ok = table_is_same(SELF_MAP + q * LARGE_PAGE, tables->root[q]);
    return ok;
}

/* Pages here and there in all quarters; some tables go away again. */
static bool furnish(struct mm *mm)
{
    uint32_t random = 0x5e1f;
    bool ok = true;
    for (uint32_t i = 0; i < 300 && ok; i++) {
        uint32_t page = fuzz_random(&random) % (USER_END - USER_START);
        page = round_down(page, PAGE_SIZE) + USER_START;
        if (i % 3)
            page &= ~0x1ffff000u; /* neighbours, and few tables */
        if (page < USER_START || map_pages(mm, page, page + PAGE_SIZE,
                                           i % 2 ? AREA_WRITE : AREA_READ))
            continue;
        ok &= mm_fault(mm, page, i % 2 ? AREA_WRITE : 0) == 0;
        uint32_t gone = page & ~(LARGE_PAGE - 1);
        if (i % 5 == 0 && gone >= USER_START)
            ok &= unmap_pages(mm, gone, gone + LARGE_PAGE) == 0;
    }
    return ok;
}

SELFTEST(self_map_same, "the self map shows what the tables hold")
{
    uint32_t count = 0, high = 0;
    script.mm = mm_create();
    CHECK(script.mm);
    const struct page_tables *tables = &script.mm->tables;
    bool ok = furnish(script.mm);
    enter_mm();
    ok &= all_is_same(tables, &count) && count == tables->tables;
    ok &= furnish(script.mm); /* the same, by the tables that are current */
    ok &= all_is_same(tables, &count) && count == tables->tables;
    for (uint32_t at = 0; at < USER_END; at += LARGE_PAGE)
        high += pte_read(self_pde(at)) >> 32 != 0;
    leave_mm();
    mm_leave(script.mm);
    log_info("self_map_same: %u tables, %u of them above 4 GiB", count, high);
    CHECK(ok && count > 50);
}

SELFTEST(self_map_moves, "reads and writes are marked in what it shows")
{
    const uint32_t page = 0x40255000;
    script.mm = mm_create();
    CHECK(script.mm);
    bool ok = map_pages(script.mm, page, page + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mm_fault(script.mm, page, AREA_WRITE) == 0;
    enter_mm();
    if (ok) {
        ok = !(*self_pte(page) & MOVES) && see(page) == 0;
        ok &= (*self_pte(page) & MOVES) == PTE_ACCESSED;
        ok &= write_word(page, 5) && (*self_pte(page) & MOVES) == MOVES;
    }
    leave_mm();
    mm_leave(script.mm);
    CHECK(ok);
}

/*
 * The table of this address is seen at a page whose number's low bits no page
 * of the kernel's image or stacks shares: an emulator's TLB keeps it. It lies
 * near the end of what the table maps: few pages are flushed for it alone.
 */
#define PLACE   0x2abf5000u
#define FOREIGN 0x77 /* what its frame holds once it is none any more */

static struct frame *table_of(const struct page_tables *tables)
{
    pte_t *pde = pt_kmap.reach_pde(tables, PLACE);
    struct frame *table = frame_at(*pde & PTE_ADDRESS);
    kunmap(pde);
    return table;
}

static void mark_table(struct frame *table, pte_t value)
{
    pte_t *entries = kmap(table);
    entries[table_index(PLACE)] = value;
    kunmap(entries);
}

static uint32_t seen[2]; /* the table's entry, the page itself */
static bool over;

static void act(uint32_t index)
{
    be_on(index + 1);
    enter_mm();
    for (uint32_t nth = 1;; nth++) {
        await_cue(index, nth);
        if (over)
            break;
        seen[0] = see((uintptr_t)self_pte(PLACE));
        seen[1] = see(PLACE);
        is_done(index);
    }
    leave_mm();
}

static bool actor_looks(void)
{
    uint32_t before = atomic_get(&script.done[0]);
    give_cue(0);
    return comes_done(0, before + 1);
}

/* Actor 0 looks at a table; it is taken out; what it sees then, in seen[]. */
static bool take_table_out(const struct shootdown *by, bool inside)
{
    const uint32_t start = round_down(PLACE, LARGE_PAGE);
    over = false;
    script.mm = mm_create();
    bool ok = script.mm;
    ok = ok && map_pages(script.mm, PLACE, PLACE + PAGE_SIZE, AREA_WRITE) == 0;
    ok = ok && mark_page(script.mm, PLACE, 1) == 0 && play(1, act);
    if (ok) {
        struct mapping m = page_lookup(&script.mm->tables, PLACE);
        uint32_t low = (uint32_t)pte_make(frame_number(m.frame), m.flags);
        ok &= actor_looks() && (seen[0] & ~MOVES) == (low & ~MOVES);
        ok &= seen[1] == 1;
        struct frame *table = table_of(&script.mm->tables);
        frame_get(table);
        if (inside)
            enter_mm();
        shootdown = by;
        ok &= unmap_pages(script.mm, start, start + LARGE_PAGE) == 0;
        shootdown = &shootdown_mask;
        mark_table(table, FOREIGN);
        ok &= script.mm->tables.tables == 0 && actor_looks();
        mark_table(table, 0); /* it may be kept for reuse, as empty */
        if (inside)
            leave_mm();
        over = true;
        give_cue(0);
        ok &= crew_join();
        frame_put(table);
    }
    if (script.mm)
        mm_leave(script.mm);
    return ok;
}

SELFTEST(self_map_alias, "a table that was taken out is out of every TLB")
{
    if (!can_play("self_map_alias", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = take_table_out(&shootdown_mask, false);
    ok &= seen[0] == 0 && seen[1] == 0;
    ok &= take_table_out(&shootdown_mask, true);
    ok &= seen[0] == 0 && seen[1] == 0;
    task_set_affinity(0, before);
    CHECK(ok);
}

/* As an MM without a self map would do. */
static void flush_pages(void *argument)
{
    const struct flush_request *request = argument;
    tlb_flush_local_page(PLACE);
    for (uint32_t at = request->start; at < request->end; at += PAGE_SIZE)
        tlb_flush_local_page(at);
    if (this_cpu()->mm == request->mm)
        this_cpu()->tlb_generation = request->generation;
}

static void flush_range_only(const struct flush_request *request)
{
    static struct flush_request copy;
    copy = *request;
    if (request->mm == script.mm)
        call_cpus(request->mm->cpus, flush_pages, &copy);
    else
        shootdown_mask.flush(request);
}

SELFTEST(self_map_broken, "a flush that forgets the table's alias is caught")
{
    static const struct shootdown broken = {"range", flush_range_only};
    if (!can_play("self_map_broken", 1))
        return;
    cpu_mask before = stay_on(0);
    bool ok = take_table_out(&broken, false);
    task_set_affinity(0, before);
    CHECK(ok && seen[0] == FOREIGN && seen[1] == 0);
}
