/* SPDX-License-Identifier: MIT */
/*
 * What acpi.c and mptable.c have in common: collecting what a table lists, the
 * search for a table's pointer in the BIOS areas (ACPI 6.4, 5.2.5.1; MP
 * specification 1.4, chapter 4), and mapping a table. Firmware's data is
 * untrusted: a length is checked before a byte is read, a checksum before a
 * field is believed.
 */
#include "arch/i386/topology.h"

#include "arch/i386/paging.h"
#include "kernel/log.h"
#include "kernel/string.h"
#include "machine/layout.h"
#include "mm/kva.h"

#define BDA_EBDA_SEGMENT 0x40eu   /* word: EBDA's real-mode segment */
#define EBDA_LOWEST      0x400u   /* not before the BIOS data area */
#define BIOS_START       0xa0000u /* memory ends here at the latest */
#define BIOS_END         0x100000u
#define SCAN_STEP        16
#define TABLE_MAX        (1u << 20) /* longer ones are not believed */

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

/* Whether the sum of all bytes is 0, as in a sound table. */
static bool adds_up(const void *table, uint32_t bytes)
{
    const uint8_t *p = table;
    uint8_t sum = 0;
    while (bytes--)
        sum = (uint8_t)(sum + *p++);
    return sum == 0;
}

/* The first MiB lies in the direct map, ROM and BIOS data included. */
static const uint8_t *low_memory(uint32_t physical)
{
    return (const uint8_t *)(DIRECT_MAP + physical);
}

static const void *scan(uint32_t start, uint32_t end, const char *signature,
                        uint32_t bytes)
{
    for (uint32_t at = start; at + bytes <= end; at += SCAN_STEP)
        if (!memcmp(low_memory(at), signature, strlen(signature)) &&
            adds_up(low_memory(at), bytes))
            return low_memory(at);
    return NULL;
}

const void *topology_find(const char *signature, uint32_t rom, uint32_t bytes)
{
    const uint8_t *segment = low_memory(BDA_EBDA_SEGMENT);
    uint32_t ebda = (uint32_t)(segment[0] | segment[1] << 8) << 4;
    const void *found = NULL;
    if (ebda >= EBDA_LOWEST && ebda < BIOS_START)
        found = scan(ebda, ebda + 1024, signature, bytes);
    return found ? found : scan(rom, BIOS_END, signature, bytes);
}

const void *topology_map(phys_t start, const char *signature, uint32_t least,
                         uint32_t length_mask, uint32_t *bytes)
{
    const struct __attribute__((packed)) {
        char signature[4];
        uint32_t length;
    } * header;
    if (!start || start > physical_end - TABLE_MAX)
        return NULL;
    header = kva_map_memory(start, sizeof(*header));
    bool wanted = !memcmp(header->signature, signature, 4);
    *bytes = header->length & length_mask;
    kva_unmap((void *)header, sizeof(*header));
    if (!wanted || *bytes < least || *bytes > TABLE_MAX)
        return NULL;
    void *table = kva_map_memory(start, *bytes);
    if (adds_up(table, *bytes))
        return table;
    log_warn("table %s at %#llx has a wrong checksum", signature,
             (unsigned long long)start);
    kva_unmap(table, *bytes);
    return NULL;
}
