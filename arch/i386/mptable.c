/* SPDX-License-Identifier: MIT */
/*
 * MP tables (Intel MultiProcessor Specification 1.4, chapter 4): a floating
 * pointer in the BIOS areas leads to a configuration table. (The default
 * configurations of chapter 5, which have no table, are boards older than any
 * CPU with PAE and FXSAVE.) Untrusted input: the length is checked before a
 * byte is read, the checksum before a field is believed, and every entry must
 * lie inside the table.
 */
#include "arch/i386/mptable.h"

#include "kernel/string.h"
#include "mm/kva.h"

#define PACKED          __attribute__((packed))
#define POINTER_ROM     0xf0000u
#define HEADER_BYTES    44
#define PROCESSOR_BYTES 20
#define ENTRY_BYTES     8
#define BUSES           256

struct pointer {
    char signature[4];
    uint32_t table;
    uint8_t others[8];
};

enum { MP_PROCESSOR, MP_BUS, MP_IO_APIC, MP_INTERRUPT, MP_LOCAL_INTERRUPT };

#define MP_ENABLED  1u
#define MP_VECTORED 0 /* interrupt type INT */

struct entry {
    uint8_t type;
    union {
        struct {
            uint8_t apic_id, version, flags;
        } PACKED processor;
        struct {
            uint8_t id;
            char name[6];
        } PACKED bus;
        struct {
            uint8_t id, version, flags;
            uint32_t base;
        } PACKED io_apic;
        struct {
            uint8_t kind;
            uint16_t flags;
            uint8_t bus, irq, io_apic, pin;
        } PACKED interrupt;
    };
} PACKED;

_Static_assert(sizeof(struct pointer) == 16 &&
                   sizeof(struct entry) == ENTRY_BYTES,
               "layout of MP tables");

/* Entry at `*at`, which is moved on; NULL at the end or at a broken one. */
static const struct entry *next_entry(const uint8_t *table, uint32_t bytes,
                                      uint32_t *at)
{
    if (*at >= bytes)
        return NULL;
    const struct entry *e = (const void *)(table + *at);
    uint32_t size = e->type == MP_PROCESSOR ? PROCESSOR_BYTES : ENTRY_BYTES;
    if (e->type > MP_LOCAL_INTERRUPT || size > bytes - *at)
        return NULL;
    *at += size;
    return e;
}

void mptable_parse(const void *table, uint32_t bytes, struct topology *t)
{
    const struct entry *e;
    uint32_t isa[BUSES / 32] = {0}; /* bit set: that bus is ISA or EISA */
    uint32_t at = HEADER_BYTES;
    /* The entries are sorted: buses come before interrupts. */
    while ((e = next_entry(table, bytes, &at)) != NULL) {
        if (e->type == MP_PROCESSOR && (e->processor.flags & MP_ENABLED))
            topology_add_cpu(t, e->processor.apic_id);
        else if (e->type == MP_BUS && (memcmp(e->bus.name, "ISA", 3) == 0 ||
                                       memcmp(e->bus.name, "EISA", 4) == 0))
            isa[e->bus.id / 32] |= 1u << e->bus.id % 32;
        else if (e->type == MP_IO_APIC && (e->io_apic.flags & MP_ENABLED) &&
                 !t->io_apic_base)
            t->io_apic_base = e->io_apic.base;
        else if (e->type == MP_INTERRUPT && e->interrupt.kind == MP_VECTORED &&
                 (isa[e->interrupt.bus / 32] >> e->interrupt.bus % 32 & 1) &&
                 e->interrupt.irq < ISA_IRQS)
            t->isa_pin[e->interrupt.irq] = e->interrupt.pin;
    }
}

bool mptable_read(struct topology *t)
{
    uint32_t bytes;
    const struct pointer *p = topology_find("_MP_", POINTER_ROM, sizeof(*p));
    /* 16 bits of length, then revision and checksum. */
    const void *table =
        p ? topology_map(p->table, "PCMP", HEADER_BYTES, 0xffff, &bytes) : NULL;
    if (!table)
        return false;
    mptable_parse(table, bytes, t);
    kva_unmap((void *)table, bytes);
    return true;
}
