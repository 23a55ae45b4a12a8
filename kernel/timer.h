/* SPDX-License-Identifier: MIT */
/*
 * Timers: a function to be called at a time, on the CPU that set it, with
 * interrupts off and no lock held. The same hardware timer ends time slices;
 * an idle CPU without timers is not interrupted at all.
 */
#pragma once

#include "kernel/spinlock.h"
#include "kernel/types.h"

struct timer {
    struct timer *next; /* in its CPU's queue, under that queue's lock */
    uint64_t deadline;  /* clock_ns() */
    void (*function)(struct timer *timer);
    uint32_t cpu; /* in whose queue it is */
    bool queued;
};

struct timer_queue {
    struct spinlock lock;
    struct timer *first;   /* ascending by deadline; under lock */
    struct timer *running; /* whose function is being called; under lock */
    uint64_t armed;        /* own CPU only: next interrupt, 0: none */
    bool slice_armed;      /* own CPU only: one comes before a slice is over */
};

#define TIME_SLICE_NS 10000000u

/*
 * Queue `timer`, which is in no queue, on this CPU. It lies in memory that
 * every MM can reach.
 */
void timer_start(struct timer *timer, uint64_t deadline,
                 void (*function)(struct timer *timer));

/*
 * Take it out if it has not run; if its function is being called on another
 * CPU, wait until it has returned. Holding nothing that the function takes.
 */
void timer_cancel(struct timer *timer);

/*
 * A task has the CPU: an interrupt must come within a slice, to look how long
 * it has run (cpu->switched_at). Interrupts off. Mostly one is coming already.
 */
void timer_arm_slice(struct timer_queue *queue);

/* The hardware timer's interrupt. */
void timer_interrupt(void);
