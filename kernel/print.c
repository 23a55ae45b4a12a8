/* SPDX-License-Identifier: MIT */
/*
 * Formatting. A conversion is parsed into a struct spec, its digits are made
 * from the right in a small buffer, and one function puts sign, prefix, padding
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
    bool left, zero, plus, space, alternate;
    int width;
    int precision; /* -1: none given */
    int length;    /* bytes of an integer argument */
};

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->size)
        out->buffer[out->length] = c;
    out->length++;
}

static void put_repeated(struct output *out, char c, int times)
{
    while (times-- > 0)
        put(out, c);
}

static void put_text(struct output *out, const char *text, int length)
{
    for (int i = 0; i < length; i++)
        put(out, text[i]);
}

/* A string or character: padded with spaces, never with zeros. */
static void put_padded(struct output *out, const struct spec *spec,
                       const char *text, int length)
{
    int padding = spec->width - length;
    if (!spec->left)
        put_repeated(out, ' ', padding);
    put_text(out, text, length);
    if (spec->left)
        put_repeated(out, ' ', padding);
}

/* Digits of `value` so that they end before `end`; returns the first. */
static char *digits_before(char *end, uint64_t value, uint32_t base,
                           bool capitals)
{
    const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    while (value) {
        uint32_t digit;
        value = divide_u64(value, base, &digit);
        *--end = digits[digit];
    }
    return end;
}

static void put_number(struct output *out, const struct spec *spec,
                       const char *prefix, uint64_t value, uint32_t base,
                       bool capitals)
{
    char buffer[24]; /* 22 octal digits are the most */
    char *end = buffer + sizeof(buffer);
    char *first = digits_before(end, value, base, capitals);
    int digits = (int)(end - first), signs = (int)strlen(prefix);

    int zeros = (spec->precision < 0 ? 1 : spec->precision) - digits;
    if (base == 8 && spec->alternate && zeros < 1)
        zeros = 1;
    if (zeros < 0)
        zeros = 0;
    int padding = spec->width - signs - zeros - digits;
    if (spec->zero && !spec->left && spec->precision < 0 && padding > 0) {
        zeros += padding;
        padding = 0;
    }
    if (!spec->left)
        put_repeated(out, ' ', padding);
    put_text(out, prefix, signs);
    put_repeated(out, '0', zeros);
    put_text(out, first, digits);
    if (spec->left)
        put_repeated(out, ' ', padding);
}

static const char *parse_flags(const char *f, struct spec *spec)
{
    for (;; f++) {
        if (*f == '-')
            spec->left = true;
        else if (*f == '0')
            spec->zero = true;
        else if (*f == '+')
            spec->plus = true;
        else if (*f == ' ')
            spec->space = true;
        else if (*f == '#')
            spec->alternate = true;
        else
            return f;
    }
}

#define WIDTH_MAX 4096 /* keeps every sum of lengths far from overflow */

static const char *parse_count(const char *f, int *count)
{
    for (*count = 0; *f >= '0' && *f <= '9'; f++) {
        if (*count < WIDTH_MAX)
            *count = *count * 10 + (*f - '0');
    }
    if (*count > WIDTH_MAX)
        *count = WIDTH_MAX;
    return f;
}

static const char *parse_length(const char *f, struct spec *spec)
{
    spec->length = sizeof(int);
    if (*f == 'h') {
        bool twice = f[1] == 'h';
        spec->length = twice ? sizeof(char) : sizeof(short);
        return f + (twice ? 2 : 1);
    }
    if (*f == 'l') {
        bool twice = f[1] == 'l';
        spec->length = twice ? sizeof(long long) : sizeof(long);
        return f + (twice ? 2 : 1);
    }
    if (*f == 'z') {
        spec->length = sizeof(size_t);
        return f + 1;
    }
    return f;
}

/* va_list is an array on some machines; in a structure it passes as one. */
struct arguments {
    va_list list;
};

