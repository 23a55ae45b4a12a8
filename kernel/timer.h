/* SPDX-License-Identifier: MIT */
/*
 * Timers: a function to be called at a time, on the CPU that set it, with
 * interrupts off and no lock held. The same hardware timer ends time slices;
 * an idle CPU without timers is not interrupted at all.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

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
    struct timer *first; /* ascending by deadline; under lock */
    struct timer *running; /* whose function is being called; under lock */
    uint64_t slice_end;  /* own CPU only: of the current task, 0: none */
    uint64_t armed;      /* own CPU only: next interrupt, 0: none */
};

#define TIME_SLICE_NS 10000000ull

void timer_queue_init(struct timer_queue *queue);

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

/* A new task has the CPU: its slice begins. Interrupts off. */
void timer_slice_start(uint64_t now);

/* The CPU goes idle: no slice. Interrupts off. */
void timer_slice_stop(void);

/* The hardware timer's interrupt. */
void timer_interrupt(void);

#endif
