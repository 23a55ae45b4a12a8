/* SPDX-License-Identifier: MIT */
/*
 * ACPI, as little of it as possible (ACPI specification 6.4: RSDP 5.2.5, RSDT
 * and XSDT 5.2.7-8, MADT 5.2.12). Tables are untrusted input: a length is
 * checked before a byte is read, a checksum before a field is believed, and an
 * entry must lie inside its table.
 */
#include "arch/i386/acpi.h"

#include "arch/i386/paging.h"
#include "kernel/log.h"
#include "kernel/string.h"
#include "mm/kva.h"

#define PACKED        __attribute__((packed))
#define RSDP_ROM      0xe0000u
#define RSDP_V1_BYTES 20
#define TABLE_MAX     (1u << 20) /* longer ones are not believed */
#define TABLES_MAX    128

struct rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length; /* from here on: revision 2 */
    uint64_t xsdt;
    uint8_t extended_checksum;
    uint8_t reserved[3];
} PACKED;

struct header {
    char signature[4];
    uint32_t length;
    uint8_t revision;
    uint8_t checksum;
    char oem[22]; /* four fields of names */
    uint32_t creator_revision;
} PACKED;

struct madt {
    struct header header;
    uint32_t unused[2];
} PACKED;

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

_Static_assert(sizeof(struct rsdp) == 36 && sizeof(struct header) == 36 &&
                   sizeof(struct madt) == 44,
               "layout of ACPI tables");

static bool is_rsdp(const void *candidate)
{
    const struct rsdp *r = candidate;
    return memcmp(r->signature, "RSD PTR ", 8) == 0 &&
           topology_checksum(r, RSDP_V1_BYTES) == 0;
}

/*
 * Map the table at `start` if it is one: right signature, sane length
 * of at least `least` bytes, right sum. The caller unmaps it.
 */
static const struct header *map_table(phys_t start, const char *signature,
                                      uint32_t least)
{
    if (!start || start > physical_end - TABLE_MAX)
        return NULL;
    const struct header *h = kva_map_memory(start, sizeof(*h));
    bool wanted = memcmp(h->signature, signature, 4) == 0;
    uint32_t length = h->length;
    kva_unmap((void *)h, sizeof(*h));
    if (!wanted || length < least || length > TABLE_MAX)
        return NULL;
    h = kva_map_memory(start, length);
    if (topology_checksum(h, length) == 0)
        return h;
    log_warn("ACPI: table at %#llx has a wrong checksum",
             (unsigned long long)start);
    kva_unmap((void *)h, length);
    return NULL;
}

/* The MADT, mapped, or NULL. The root has entries of 4 (RSDT) or 8 bytes. */
static const struct header *find_madt(const struct header *root,
                                      uint32_t entry_size)
{
    uint32_t count = (root->length - (uint32_t)sizeof(*root)) / entry_size;
    const struct header *madt = NULL;
    for (uint32_t i = 0; i < count && i < TABLES_MAX && !madt; i++) {
        uint64_t entry = 0;
        memcpy(&entry, (const uint8_t *)(root + 1) + i * entry_size,
               entry_size);
        madt = map_table(entry, "APIC", sizeof(struct madt));
    }
    return madt;
}

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
    uint32_t at = sizeof(struct madt);
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

bool acpi_read(struct topology *t)
{
    const struct rsdp *rsdp = topology_scan(RSDP_ROM, sizeof(*rsdp), is_rsdp);
    const struct header *root = NULL, *madt;
    uint32_t entry_size = 8;
    if (!rsdp)
        return false;
    if (rsdp->revision >= 2 && rsdp->length >= sizeof(*rsdp) &&
        rsdp->length <= 64 && topology_checksum(rsdp, rsdp->length) == 0)
        root = map_table(rsdp->xsdt, "XSDT", sizeof(*root));
    if (!root) {
        entry_size = 4;
        root = map_table(rsdp->rsdt, "RSDT", sizeof(*root));
    }
    if (!root)
        return false;
    madt = find_madt(root, entry_size);
    kva_unmap((void *)root, root->length);
    if (!madt)
        return false;
    acpi_parse_madt(madt, madt->length, t);
    kva_unmap((void *)madt, madt->length);
    return true;
}
