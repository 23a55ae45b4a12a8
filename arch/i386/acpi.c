/* SPDX-License-Identifier: MIT */
/*
 * ACPI, as little of it as possible (ACPI specification 6.4: RSDP 5.2.5, RSDT
 * 5.2.7, MADT 5.2.12). The XSDT lists the same tables with wider addresses:
 * firmware that a multiboot loader runs on has the older one as well. Tables
 * are untrusted input: a length is checked before a byte is read, a checksum
 * before a field is believed, and an entry must lie inside its table.
 */
#include "arch/i386/acpi.h"

#include "kernel/string.h"
#include "mm/kva.h"

#define PACKED       __attribute__((packed))
#define RSDP_ROM     0xe0000u
#define HEADER_BYTES 36u /* of a table: names, above all */
#define MADT_BYTES   44u /* before its entries */

struct rsdp {
    char signature[8];
    uint8_t others[8]; /* checksum, names, revision */
    uint32_t rsdt;
};

enum { MADT_LAPIC, MADT_IO_APIC, MADT_OVERRIDE };

#define LAPIC_ENABLED 1u

struct madt_entry {
    uint8_t type, length;
    union {
        struct {
            uint8_t processor, apic_id;
            uint32_t flags;
        } PACKED lapic;
        struct {
            uint8_t id, reserved;
            uint32_t base, first_gsi;
        } PACKED io_apic;
        struct {
            uint8_t bus, irq;
            uint32_t gsi;
            uint16_t flags;
        } PACKED override;
    };
} PACKED;

/* Entry at `*at`, which is moved on; NULL at the end or at a broken one. */
static const struct madt_entry *next_entry(const uint8_t *table, uint32_t bytes,
                                           uint32_t *at)
{
    static const uint8_t least[] = {
        [MADT_LAPIC] = 8,
        [MADT_IO_APIC] = 12,
        [MADT_OVERRIDE] = 10,
    };
    const struct madt_entry *e = (const void *)(table + *at);
    if (*at > bytes || bytes - *at < 2)
        return NULL;
    if (e->length < 2 || e->length > bytes - *at)
        return NULL;
    if (e->type < sizeof(least) && e->length < least[e->type])
        return NULL;
    *at += e->length;
    return e;
}

void acpi_parse_madt(const void *table, uint32_t bytes, struct topology *t)
{
    const struct madt_entry *e;
    uint32_t at = MADT_BYTES;
    while ((e = next_entry(table, bytes, &at)) != NULL) {
        if (e->type == MADT_LAPIC && (e->lapic.flags & LAPIC_ENABLED))
            topology_add_cpu(t, e->lapic.apic_id);
        else if (e->type == MADT_IO_APIC && e->io_apic.first_gsi == 0)
            t->io_apic_base = e->io_apic.base;
        else if (e->type == MADT_OVERRIDE && e->override.bus == 0 &&
                 e->override.irq < ISA_IRQS)
            t->isa_pin[e->override.irq] = e->override.gsi;
    }
}

/* Whether there is a MADT at that address. */
static bool read_madt(phys_t start, struct topology *t)
{
    uint32_t bytes;
    const void *madt = topology_map(start, "APIC", MADT_BYTES, ~0u, &bytes);
    if (!madt)
        return false;
    acpi_parse_madt(madt, bytes, t);
    kva_unmap((void *)madt, bytes);
    return true;
}

bool acpi_read(struct topology *t)
{
    const struct rsdp *rsdp =
        topology_find("RSD PTR ", RSDP_ROM, sizeof(*rsdp));
    uint32_t bytes, entry;
    const char *root =
        rsdp ? topology_map(rsdp->rsdt, "RSDT", HEADER_BYTES, ~0u, &bytes)
             : NULL;
    bool found = false;
    if (!root)
        return false;
    for (uint32_t at = HEADER_BYTES; at + 4 <= bytes && !found; at += 4) {
        memcpy(&entry, root + at, sizeof(entry));
        found = read_madt(entry, t);
    }
    kva_unmap((void *)root, bytes);
    return found;
}
