/* SPDX-License-Identifier: MIT */
/*
 * I/O APIC (Intel 82093AA data sheet, chapter 3): an index register and a data
 * register give access to a table with one 64-bit entry a pin. Everything is
 * masked at start; a driver asks for its pin. Used only by the boot CPU during
 * start-up, so index and data need no lock yet.
 */
#include "arch/i386/ioapic.h"

#include "kernel/log.h"
#include "mm/kva.h"

#define INDEX         0 /* offsets in words */
#define DATA          4
#define REGISTER_SIZE 0x20

#define VERSION        0x01
#define ENTRY_LOW(pin) (0x10 + 2 * (pin))

#define ENTRY_MASKED     (1u << 16)
#define ENTRY_LEVEL      (1u << 15)
#define ENTRY_ACTIVE_LOW (1u << 13)
#define ENTRY_TARGET(id) ((id) << 24) /* in the high word */

static struct {
    volatile uint32_t *registers; /* NULL: not usable */
    uint32_t pins;
} io_apic[MAX_IO_APICS];

static const struct topology *topology;

static uint32_t read(uint32_t i, uint32_t index)
{
    io_apic[i].registers[INDEX] = index;
    return io_apic[i].registers[DATA];
}

static void write(uint32_t i, uint32_t index, uint32_t value)
{
    io_apic[i].registers[INDEX] = index;
    io_apic[i].registers[DATA] = value;
}

void ioapic_init(const struct topology *t)
{
    topology = t;
    for (uint32_t i = 0; i < t->io_apics; i++) {
        io_apic[i].registers = kva_map_io(t->io_apic[i].base, REGISTER_SIZE);
        uint32_t version = read(i, VERSION);
        if (version == ~0u || version == 0) {
            log_warn("no I/O APIC answers at %#x", t->io_apic[i].base);
            io_apic[i].registers = NULL;
            continue;
        }
        io_apic[i].pins = (version >> 16 & 0xff) + 1;
        for (uint32_t pin = 0; pin < io_apic[i].pins; pin++)
            write(i, ENTRY_LOW(pin), ENTRY_MASKED);
        log_info("I/O APIC %u at %#x: %u pins", t->io_apic[i].id,
                 t->io_apic[i].base, io_apic[i].pins);
    }
}

void ioapic_enable_isa(uint32_t irq, uint32_t apic_id)
{
    const struct isa_route *route = &topology->isa[irq];
    uint32_t i = route->io_apic, low = VECTOR_IRQ_BASE + irq;
    if (!io_apic[i].registers || route->pin >= io_apic[i].pins) {
        log_warn("no I/O APIC has ISA interrupt %u", irq);
        return;
    }
    if (route->level)
        low |= ENTRY_LEVEL;
    if (route->active_low)
        low |= ENTRY_ACTIVE_LOW;
    /* The target first: the low word unmasks. Physical mode, fixed. */
    write(i, ENTRY_LOW(route->pin) + 1, ENTRY_TARGET(apic_id));
    write(i, ENTRY_LOW(route->pin), low);
}
