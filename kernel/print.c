/* SPDX-License-Identifier: MIT */
/*
 * Formatting. A conversion is parsed into a struct spec, its digits are made
 * from the right in a small buffer, and put_padded() puts sign, prefix, padding
 * and digits out. Output goes through put(), the only place that knows the
 * buffer's size: the rest counts as if there were room. Used by panics, so
 * nothing here locks, allocates or fails.
 */
#include "kernel/print.h"

#include "kernel/string.h"
#include "machine/cpu.h"

struct output {
    char *buffer;
    size_t size;
    size_t length; /* of the whole, what did not fit included */
};

struct spec {
    bool left, zero, alternate;
    bool wide; /* the argument has 64 bits */
    uint32_t width;
    uint32_t precision; /* of strings: characters, at most */
};

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->size)
        out->buffer[out->length] = c;
    out->length++;
}

/* Zeros stand between prefix and text, spaces around both. */
static void put_padded(struct output *out, const struct spec *spec,
                       const char *prefix, const char *text, uint32_t length)
{
    uint32_t used = (uint32_t)strlen(prefix) + length;
    uint32_t padding = spec->width > used ? spec->width - used : 0;
    bool zeros = spec->zero && !spec->left;
    for (; padding && !spec->left && !zeros; padding--)
        put(out, ' ');
    while (*prefix)
        put(out, *prefix++);
    for (; padding && zeros; padding--)
        put(out, '0');
    while (length--)
        put(out, *text++);
    for (; padding; padding--)
        put(out, ' ');
}

static void put_number(struct output *out, const struct spec *spec,
                       const char *prefix, uint64_t value, uint32_t base)
{
    char buffer[20]; /* the digits of 2^64 */
    char *end = buffer + sizeof(buffer), *first = end;
    do {
        uint32_t digit;
        value = divide_u64(value, base, &digit);
        *--first = "0123456789abcdef"[digit];
    } while (value);
    put_padded(out, spec, prefix, first, (uint32_t)(end - first));
}

static void put_string(struct output *out, const struct spec *spec,
                       const char *text)
{
    if (!text)
        text = "(null)";
    /* With a precision the string need not be ended. */
    uint32_t length = 0;
    while (length < spec->precision && text[length])
        length++;
    put_padded(out, spec, "", text, length);
}

static const char *parse_count(const char *f, uint32_t *count)
{
    for (*count = 0; *f >= '0' && *f <= '9'; f++)
        *count = *count * 10 + (uint32_t)(*f - '0');
    return f;
}

static const char *parse_spec(const char *f, struct spec *spec)
{
    *spec = (struct spec){.precision = UINT32_MAX};
    for (; *f == '-' || *f == '0' || *f == '#'; f++) {
        spec->left |= *f == '-';
        spec->zero |= *f == '0';
        spec->alternate |= *f == '#';
    }
    f = parse_count(f, &spec->width);
    if (*f == '.')
        f = parse_count(f + 1, &spec->precision);
    spec->wide = f[0] == 'l' && f[1] == 'l';
    return f + (spec->wide ? 2 : *f == 'l' || *f == 'z');
}

/* An integer; negated as unsigned, for the sake of the smallest number. */
static void put_integer(struct output *out, char conversion,
                        const struct spec *spec, va_list *list)
{
    uint64_t value =
        spec->wide ? va_arg(*list, uint64_t) : va_arg(*list, uint32_t);
    int64_t number = spec->wide ? (int64_t)value : (int32_t)value;
    if (conversion == 'd' && number < 0)
        put_number(out, spec, "-", -(uint64_t)number, 10);
    else
        put_number(out, spec, spec->alternate && value ? "0x" : "", value,
                   conversion == 'x' ? 16 : 10);
}

static void put_conversion(struct output *out, char conversion,
                           struct spec *spec, va_list *list)
{
    char c;
    switch (conversion) {
    case 'd':
    case 'u':
    case 'x':
        put_integer(out, conversion, spec, list);
        break;
    case 'p':
        *spec = (struct spec){.zero = true, .width = 2 * sizeof(void *)};
        put_integer(out, 'x', spec, list);
        break;
    case 'c':
        c = (char)va_arg(*list, int);
        put_padded(out, spec, "", &c, 1);
        break;
    case 's':
        put_string(out, spec, va_arg(*list, const char *));
        break;
    case '%':
        put(out, '%');
        break;
    default: /* not ours: show it, so that the mistake is seen */
        put(out, '%');
        put(out, conversion);
    }
}

int format_list(char *buffer, size_t size, const char *format, va_list list)
{
    struct output out = {buffer, size, 0};
    va_list rest; /* where va_list is an array, `list` is a pointer */
    va_copy(rest, list);
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put(&out, *f);
            continue;
        }
        struct spec spec;
        f = parse_spec(f + 1, &spec);
        if (!*f)
            break;
        put_conversion(&out, *f, &spec, &rest);
    }
    va_end(rest);
    if (size)
        buffer[out.length < size ? out.length : size - 1] = '\0';
    return (int)out.length;
}

int format(char *buffer, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = format_list(buffer, size, format, list);
    va_end(list);
    return length;
}
