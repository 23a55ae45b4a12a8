/* SPDX-License-Identifier: MIT */
/*
 * What GCC's -fsanitize=undefined calls when a debug build does something that
 * C leaves undefined: each handler says what and where, then panics. The names
 * and the records they are given are the compiler's; values of up to 32 bits
 * come in the argument itself, wider ones by address. A release build has no
 * such calls, and of this file nothing is left.
 */
#ifdef DEBUG

#include "kernel/panic.h"
#include "kernel/print.h"
#include "kernel/types.h"

struct location {
    const char *file;
    uint32_t line, column;
};

/* A type: kind 0 is an integer, whose bit 0 of info says signed. */
struct type {
    uint16_t kind;
    uint16_t info; /* bits 1 up: binary logarithm of the width in bits */
    char name[];
};

/* All records begin with the location; those with types have these next. */
struct place {
    struct location location;
};

struct place_types {
    struct location location;
    const struct type *first, *second;
};

struct mismatch {
    struct location location;
    const struct type *type;
    uint8_t alignment; /* binary logarithm */
    uint8_t access;    /* index of the words below */
};

static const char *const access_words[] = {
    "load of",   "store to",         "reference to", "member access in",
    "call on",   "constructor call", "downcast of",  "downcast of",
    "upcast of", "upcast of",        "non-null of",  "dynamic operation on",
};

typedef uintptr_t value; /* of an operand, or its address */

/* Panicking may itself do something undefined: only the first is reported. */
static bool reporting;

#define REPORT(location, ...)                                        \
    do {                                                             \
        char what_[128];                                             \
        if (__atomic_exchange_n(&reporting, true, __ATOMIC_RELAXED)) \
            return;                                                  \
        format(what_, sizeof(what_), __VA_ARGS__);                   \
        panic("undefined: %s (%s:%u:%u)", what_, (location)->file,   \
              (location)->line, (location)->column);                 \
    } while (0)

struct shown {
    char text[24];
};

/* A value of a type as text. */
static struct shown show(const struct type *type, value v)
{
    struct shown s = {""};
    uint32_t bits = 1u << (type->info >> 1);
    bool is_signed = type->info & 1;
    uint64_t wide = bits > 32 ? *(const uint64_t *)v : v;
    if (type->kind != 0 || bits > 64)
        format(s.text, sizeof(s.text), "?");
    else if (bits > 32)
        format(s.text, sizeof(s.text), is_signed ? "%lld" : "%llu", wide);
    else if (is_signed) /* narrow values need not be extended */
        format(s.text, sizeof(s.text), "%d",
               (int32_t)((uint32_t)v << (32 - bits)) >> (32 - bits));
    else
        format(s.text, sizeof(s.text), "%u", (uint32_t)v);
    return s;
}

/* The compiler calls these by name; nobody else does. */
#define HANDLER(name, ...)                   \
    void __ubsan_handle_##name(__VA_ARGS__); \
    void __ubsan_handle_##name(__VA_ARGS__)

#define OVERFLOW(what, sign)                                     \
    HANDLER(what, const struct place_types *p, value a, value b) \
    {                                                            \
        REPORT(&p->location, "%s " sign " %s overflows %s",      \
               show(p->first, a).text, show(p->first, b).text,   \
               p->first->name);                                  \
    }

OVERFLOW(add_overflow, "+")
OVERFLOW(sub_overflow, "-")
OVERFLOW(mul_overflow, "*")
OVERFLOW(divrem_overflow, "/")

HANDLER(negate_overflow, const struct place_types *p, value v)
{
    REPORT(&p->location, "-(%s) overflows %s", show(p->first, v).text,
           p->first->name);
}

HANDLER(shift_out_of_bounds, const struct place_types *p, value a, value b)
{
    REPORT(&p->location, "%s of %s shifted by %s", show(p->first, a).text,
           p->first->name, show(p->second, b).text);
}

HANDLER(out_of_bounds, const struct place_types *p, value index)
{
    REPORT(&p->location, "index %s of %s", show(p->second, index).text,
           p->first->name);
}

HANDLER(type_mismatch_v1, const struct mismatch *p, value address)
{
    const char *access = p->access < ARRAY_LENGTH(access_words)
                             ? access_words[p->access]
                             : "use of";
    uintptr_t low_bits = ((uintptr_t)1 << p->alignment) - 1;
    const char *kind = !address               ? "null"
                       : (address & low_bits) ? "misaligned"
                                              : "too small";
    REPORT(&p->location, "%s %s pointer %p to %s", access, kind,
           (void *)address, p->type->name);
}

HANDLER(load_invalid_value, const struct place_types *p, value v)
{
    REPORT(&p->location, "load of %s, which is no %s", show(p->first, v).text,
           p->first->name);
}

HANDLER(pointer_overflow, const struct place *p, value before, value after)
{
    REPORT(&p->location, "pointer %p moved to %p", (void *)before,
           (void *)after);
}

HANDLER(vla_bound_not_positive, const struct place_types *p, value v)
{
    REPORT(&p->location, "array of %s elements", show(p->first, v).text);
}

HANDLER(builtin_unreachable, const struct place *p)
{
    REPORT(&p->location, "unreachable code reached");
}

HANDLER(missing_return, const struct place *p)
{
    REPORT(&p->location, "end of a function without its value");
}

HANDLER(invalid_builtin, const struct place *p)
{
    REPORT(&p->location, "bit count of zero");
}

HANDLER(nonnull_arg, const struct place *p)
{
    REPORT(&p->location, "null for an argument that must not be");
}

HANDLER(nonnull_return_v1, const struct place *p, const struct location *where)
{
    (void)p;
    REPORT(where, "null returned where it must not be");
}

HANDLER(alignment_assumption, const struct place *p, value pointer)
{
    REPORT(&p->location, "pointer %p is not aligned as assumed",
           (void *)pointer);
}

#endif
