/* SPDX-License-Identifier: MIT */
/*
 * I/O APIC (Intel 82093AA data sheet, chapter 3): an index register and a data
 * register give access to a table with one 64-bit entry a pin. Everything is
 * masked at start; a driver asks for its pin. Our devices are ISA ones, whose
 * interrupts are edges, active high, and come in at the first I/O APIC: others
 * are left as they are after reset, which is masked. Used only by the boot CPU
 * during start-up, so index and data need no lock yet.
 */
#include "arch/i386/ioapic.h"

#include "kernel/log.h"
#include "mm/kva.h"

#define DEFAULT_BASE  0xfec00000u /* where a PC has it */
#define INDEX         0           /* offsets in words */
#define DATA          4
#define REGISTER_SIZE 0x20

#define VERSION        0x01
#define ENTRY_LOW(pin) (0x10 + 2 * (pin))

#define ENTRY_MASKED     (1u << 16)
#define ENTRY_TARGET(id) ((id) << 24) /* in the high word */

static volatile uint32_t *registers;
static uint32_t pins; /* 0: it does not answer */
static const struct topology *topology;

static uint32_t read(uint32_t index)
{
    registers[INDEX] = index;
    return registers[DATA];
}

static void write(uint32_t index, uint32_t value)
{
    registers[INDEX] = index;
    registers[DATA] = value;
}

void ioapic_init(const struct topology *t)
{
    phys_t base = t->io_apic_base ? t->io_apic_base : DEFAULT_BASE;
    topology = t;
    registers = kva_map_io(base, REGISTER_SIZE);
    uint32_t version = read(VERSION);
    if (version == ~0u || version == 0) {
        log_warn("no I/O APIC answers at %#llx", (unsigned long long)base);
        return;
    }
    pins = (version >> 16 & 0xff) + 1;
    for (uint32_t pin = 0; pin < pins; pin++)
        write(ENTRY_LOW(pin), ENTRY_MASKED);
    log_info("I/O APIC at %#llx: %u pins", (unsigned long long)base, pins);
}

void ioapic_enable_isa(uint32_t irq, uint32_t apic_id)
{
    uint32_t pin = topology->isa_pin[irq];
    if (pin >= pins) {
        log_warn("no I/O APIC has ISA interrupt %u", irq);
        return;
    }
    /* The target first: the low word unmasks. Physical mode, fixed. */
    write(ENTRY_LOW(pin) + 1, ENTRY_TARGET(apic_id));
    write(ENTRY_LOW(pin), VECTOR_IRQ_BASE + irq);
}
