/* SPDX-License-Identifier: MIT */
/*
 * The parsers of firmware's tables, ACPI's MADT and the MP table: what a good
 * table says, and that any bytes may be given to them. The bytes end where a
 * page ends and the next one is not mapped: a parser that reads one byte too
 * many is stopped by a page fault.
 */
#include "arch/i386/acpi.h"
#include "arch/i386/mptable.h"
#include "kernel/string.h"
#include "mm/kva.h"
#include "tests/kernel/fuzz.h"
#include "tests/kernel/selftest.h"

#define HEADER 44 /* both kinds of table */

typedef void parser(const void *table, uint32_t bytes, struct topology *t);

static const uint8_t madt_entries[] = {
    0,  8,  0, 0,  1, 0, 0,    0,                /* CPU with APIC 0 */
    0,  8,  1, 3,  1, 0, 0,    0,                /* APIC 3 */
    0,  8,  2, 5,  0, 0, 0,    0,                /* APIC 5, not usable */
    0,  8,  3, 3,  1, 0, 0,    0,                /* APIC 3 again */
    1,  12, 9, 0,  0, 0, 0xc0, 0xfe, 0, 0, 0, 0, /* I/O APIC at 0xfec00000 */
    2,  10, 0, 0,  2, 0, 0,    0,    0, 0,       /* IRQ 0 is at pin 2 */
    2,  10, 0, 77, 9, 0, 0,    0,    0, 0,       /* no such IRQ */
    99, 4,  1, 2,                                /* something else */
    0,  8,  4, 8,  1, 0, 0,    0,                /* APIC 8 */
};

static const uint8_t mp_entries[] = {
    0, 0, 20,  3,   0,   0,   0,    0,    0, 0,
    0, 0, 0,   0,   0,   0,   0,    0,    0, 0, /* CPU, 0 */
    0, 3, 20,  1,   0,   0,   0,    0,    0, 0,
    0, 0, 0,   0,   0,   0,   0,    0,    0, 0, /* CPU, 3 */
    0, 5, 20,  0,   0,   0,   0,    0,    0, 0,
    0, 0, 0,   0,   0,   0,   0,    0,    0, 0, /* not usable */
    0, 8, 20,  1,   0,   0,   0,    0,    0, 0,
    0, 0, 0,   0,   0,   0,   0,    0,    0, 0, /* CPU, 8 */
    1, 0, 'P', 'C', 'I', ' ', ' ',  ' ',        /* bus 0 */
    1, 7, 'I', 'S', 'A', ' ', ' ',  ' ',        /* bus 7 */
    2, 9, 20,  1,   0,   0,   0xc0, 0xfe,       /* I/O APIC at 0xfec00000 */
    3, 0, 0,   0,   7,   0,   9,    2,          /* bus 7's IRQ 0 is at pin 2 */
    3, 0, 0,   0,   0,   5,   9,    6,          /* bus 0's is none of ISA's */
    3, 3, 0,   0,   7,   4,   9,    9,          /* not a plain interrupt */
};

/* Both entries lists say this. */
static bool is_good(const struct topology *t)
{
    return t->cpus == 3 && t->apic_id[0] == 0 && t->apic_id[1] == 3 &&
           t->apic_id[2] == 8 && t->cpus_left_out == 0 &&
           t->io_apic_base == 0xfec00000 && t->isa_pin[0] == 2 &&
           t->isa_pin[1] == 1 && t->isa_pin[5] == 5 && t->isa_pin[4] == 4;
}

/* What must hold whatever was in the table. */
static bool is_sound(const struct topology *t)
{
    if (t->cpus < 1 || t->cpus > MAX_CPUS || t->apic_id[0] != 0)
        return false;
    for (uint32_t i = 0; i < t->cpus; i++)
        for (uint32_t j = 0; j < i; j++)
            if (t->apic_id[i] == t->apic_id[j] || t->apic_id[i] == 0xff)
                return false;
    return t->cpus == MAX_CPUS || t->cpus_left_out == 0;
}

/* Parse the last `bytes` bytes of a page. */
static struct topology parse_at_end(parser *parse, const uint8_t *page,
                                    uint32_t bytes)
{
    struct topology t;
    topology_init(&t, 0);
    parse(page + PAGE_SIZE - bytes, bytes, &t);
    return t;
}

