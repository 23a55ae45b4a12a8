/* SPDX-License-Identifier: MIT */
/*
 * What acpi.c and mptable.c have in common: collecting what a table lists, and
 * the search for a table's pointer in the BIOS areas (ACPI 6.4, 5.2.5.1; MP
 * specification 1.4, chapter 4). Firmware's data is untrusted: every number
 * is checked against the room there is.
 */
#include "arch/i386/topology.h"

#include "machine/layout.h"

#define BDA_EBDA_SEGMENT 0x40eu   /* word: EBDA's real-mode segment */
#define EBDA_LOWEST      0x400u   /* not before the BIOS data area */
#define BIOS_START       0xa0000u /* memory ends here at the latest */
#define BIOS_END         0x100000u
#define SCAN_STEP        16

void topology_init(struct topology *t, uint8_t boot_apic_id)
{
    *t = (struct topology){.cpus = 1, .apic_id = {boot_apic_id}};
    for (uint32_t irq = 0; irq < ISA_IRQS; irq++)
        t->isa_pin[irq] = irq;
}

void topology_add_cpu(struct topology *t, uint32_t apic_id)
{
    if (apic_id > 0xfe) /* 255 is the broadcast address of an xAPIC */
        return;
    for (uint32_t i = 0; i < t->cpus; i++)
        if (t->apic_id[i] == apic_id)
            return;
    if (t->cpus == MAX_CPUS)
        t->cpus_left_out++;
    else
        t->apic_id[t->cpus++] = (uint8_t)apic_id;
}

uint8_t topology_checksum(const void *table, uint32_t bytes)
{
    const uint8_t *p = table;
    uint8_t sum = 0;
    while (bytes--)
        sum = (uint8_t)(sum + *p++);
    return sum;
}

/* The first MiB lies in the direct map, ROM and BIOS data included. */
static const uint8_t *low_memory(uint32_t physical)
{
    return (const uint8_t *)(DIRECT_MAP + physical);
}

static const void *scan(uint32_t start, uint32_t end, uint32_t bytes,
                        bool (*match)(const void *))
{
    for (uint32_t at = start; at + bytes <= end; at += SCAN_STEP)
        if (match(low_memory(at)))
            return low_memory(at);
    return NULL;
}

const void *topology_scan(uint32_t rom, uint32_t bytes,
                          bool (*match)(const void *))
{
    const uint8_t *segment = low_memory(BDA_EBDA_SEGMENT);
    uint32_t ebda = (uint32_t)(segment[0] | segment[1] << 8) << 4;
    const void *found = NULL;
    if (ebda >= EBDA_LOWEST && ebda < BIOS_START)
        found = scan(ebda, ebda + 1024, bytes, match);
    if (!found)
        found = scan(rom, BIOS_END, bytes, match);
    return found;
}
