/* SPDX-License-Identifier: MIT */
/*
 * Local APIC in xAPIC mode (SDM vol. 3, chapter 10): each CPU sees its own
 * registers at the same physical address, so one uncached mapping serves all.
 * Nothing here is shared between CPUs and there is no lock; what is not atomic
 * is the pair of words that sends an interrupt, hence "interrupts off" below.
 */
#include "arch/i386/lapic.h"

#include "arch/i386/registers.h"
#include "arch/i386/vectors.h"
#include "kernel/panic.h"
#include "machine/cpu.h"
#include "mm/kva.h"

#define MSR_APIC_BASE     0x1bu
#define APIC_BASE_X2APIC  (1ull << 10)
#define APIC_BASE_ENABLE  (1ull << 11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000ull

/* Registers, by byte offset (table 10-1). */
enum {
    LAPIC_ID = 0x020,
    LAPIC_PRIORITY = 0x080,
    LAPIC_EOI = 0x0b0,
    LAPIC_SPURIOUS = 0x0f0,
    LAPIC_ERROR = 0x280,
    LAPIC_COMMAND = 0x300,
    LAPIC_COMMAND_TARGET = 0x310,
    LVT_TIMER = 0x320,
    LVT_LINT0 = 0x350,
    LVT_LINT1 = 0x360,
    LVT_ERROR = 0x370,
    TIMER_INITIAL = 0x380,
    TIMER_CURRENT = 0x390,
    TIMER_DIVIDE = 0x3e0,
};

#define SPURIOUS_ENABLE (1u << 8)
#define LVT_MASKED      (1u << 16)
#define LVT_NMI         (4u << 8)
#define DIVIDE_BY_4     0x1u
#define COMMAND_NMI     (4u << 8)
#define COMMAND_ASSERT  (1u << 14)
#define COMMAND_PENDING (1u << 12)

static volatile uint32_t *lapic; /* set once, before other CPUs run */

static uint32_t read(uint32_t offset)
{
    return lapic[offset / 4];
}

/* The barrier keeps stores that an interrupt announces before the interrupt;
 * uncached stores stay behind them in the CPU (SDM vol. 3, 8.2.5). */
static void write(uint32_t offset, uint32_t value)
{
    __asm__ volatile("" : : : "memory");
    lapic[offset / 4] = value;
}

/* From x2APIC back to xAPIC mode leads only through "off" (10.12.5). */
static void leave_x2apic(void)
{
    uint64_t base = read_msr(MSR_APIC_BASE);
    if (base & APIC_BASE_X2APIC) {
        base &= ~(APIC_BASE_X2APIC | APIC_BASE_ENABLE);
        write_msr(MSR_APIC_BASE, base);
    }
    write_msr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
    if (read_msr(MSR_APIC_BASE) & APIC_BASE_X2APIC)
        panic("the local APIC cannot leave x2APIC mode");
}

void lapic_map(void)
{
    leave_x2apic();
    /* The CPU knows better than any table where its registers are. */
    lapic = kva_map_io(read_msr(MSR_APIC_BASE) & APIC_BASE_ADDRESS, PAGE_SIZE);
}

void lapic_init_cpu(void)
{
    leave_x2apic();
    /* First of all: while the APIC is disabled by software, the mask bits of
     * the local vector table cannot be cleared (10.4.7.2). */
    write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    write(TIMER_INITIAL, 0);
    write(TIMER_DIVIDE, DIVIDE_BY_4);
    write(LVT_TIMER, VECTOR_TIMER); /* mode 0: one-shot */
    write(LVT_LINT0, LVT_MASKED);   /* the 8259s are not used */
    write(LVT_LINT1, LVT_NMI);      /* a button, or QEMU's inject-nmi */
    lapic_take_errors();            /* old ones are not news */
    write(LVT_ERROR, VECTOR_ERROR);
    write(LAPIC_PRIORITY, 0); /* accept everything */
}

uint32_t lapic_id(void)
{
    return lapic ? read(LAPIC_ID) >> 24 : cpuid(1, 0).ebx >> 24;
}

void lapic_end_of_interrupt(void)
{
    write(LAPIC_EOI, 0);
}

static void wait_until_sent(void)
{
    while (read(LAPIC_COMMAND) & COMMAND_PENDING)
        cpu_pause();
}

/*
 * The target first, the low word sends. Between the two nothing else on this
 * CPU may send: callers have interrupts off, NMIs put the target back.
 */
void lapic_send(uint32_t apic_id, uint32_t command)
{
    wait_until_sent();
    write(LAPIC_COMMAND_TARGET, apic_id << 24);
    write(LAPIC_COMMAND, COMMAND_ASSERT | command);
}

void lapic_send_nmi(uint32_t apic_id)
{
    if (!lapic) /* a panic in early boot */
        return;
    uint32_t target = read(LAPIC_COMMAND_TARGET);
    lapic_send(apic_id, COMMAND_NMI);
    wait_until_sent();
    /* We may have interrupted lapic_send() between its two words. */
    write(LAPIC_COMMAND_TARGET, target);
}

uint32_t lapic_take_errors(void)
{
    write(LAPIC_ERROR, 0); /* a write moves the bits to where they are read */
    return read(LAPIC_ERROR);
}

void lapic_timer_start(uint32_t count)
{
    write(TIMER_INITIAL, count);
}

uint32_t lapic_timer_now(void)
{
    return read(TIMER_CURRENT);
}
