/* SPDX-License-Identifier: MIT */
/*
 * Scripts for races: the test directs, on its CPU, and actors act, each on a
 * CPU of its own (a crew whose member i is on CPU i + 1), when they are given
 * their cue. Stop points hold them in between. An actor that waits for its cue
 * does not give way, so its CPU keeps the MM and what is in its TLB.
 */
#pragma once

#include "kernel/stop.h"
#include "machine/paging.h"
#include "machine/uaccess.h"
#include "mm/tlb.h"
#include "tests/kernel/crew.h"
#include "tests/kernel/mapping.h"

#define ACTORS 3

static struct {
    struct mm *mm;
    uint32_t cue[ACTORS], done[ACTORS]; /* atomic: how many so far */
} script;

/* An actor: wait for one's nth cue. */
static inline void await_cue(uint32_t actor, uint32_t nth)
{
    uint64_t give_up = clock_ns() + CREW_WAIT_NS;
    while (atomic_get(&script.cue[actor]) < nth && clock_ns() < give_up)
        cpu_pause();
}

static inline void is_done(uint32_t actor)
{
    atomic_add(&script.done[actor], 1);
}

/* The director. */
static inline void give_cue(uint32_t actor)
{
    atomic_add(&script.cue[actor], 1);
}

static inline bool comes_done(uint32_t actor, uint32_t times)
{
    return comes_true(atomic_get(&script.done[actor]) >= times);
}

/* Whether it does not come about while a CPU is held: given time to go wrong.
 */
static inline bool waits(uint32_t actor, uint32_t times)
{
    time_sleep_until(clock_ns() + 3000000);
    return atomic_get(&script.done[actor]) < times;
}

static inline cpu_mask cpu_of_actor(uint32_t actor)
{
    return 1u << nth_cpu(actor + 1);
}

/* An actor becomes a task of the script's MM, and one without again. */
static inline void enter_mm(void)
{
    mm_get(script.mm);
    current_task()->mm = script.mm;
    mm_activate(script.mm);
}

static inline void leave_mm(void)
{
    uint32_t interrupts = interrupts_save();
    mm_activate(NULL);
    current_task()->mm = NULL;
    interrupts_restore(interrupts);
    mm_leave(script.mm); /* the director has one more */
}

/*
 * The word at a user address as this CPU sees it, whichever MM is loaded; 0 if
 * it cannot be read.
 */
static inline uint32_t see(uint32_t address)
{
    uint32_t interrupts = interrupts_save(), word;
    struct mm **own = &current_task()->mm, *before = *own;
    if (!before)
        *own = script.mm; /* a fault of a task without one would be a bug */
    if (user_peek(user_ptr_at(address), &word))
        word = 0;
    *own = before;
    interrupts_restore(interrupts);
    return word;
}

/* Write it without a fault; false if it cannot be written. */
static inline bool write_word(uint32_t address, uint32_t new)
{
    uint32_t interrupts = interrupts_save(), old = 0;
    int error = user_compare_exchange(user_ptr_at(address), &old, new);
    if (!error && old)
        error = user_compare_exchange(user_ptr_at(address), &old, new);
    interrupts_restore(interrupts);
    return !error;
}

/* A broken policy: other CPUs are not told what the script's MM changes. */
static inline void flush_only_here(const struct flush_request *request)
{
    if (request->mm != script.mm)
        shootdown_mask.flush(request);
    else
        tlb_flush_local_all();
}

/* Start: false, with a message, if there are too few CPUs. */
static inline bool can_play(const char *test, uint32_t actors)
{
    if (cpus_running() > actors)
        return true;
    log_info("%s: left out, it takes %u CPUs", test, actors + 1);
    return false;
}

static inline bool play(uint32_t actors, void (*body)(uint32_t index))
{
    memset(script.cue, 0, sizeof(script.cue));
    memset(script.done, 0, sizeof(script.done));
    return crew_start(actors, body) && crew_is_there();
}