/* A good table, every cut of it, damaged ones; what went wrong, or NULL. */
static const char *try_table(parser *parse, uint8_t *page,
                             const uint8_t *entries, uint32_t size)
{
    uint32_t whole = HEADER + size, seed = 0xacb1, random = seed;
    uint8_t *table = page + PAGE_SIZE - whole;
    memset(page, 0, PAGE_SIZE);
    memcpy(table + HEADER, entries, size);
    struct topology t = parse_at_end(parse, page, whole);
    if (!is_good(&t))
        return "a good table is misread";
    for (uint32_t cut = 0; cut < whole; cut++) {
        memmove(page + PAGE_SIZE - cut, table, cut);
        t = parse_at_end(parse, page, cut);
        if (!is_sound(&t) || t.cpus > 3)
            return "a cut table is misread";
        memset(page, 0, PAGE_SIZE);
        memcpy(table + HEADER, entries, size);
    }
    for (uint32_t i = 0; i < 2000; i++) {
        memcpy(table + HEADER, entries, size);
        fuzz_damage(table + HEADER, size, &random);
        t = parse_at_end(parse, page, whole);
        if (!is_sound(&t))
            return "a damaged table is misread (seed 0xacb1)";
    }
    return NULL;
}

/* Random bytes of random lengths; the seed with which it went wrong, or 0. */
static uint32_t try_random(parser *parse, uint8_t *page)
{
    for (uint32_t seed = 1; seed <= 100; seed++) {
        uint32_t random = seed;
        fuzz_fill(page, PAGE_SIZE, &random);
        /* Small types and lengths get further. */
        if (seed % 2)
            for (uint32_t i = 0; i < PAGE_SIZE; i++)
                page[i] &= 0x0f;
        for (uint32_t i = 0; i < 20; i++) {
            uint32_t bytes = fuzz_random(&random) % (PAGE_SIZE + 1);
            struct topology t = parse_at_end(parse, page, bytes);
            if (!is_sound(&t))
                return seed;
        }
    }
    return 0;
}

static bool try_parser(parser *parse, const uint8_t *entries, uint32_t size)
{
    uint8_t *page = kva_alloc(1, FRAME_ANY);
    if (!page)
        return false;
    const char *wrong = try_table(parse, page, entries, size);
    uint32_t seed = wrong ? 0 : try_random(parse, page);
    kva_free(page, 1);
    if (wrong)
        log_warn("%s", wrong);
    if (seed)
        log_warn("random bytes of seed %u are misread", seed);
    return !wrong && !seed;
}

/* More CPUs than there is room for, each entry made from the first one. */
static bool try_many(parser *parse, const uint8_t *entry, uint32_t size,
                     uint32_t id_at)
{
    const uint32_t count = MAX_CPUS + 9;
    uint8_t *page = kva_alloc(1, FRAME_ANY);
    if (!page)
        return false;
    uint8_t *table = page + PAGE_SIZE - HEADER - count * size;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *e = table + HEADER + i * size;
        memcpy(e, entry, size);
        e[id_at] = (uint8_t)(i * 2);
    }
    struct topology t = parse_at_end(parse, page, HEADER + count * size);
    kva_free(page, 1);
    return t.cpus == MAX_CPUS && t.cpus_left_out == 9 &&
           t.apic_id[MAX_CPUS - 1] == (MAX_CPUS - 1) * 2 && is_sound(&t);
}

SELFTEST(acpi_many, "CPUs for which there is no room are left out and counted")
{
    CHECK(try_many(acpi_parse_madt, madt_entries, 8, 3));
    CHECK(try_many(mptable_parse, mp_entries, 20, 1));
}

SELFTEST(acpi_any_bytes, "the MADT's parser takes any bytes")
{
    CHECK(try_parser(acpi_parse_madt, madt_entries, sizeof(madt_entries)));
}

SELFTEST(acpi_mp_any_bytes, "the MP table's parser takes any bytes")
{
    CHECK(try_parser(mptable_parse, mp_entries, sizeof(mp_entries)));
}
