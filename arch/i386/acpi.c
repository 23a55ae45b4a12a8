/* SPDX-License-Identifier: MIT */
/*
 * ACPI, as little of it as possible (ACPI specification 6.4: RSDP 5.2.5, RSDT
 * and XSDT 5.2.7-8, FADT 5.2.9, MADT 5.2.12, sleep states 16.1). Tables are
 * untrusted input: a length is checked before a byte is read, a checksum
 * before a field is believed, and an entry must lie inside its table.
 *
 * There is no AML interpreter. The two numbers that soft off needs are the
 * first elements of the package _S5_ in the DSDT, which in practice is always
 * a constant and is found by its bytes.
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

struct fadt {
    struct header header;
    uint32_t firmware_control;
    uint32_t dsdt;
    uint8_t unused1[4];
    uint32_t smi_command;
    uint8_t acpi_enable;
    uint8_t unused2[11];
    uint32_t control_a, control_b;
} PACKED;

struct madt {
    struct header header;
    uint32_t lapic_base;
    uint32_t flags;
} PACKED;

enum {
    MADT_LAPIC = 0,
    MADT_IO_APIC = 1,
    MADT_OVERRIDE = 2,
    MADT_LAPIC_BASE = 5,
};

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
        struct {
            uint16_t reserved;
            uint64_t base;
        } PACKED lapic_base;
    };
} PACKED;

_Static_assert(sizeof(struct rsdp) == 36 && sizeof(struct header) == 36 &&
                   offsetof(struct fadt, control_a) == 64 &&
                   sizeof(struct madt) == 44,
               "layout of ACPI tables");

struct acpi_power acpi_power;

static bool is_rsdp(const void *candidate)
{
    const struct rsdp *r = candidate;
    return memcmp(r->signature, "RSD PTR ", 8) == 0 &&
           topology_checksum(r, RSDP_V1_BYTES) == 0;
}

/*
 * Map the table at `start` if it is one: right signature (NULL: any), sane
 * length of at least `least` bytes, right sum. The caller unmaps it.
 */
static const struct header *map_table(phys_t start, const char *signature,
                                      uint32_t least)
{
    if (!start || start > physical_end - TABLE_MAX)
        return NULL;
    const struct header *h = kva_map_memory(start, sizeof(*h));
    bool wanted = !signature || memcmp(h->signature, signature, 4) == 0;
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

static void unmap_table(const struct header *h)
{
    kva_unmap((void *)h, h->length);
}

/* Entry `i` of the RSDT (4 bytes each) or XSDT (8 bytes each). */
static phys_t root_entry(const struct header *root, uint32_t i, uint32_t size)
{
    uint64_t entry = 0;
    memcpy(&entry, (const uint8_t *)(root + 1) + i * size, size);
    return entry;
}

/* The table with this signature, mapped, or NULL. */
static const struct header *find_table(const struct header *root,
                                       uint32_t entry_size,
                                       const char *signature, uint32_t least)
{
    uint32_t count = (root->length - (uint32_t)sizeof(*root)) / entry_size;
    if (count > TABLES_MAX)
        count = TABLES_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const struct header *h =
            map_table(root_entry(root, i, entry_size), signature, least);
        if (h)
            return h;
    }
    return NULL;
}

