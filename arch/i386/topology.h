/* SPDX-License-Identifier: MIT */
/*
 * What the firmware's tables say about CPUs and interrupt controllers, in one
 * form for both kinds of table (acpi.c, mptable.c). Filled in once by
 * smp_discover() on the boot CPU and only read from then on.
 *
 * CPU 0 is the one that booted, whichever APIC number it has; the others
 * follow in the order of the table.
 */
#pragma once

#include "arch/i386/vectors.h"
#include "kernel/types.h"

/*
 * The page below 1 MiB at which other CPUs begin, in real mode. The frame
 * allocator never hands it out. boot/trampoline.asm has the same number.
 */
#define TRAMPOLINE_PAGE 0x8000u

struct topology {
    uint32_t cpus;          /* usable, the boot CPU included: at least 1 */
    uint32_t cpus_left_out; /* usable, but more than MAX_CPUS */
    uint8_t apic_id[MAX_CPUS];
    phys_t io_apic_base;        /* of the one with the ISA interrupts; or 0 */
    uint32_t isa_pin[ISA_IRQS]; /* the pin that each of them arrives at */
};

/* One CPU, no I/O APIC, ISA interrupt n at pin n. */
void topology_init(struct topology *t, uint8_t boot_apic_id);

/* Add what a table lists. Doubles are ignored, what does not fit is counted. */
void topology_add_cpu(struct topology *t, uint32_t apic_id);

/*
 * Look at each 16-byte boundary of low physical memory, at which firmware
 * leaves its pointers: the first KiB of the extended BIOS data area, then
 * `rom` .. 0xfffff. Returns the first place that begins with the signature and
 * whose `bytes` bytes add up to 0, or NULL.
 */
const void *topology_find(const char *signature, uint32_t rom, uint32_t bytes);

/*
 * Map the table at `start` if it is one: its signature, at least `least` bytes,
 * a right sum. Its length is the word behind the signature, as far as the mask
 * goes. The caller gives it to kva_unmap().
 */
const void *topology_map(phys_t start, const char *signature, uint32_t least,
                         uint32_t length_mask, uint32_t *bytes);
