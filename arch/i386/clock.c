/* SPDX-License-Identifier: MIT */
/*
 * Time. clock_ns() is the time stamp counter times a fixed factor; the factor,
 * and that of the local APIC's timer, are measured against channel 2 of the
 * PIT, whose rate is known. A sample latches the PIT's count between two reads
 * of the counter: how far those are apart bounds the error, so a host that
 * stops us in the middle is seen and the sample taken again, and two samples
 * 10 ms apart suffice. The channel runs in mode 0: if we were stopped for so
 * long that the count wrapped (55 ms), its output has gone up, and says so.
 *
 * Intel 8254 data sheet; SDM vol. 3, 10.5.4 and 17.17. Everything here is
 * written once at boot and then only read.
 */
#include "arch/i386/lapic.h"
#include "arch/i386/ports.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "machine/cpu.h"
#include "machine/time.h"

#define PIT_HZ             1193182u
#define PIT_CHANNEL2       0x42
#define PIT_COMMAND        0x43
#define PIT_CHANNEL2_MODE0 0xb0 /* low byte, then high byte; binary */
#define PIT_CHANNEL2_LATCH 0x80
#define PIT_FULL           0xffffu
#define CONTROL            0x61 /* of the speaker, which is wired to it */
#define CONTROL_GATE2      0x01
#define CONTROL_SPEAKER    0x02
#define CONTROL_OUT2       0x20

#define GATE_TICKS      (PIT_HZ / 100)
#define SAMPLES         4
#define GATES           8
#define GATE_ROUNDS     100000 /* more than 10 ms on any CPU: the PIT stands */
#define GOOD_FRACTION   1000   /* error at most 1/1000 of the gate */
#define UNCALIBRATED_US 1000   /* rounds of spin(), a guess */
#define SLOWEST_HZ      100000u
#define NS_PER_S        1000000000u

/* n * multiplier >> shift. */
struct factor {
    uint32_t multiplier, shift;
};

uint64_t clock_tsc_hz, clock_timer_hz;
static struct factor tsc_to_ns, ns_to_timer;

/*
 * numerator / denominator with as many bits as fit. numerator < 2^32 after
 * both are halved until the denominator has 32 bits.
 */
static struct factor factor_make(uint64_t numerator, uint64_t denominator)
{
    struct factor f = {.shift = 32};
    uint64_t quotient;
    for (; denominator >> 32; denominator >>= 1)
        numerator >>= 1;
    ASSERT(denominator != 0 && numerator >> 32 == 0);
    for (;; f.shift--) {
        quotient =
            divide_u64(numerator << f.shift, (uint32_t)denominator, NULL);
        if (quotient >> 32 == 0)
            break;
    }
    f.multiplier = (uint32_t)quotient;
    return f;
}

/*
 * The 96-bit product is never needed in one piece: since shift is at most 32,
 * the high word's part is a whole number. Overflows when the result does: for
 * nanoseconds after 584 years.
 */
static uint64_t factor_apply(struct factor f, uint64_t n)
{
    uint64_t high = (n >> 32) * f.multiplier;
    uint64_t low = (n & 0xffffffffu) * f.multiplier;
    return (high << (32 - f.shift)) + (low >> f.shift);
}

struct sample {
    uint64_t tsc;   /* in the middle */
    uint64_t width; /* between the reads around it */
    uint32_t pit;   /* counts down */
    uint32_t timer; /* counts down */
};

/* The sharpest of a few. */
static struct sample sample(void)
{
    struct sample best = {.width = ~0ull};
    for (uint32_t i = 0; i < SAMPLES; i++) {
        struct sample s;
        uint64_t before = cycle_counter();
        outb(PIT_COMMAND, PIT_CHANNEL2_LATCH);
        s.timer = lapic_timer_now();
        s.width = cycle_counter() - before;
        s.tsc = before + s.width / 2;
        s.pit = inb(PIT_CHANNEL2);
        s.pit |= (uint32_t)inb(PIT_CHANNEL2) << 8;
        if (s.width < best.width)
            best = s;
    }
    return best;
}

/* Pass time without looking at a device or the counter, which under emulation
 * cost far more than an instruction. */