/* Entry at `*at`, which is moved on; NULL at the end or at a broken one. */
static const struct madt_entry *next_entry(const uint8_t *table, uint32_t bytes,
                                           uint32_t *at)
{
    static const uint8_t least[] = {
        [MADT_LAPIC] = 8,
        [MADT_IO_APIC] = 12,
        [MADT_OVERRIDE] = 10,
        [MADT_LAPIC_BASE] = 12,
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

static void add_override(const struct madt_entry *e, struct topology *t)
{
    uint32_t best = MAX_IO_APICS, gsi = e->override.gsi;
    if (e->override.bus != 0 || e->override.irq >= ISA_IRQS)
        return;
    for (uint32_t i = 0; i < t->io_apics; i++)
        if (t->io_apic[i].first_gsi <= gsi &&
            (best == MAX_IO_APICS ||
             t->io_apic[i].first_gsi > t->io_apic[best].first_gsi))
            best = i;
    if (best == MAX_IO_APICS || gsi - t->io_apic[best].first_gsi > 0xff)
        return;
    /* Table 5.26: bits 0-1 polarity, 2-3 trigger; 3 is low and level. */
    t->isa[e->override.irq] = (struct isa_route){
        .io_apic = (uint8_t)best,
        .pin = (uint8_t)(gsi - t->io_apic[best].first_gsi),
        .active_low = (e->override.flags & 3) == 3,
        .level = (e->override.flags >> 2 & 3) == 3,
    };
}

/* ISA interrupt n is GSI n: at the I/O APIC that begins at 0, if not first. */
static void add_identity(struct topology *t)
{
    for (uint32_t i = 0; i < t->io_apics; i++)
        if (t->io_apic[i].first_gsi == 0)
            for (uint32_t irq = 0; irq < ISA_IRQS; irq++)
                t->isa[irq].io_apic = (uint8_t)i;
}

void acpi_parse_madt(const void *table, uint32_t bytes, struct topology *t)
{
    const struct madt *madt = table;
    const struct madt_entry *e;
    uint32_t at = sizeof(*madt);
    if (bytes < sizeof(*madt))
        return;
    t->lapic_base = madt->lapic_base;
    while ((e = next_entry(table, bytes, &at)) != NULL) {
        if (e->type == MADT_LAPIC && (e->lapic.flags & LAPIC_ENABLED))
            topology_add_cpu(t, e->lapic.apic_id);
        else if (e->type == MADT_IO_APIC)
            topology_add_io_apic(t, (struct io_apic_place){
                                        .id = e->io_apic.id,
                                        .base = e->io_apic.base,
                                        .first_gsi = e->io_apic.first_gsi,
                                    });
        else if (e->type == MADT_LAPIC_BASE)
            t->lapic_base = e->lapic_base.base;
    }
    /* Overrides name I/O APICs that may stand behind them in the table. */
    add_identity(t);
    at = sizeof(*madt);
    while ((e = next_entry(table, bytes, &at)) != NULL)
        if (e->type == MADT_OVERRIDE)
            add_override(e, t);
}

/* An integer constant of AML, at most a byte (20.2.3). Moves `*at` on. */
static bool aml_byte(const uint8_t *aml, uint32_t bytes, uint32_t *at,
                     uint8_t *value)
{
    if (*at >= bytes)
        return false;
    uint8_t op = aml[(*at)++];
    if (op > 1 && op != 0x0a) /* ZeroOp, OneOp, BytePrefix */
        return false;
    if (op <= 1) {
        *value = op;
        return true;
    }
    if (*at >= bytes)
        return false;
    *value = aml[(*at)++];
    return true;
}

/* Name (_S5_, Package (n) { type_a, type_b, ... }), 20.2.5. */
bool acpi_find_s5(const void *dsdt, uint32_t bytes, uint8_t *type_a,
                  uint8_t *type_b)
{
    const uint8_t *aml = dsdt;
    for (uint32_t i = sizeof(struct header); i + 8 < bytes; i++) {
        if (memcmp(aml + i, "_S5_\x12", 5) != 0) /* PackageOp */
            continue;
        uint8_t before = aml[i - 1]; /* NameOp, or '\' of a root name */
        if (before != 0x08 && before != '\\')
            continue;
        /* The two top bits say how many more bytes the length has. */
        uint32_t at = i + 5 + 1 + (aml[i + 5] >> 6);
        if (at >= bytes || aml[at++] < 2) /* elements */
            continue;
        if (aml_byte(aml, bytes, &at, type_a) &&
            aml_byte(aml, bytes, &at, type_b))
            return true;
    }
    return false;
}

static void read_power(const struct fadt *fadt)
{
    struct acpi_power p = {
        .control_a = (uint16_t)fadt->control_a,
        .control_b = (uint16_t)fadt->control_b,
        .smi_command = (uint16_t)fadt->smi_command,
        .acpi_enable = fadt->acpi_enable,
    };
    const struct header *dsdt =
        map_table(fadt->dsdt, "DSDT", sizeof(struct header));
    if (!dsdt)
        return;
    if (acpi_find_s5(dsdt, dsdt->length, &p.type_a, &p.type_b))
        acpi_power = p;
    unmap_table(dsdt);
}

bool acpi_read(struct topology *t)
{
    const struct rsdp *rsdp = topology_scan(RSDP_ROM, sizeof(*rsdp), is_rsdp);
    const struct header *root = NULL, *table;
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

    table = find_table(root, entry_size, "FACP", sizeof(struct fadt));
    if (table) {
        read_power((const struct fadt *)(const void *)table);
        unmap_table(table);
    }
    table = find_table(root, entry_size, "APIC", sizeof(struct madt));
    unmap_table(root);
    if (!table)
        return false;
    acpi_parse_madt(table, table->length, t);
    unmap_table(table);
    return true;
}