static int star(struct arguments *arguments)
{
    int n = va_arg(arguments->list, int);
    return n > WIDTH_MAX ? WIDTH_MAX : n < -WIDTH_MAX ? -WIDTH_MAX : n;
}

static const char *parse_spec(const char *f, struct spec *spec,
                              struct arguments *arguments)
{
    *spec = (struct spec){.precision = -1};
    f = parse_flags(f, spec);
    if (*f == '*') {
        spec->width = star(arguments);
        f++;
        if (spec->width < 0) {
            spec->left = true;
            spec->width = -spec->width;
        }
    } else {
        f = parse_count(f, &spec->width);
    }
    if (*f == '.') {
        f++;
        if (*f == '*') {
            spec->precision = star(arguments);
            f++;
        } else {
            f = parse_count(f, &spec->precision);
        }
    }
    return parse_length(f, spec);
}

static uint64_t unsigned_argument(const struct spec *spec,
                                  struct arguments *arguments)
{
    if (spec->length == sizeof(uint64_t))
        return va_arg(arguments->list, uint64_t);
    uint32_t value = va_arg(arguments->list, uint32_t);
    if (spec->length == 1)
        return (uint8_t)value;
    return spec->length == 2 ? (uint16_t)value : value;
}

static int64_t signed_argument(const struct spec *spec,
                               struct arguments *arguments)
{
    uint64_t value = unsigned_argument(spec, arguments);
    if (spec->length == 1)
        return (int8_t)value;
    if (spec->length == 2)
        return (int16_t)value;
    return spec->length == 4 ? (int32_t)value : (int64_t)value;
}

static void put_signed(struct output *out, const struct spec *spec,
                       struct arguments *arguments)
{
    int64_t value = signed_argument(spec, arguments);
    const char *sign = value < 0     ? "-"
                       : spec->plus  ? "+"
                       : spec->space ? " "
                                     : "";
    /* Negated as unsigned, for the sake of the smallest number. */
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    put_number(out, spec, sign, size, 10, false);
}

static void put_hexadecimal(struct output *out, const struct spec *spec,
                            struct arguments *arguments, bool capitals)
{
    uint64_t value = unsigned_argument(spec, arguments);
    const char *prefix = !spec->alternate || !value ? ""
                         : capitals                 ? "0X"
                                                    : "0x";
    put_number(out, spec, prefix, value, 16, capitals);
}

static void put_string(struct output *out, const struct spec *spec,
                       const char *text)
{
    if (!text)
        text = "(null)";
    /* With a precision the string need not be ended. */
    int length = 0;
    while ((spec->precision < 0 || length < spec->precision) && text[length])
        length++;
    put_padded(out, spec, text, length);
}

static void put_conversion(struct output *out, char conversion,
                           struct spec *spec, struct arguments *arguments)
{
    char c;
    switch (conversion) {
    case 'd':
    case 'i':
        put_signed(out, spec, arguments);
        break;
    case 'u':
        put_number(out, spec, "", unsigned_argument(spec, arguments), 10,
                   false);
        break;
    case 'o':
        put_number(out, spec, "", unsigned_argument(spec, arguments), 8, false);
        break;
    case 'x':
    case 'X':
        put_hexadecimal(out, spec, arguments, conversion == 'X');
        break;
    case 'p':
        spec->precision = 2 * sizeof(uint32_t);
        put_number(out, spec, "", (uintptr_t)va_arg(arguments->list, void *),
                   16, false);
        break;
    case 'c':
        c = (char)va_arg(arguments->list, int);
        put_padded(out, spec, &c, 1);
        break;
    case 's':
        put_string(out, spec, va_arg(arguments->list, const char *));
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
    struct arguments arguments;
    va_copy(arguments.list, list);
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put(&out, *f);
            continue;
        }
        struct spec spec;
        f = parse_spec(f + 1, &spec, &arguments);
        if (!*f)
            break;
        put_conversion(&out, *f, &spec, &arguments);
    }
    va_end(arguments.list);
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
