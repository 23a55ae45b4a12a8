/* SPDX-License-Identifier: MIT */
/*
 * Finding, starting and interrupting the other CPUs (SDM vol. 3, 9.4.4;
 * MP specification 1.4, appendix B.4). All are started at once: INIT to each,
 * one wait, a start-up IPI to each, a second one to those that did not react.
 * A CPU claims its stack from smp_stacks[] with an exchange, and the boot CPU
 * takes back with an exchange what nobody claimed in time; so a CPU that wakes
 * up late finds no stack and halts instead of running unannounced.
 */
#include "machine/smp.h"
#include "arch/i386/acpi.h"
#include "arch/i386/descriptors.h"
#include "arch/i386/ioapic.h"
#include "arch/i386/lapic.h"
#include "arch/i386/mptable.h"
#include "arch/i386/pic.h"
#include "arch/i386/registers.h"
#include "arch/i386/vectors.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/log.h"
#include "kernel/main.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "machine/cpu.h"
#include "machine/layout.h"
#include "machine/time.h"

#define INIT_WAIT_US    10000
#define STARTUP_WAIT_US 200
#define ANSWER_NS       1000000000ull /* after the last one that answered */
#define APIC_IDS        256

extern const char trampoline_start[], trampoline_end[], trampoline_page[];

static struct topology topology;
uint32_t smp_cpus_found;

/* Top of the stack for the CPU with that APIC number; NULL: keep out. Taken
 * by boot/trampoline.asm. */
uint8_t *smp_stacks[APIC_IDS];

NORETURN void smp_secondary_start(void);

uint32_t smp_apic_id(void)
{
    return lapic_id();
}

void smp_discover(void)
{
    const char *source = "ACPI";
    lapic_map();
    topology_init(&topology, (uint8_t)lapic_id());
    if (!options.acpi || !acpi_read(&topology)) {
        source = "MP tables";
        if (!mptable_read(&topology)) {
            source = "no firmware table";
            log_warn("neither ACPI nor MP tables: one CPU");
        }
    }
    pic_disable();
    lapic_init_cpu();
    ioapic_init(&topology);
    log_info("%s: %u CPUs", source, topology.cpus);
    if (topology.cpus_left_out)
        log_warn("%u CPUs more than the %u that Quartet can use",
                 topology.cpus_left_out, MAX_CPUS);
    smp_cpus_found = topology.cpus;
}

/* What another CPU does first in C, on its own stack. */
void smp_secondary_start(void)
{
    /* Its own registers may still be in x2APIC mode: ask CPUID. */
    uint32_t apic_id = cpuid(1, 0).ebx >> 24;
    cpu_init_features();
    for (uint32_t i = 1; i < MAX_CPUS; i++)
        if (cpus[i] && cpus[i]->apic_id == apic_id) {
            descriptors_init_cpu(cpus[i]);
            lapic_init_cpu();
            secondary_main();
        }
    cpu_stop();
}

static bool online(uint32_t i)
{
    return __atomic_load_n(&cpus[i]->online, __ATOMIC_ACQUIRE);
}

static void copy_trampoline(void)
{
    size_t bytes = (uintptr_t)trampoline_end - (uintptr_t)trampoline_start;
    ASSERT((uintptr_t)trampoline_page == TRAMPOLINE_PAGE);
    ASSERT(bytes <= PAGE_SIZE);
    memcpy((void *)(DIRECT_MAP + TRAMPOLINE_PAGE), trampoline_start, bytes);
}

/* Records and stacks for the CPUs 1 .. count-1; how many CPUs there are then.
 */
static uint32_t create_records(uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (cpu_create(i, topology.apic_id[i]) != 0) {
            log_warn("no memory for more than %u CPUs", i);
            return i;
        }
        smp_stacks[topology.apic_id[i]] = cpus[i]->global_stack_top;
    }
    return count;
}

static bool claimed(uint32_t i)
{
    return !__atomic_load_n(&smp_stacks[topology.apic_id[i]], __ATOMIC_RELAXED);
}

/* Wait for all; whoever answers gives the others another second. */
static uint32_t wait_until_online(uint32_t count)
{
    uint32_t answered = 0;
    uint64_t last = clock_ns();
    while (answered < count - 1 && clock_ns() - last < ANSWER_NS) {
        uint32_t now = 0;
        for (uint32_t i = 1; i < count; i++)
            now += online(i);
        if (now != answered)
            last = clock_ns();
        answered = now;
        cpu_pause();
    }
    return answered;
}

static uint64_t other_counter; /* written by one CPU at a time */

static void read_counter(void *argument)
{
    (void)argument;
    other_counter = cycle_counter();
}

/*
 * clock_ns() is only one clock if the CPUs' counters agree: one that is read
 * between two reads of ours must lie between them. If not, we say so; time
 * then jumps when a task moves to another CPU.
 */
static void check_counter(uint32_t i)
{
    uint64_t before = cycle_counter();
    call_cpus(1u << i, read_counter, NULL);
    uint64_t after = cycle_counter();
    if (other_counter < before)
        log_warn("CPU %u: time stamp counter is at least %llu cycles behind", i,
                 (unsigned long long)(before - other_counter));
    else if (other_counter > after)
        log_warn("CPU %u: time stamp counter is at least %llu cycles ahead", i,
                 (unsigned long long)(other_counter - after));
}

void smp_start(uint32_t count)
{
    if (count > topology.cpus)
        count = topology.cpus;
    count = create_records(count);
    if (count <= 1)
        return;
    copy_trampoline();
    for (uint32_t i = 1; i < count; i++)
        lapic_send(topology.apic_id[i], LAPIC_INIT);
    clock_delay_us(INIT_WAIT_US);
    /* The second one is for CPUs that missed the first while still in INIT;
     * one that already runs ignores it. */
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 1; i < count; i++)
            if (!claimed(i))
                lapic_send(topology.apic_id[i],
                           LAPIC_STARTUP | TRAMPOLINE_PAGE >> PAGE_SHIFT);
        clock_delay_us(STARTUP_WAIT_US);
    }
    uint32_t answered = wait_until_online(count);
    for (uint32_t i = 1; i < count; i++) {
        uint8_t *stack = __atomic_exchange_n(&smp_stacks[topology.apic_id[i]],
                                             NULL, __ATOMIC_SEQ_CST);
        if (online(i))
            check_counter(i);
        else
            log_warn("CPU %u (APIC %u) does not answer%s", i,
                     topology.apic_id[i], stack ? "" : " any more");
    }
    log_info("%u of %u CPUs started", answered + 1, count);
}

static void send_each(cpu_mask targets, uint32_t vector)
{
    uint32_t interrupts = interrupts_save(), sent = 0;
    for (uint32_t i = 0; targets; i++, targets >>= 1) {
        if (!(targets & 1))
            continue;
        lapic_send(cpus[i]->apic_id, vector);
        sent++;
    }
    counter_add(COUNTER_ipis_sent, sent);
    interrupts_restore(interrupts);
}

void smp_send_reschedule(uint32_t cpu)
{
    send_each(1u << cpu, VECTOR_RESCHEDULE);
}

void smp_send_call(cpu_mask targets)
{
    send_each(targets, VECTOR_CALL);
}

/*
 * One by one, not with the "all but self" shorthand: that would also reach
 * CPUs which we never started and which have no handler.
 */
void smp_send_nmi_others(void)
{
    uint32_t self = lapic_id();
    for (uint32_t i = 0; i < MAX_CPUS; i++)
        if ((cpus_online & (1u << i)) && cpus[i]->apic_id != self)
            lapic_send_nmi(cpus[i]->apic_id);
}
