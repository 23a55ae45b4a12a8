/* SPDX-License-Identifier: MIT */
/*
 * What the firmware's tables say about CPUs and interrupt controllers, in one
 * form for both kinds of table (acpi.c, mptable.c). Filled in once by
 * smp_discover() on the boot CPU and only read from then on.
 *
 * CPU 0 is the one that booted, whichever APIC number it has; the others
 * follow in the order of the table.
 */
#ifndef I386_TOPOLOGY_H
#define I386_TOPOLOGY_H

#include "arch/i386/vectors.h"
#include "kernel/types.h"

/*
 * The page below 1 MiB at which other CPUs begin, in real mode. The frame
 * allocator never hands it out. boot/trampoline.asm has the same number.
 */
#define TRAMPOLINE_PAGE 0x8000u

#define MAX_IO_APICS    8
#define IO_APIC_DEFAULT 0xfec00000u /* where a PC has it */

struct io_apic_place {
    uint8_t id;
    uint32_t base;      /* physical address of its registers */
    uint32_t first_gsi; /* ACPI's number of pin 0 */
};

/* The I/O APIC pin that an ISA interrupt arrives at. */
struct isa_route {
    uint8_t io_apic; /* index into topology.io_apic */
    uint8_t pin;
    bool active_low;
    bool level;
};

struct topology {
    uint32_t cpus;          /* usable, the boot CPU included: at least 1 */
    uint32_t cpus_left_out; /* usable, but more than MAX_CPUS */
    uint8_t apic_id[MAX_CPUS];
    phys_t lapic_base; /* 0: the table does not say */
    uint32_t io_apics;
    struct io_apic_place io_apic[MAX_IO_APICS];
    struct isa_route isa[ISA_IRQS];
    bool has_imcr; /* the 8259s are wired past the APICs: see pic.c */
};

/* One CPU, no I/O APIC, ISA interrupt n at pin n of the first I/O APIC. */
void topology_init(struct topology *t, uint8_t boot_apic_id);

/* Add what a table lists. Doubles are ignored, what does not fit is counted. */
void topology_add_cpu(struct topology *t, uint32_t apic_id);
void topology_add_io_apic(struct topology *t, struct io_apic_place place);

/* The sum of `bytes` bytes, modulo 256: 0 in a sound table. */
uint8_t topology_checksum(const void *table, uint32_t bytes);

/*
 * Look at each 16-byte boundary of low physical memory, at which firmware
 * leaves its pointers: the first KiB of the extended BIOS data area, then
 * `rom` .. 0xfffff. Returns the first address that `match` accepts, or NULL.
 * `bytes` is what match() may read.
 */
const void *topology_scan(uint32_t rom, uint32_t bytes,
                          bool (*match)(const void *));

#endif