static void spin(uint32_t rounds)
{
    while (rounds--)
        __asm__ volatile("");
}

static void pit_start(void)
{
    uint8_t control = inb(CONTROL) & ~(CONTROL_GATE2 | CONTROL_SPEAKER);
    outb(CONTROL, control);
    outb(PIT_COMMAND, PIT_CHANNEL2_MODE0);
    outb(PIT_CHANNEL2, PIT_FULL & 0xff);
    outb(PIT_CHANNEL2, PIT_FULL >> 8);
    outb(CONTROL, control | CONTROL_GATE2); /* counting starts here */
    port_pause(); /* the new count is loaded with the next clock */
    port_pause();
}

/* One gate. False if it was disturbed for so long that it says nothing. */
static bool measure(struct sample *first, struct sample *last)
{
    pit_start();
    lapic_timer_start(~0u);
    *first = sample();
    for (uint32_t rounds = 0; rounds < GATE_ROUNDS; rounds++) {
        spin(2000);
        *last = sample();
        if (inb(CONTROL) & CONTROL_OUT2)
            return false;
        if (first->pit - last->pit >= GATE_TICKS)
            return last->timer < first->timer && last->tsc > first->tsc;
    }
    return false;
}

/* What counts `count` while the PIT counts `ticks`, in Hz. */
static uint64_t rate(uint64_t count, uint32_t ticks)
{
    return divide_u64(count * PIT_HZ, ticks, NULL);
}

void clock_calibrate(void)
{
    struct sample first, last;
    uint64_t best_error = ~0ull; /* in 1/65536 of the gate */
    for (uint32_t i = 0; i < GATES && best_error > 65536 / GOOD_FRACTION; i++) {
        if (!measure(&first, &last))
            continue;
        uint64_t cycles = last.tsc - first.tsc;
        uint32_t ticks = first.pit - last.pit;
        uint64_t hz = rate(cycles, ticks), error;
        if (hz < SLOWEST_HZ || hz >> 36 || cycles >> 32)
            continue;
        error = divide_u64((first.width + last.width) << 15, (uint32_t)cycles,
                           NULL);
        if (error >= best_error)
            continue;
        best_error = error;
        clock_tsc_hz = hz;
        clock_timer_hz = rate(first.timer - last.timer, ticks);
    }
    lapic_timer_start(0);
    if (!clock_tsc_hz || clock_timer_hz < SLOWEST_HZ || clock_timer_hz >> 32)
        panic("clock: cannot measure the time stamp counter (%llu Hz) and the "
              "local APIC timer (%llu Hz) against the PIT",
              (unsigned long long)clock_tsc_hz,
              (unsigned long long)clock_timer_hz);
    if (best_error > 65536 / GOOD_FRACTION)
        log_warn("clock: rates are only good to 1 in %u",
                 (uint32_t)divide_u64(65536, (uint32_t)best_error + 1, NULL));
    tsc_to_ns = factor_make(NS_PER_S, clock_tsc_hz);
    ns_to_timer = factor_make(clock_timer_hz, NS_PER_S);
    log_info("clock: counter %u kHz, timer %u kHz",
             (uint32_t)divide_u64(clock_tsc_hz, 1000, NULL),
             (uint32_t)divide_u64(clock_timer_hz, 1000, NULL));
}

uint64_t clock_cycles_to_ns(uint64_t cycles)
{
    return factor_apply(tsc_to_ns, cycles);
}

uint64_t clock_ns(void)
{
    return clock_cycles_to_ns(cycle_counter());
}

void clock_arm(uint64_t ns)
{
    uint64_t count = factor_apply(ns_to_timer, ns);
    if (count > ~0u)
        count = ~0u;
    lapic_timer_start(count ? (uint32_t)count : 1); /* 0 would disarm it */
}

void clock_delay_us(uint32_t us)
{
    if (!clock_tsc_hz) { /* a panic in early boot: better roughly than for ever
                          */
        while (us--)
            spin(UNCALIBRATED_US);
        return;
    }
    uint64_t end = clock_ns() + (uint64_t)us * 1000;
    while (clock_ns() < end)
        spin(100);
}
