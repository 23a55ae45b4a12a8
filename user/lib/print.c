/* SPDX-License-Identifier: MIT */
/*
 * A small printf. Characters go to a sink, which either keeps what fits (a
 * string) or writes itself out when it is full (a file). One conversion is
 * read into a struct spec, rendered as prefix + zeros + digits, and padded.
 */
#include "user/lib/print.h"

#include <stdbool.h>

#include "user/lib/division.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

struct sink {
    char *buffer;
    size_t size, used;
    int file;     /* -1: a string */
    size_t total; /* all characters, those that did not fit too */
};

struct spec {
    bool left, zero, plus, space, alternate;
    int width, precision; /* precision -1: none */
    int length;           /* in bytes: 1, 2, 4 or 8 */
};

int write_all(int file, const char *bytes, size_t count)
{
    while (count) {
        int n = sys_write(file, bytes, count);
        if (n < 0)
            return n;
        if (n == 0)
            return -EIO;
        bytes += n;
        count -= (size_t)n;
    }
    return 0;
}

static void sink_flush(struct sink *s)
{
    /* An error has no one to go to: the count still says what was meant. */
    (void)write_all(s->file, s->buffer, s->used);
    s->used = 0;
}

static void put(struct sink *s, char c)
{
    s->total++;
    if (s->used == s->size) {
        if (s->file < 0)
            return;
        sink_flush(s);
    }
    s->buffer[s->used++] = c;
}

static void put_times(struct sink *s, char c, int times)
{
    while (times-- > 0)
        put(s, c);
}

static void put_padded(struct sink *s, const struct spec *spec,
                       const char *text, int length)
{
    if (!spec->left)
        put_times(s, ' ', spec->width - length);
    for (int i = 0; i < length; i++)
        put(s, text[i]);
    if (spec->left)
        put_times(s, ' ', spec->width - length);
}

static void put_number(struct sink *s, struct spec spec, uint64_t n,
                       bool negative, uint32_t base, bool capitals)
{
    char digits[24], prefix[3];
    const char *alphabet = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    int count = 0, prefixes = 0, zeros;
    uint32_t digit;

    if (negative || spec.plus || spec.space)
        prefix[prefixes++] = negative ? '-' : spec.plus ? '+' : ' ';
    if (spec.alternate && base == 16 && n) {
        prefix[prefixes++] = '0';
        prefix[prefixes++] = capitals ? 'X' : 'x';
    }
    /* C prints no digit for zero with precision zero. */
    while (n || (count == 0 && spec.precision != 0)) {
        n = divide_u64(n, base, &digit);
        digits[count++] = alphabet[digit];
    }
    zeros = spec.precision - count;
    if (spec.precision < 0 && spec.zero && !spec.left)
        zeros = spec.width - prefixes - count;
    /* Octal's mark is one leading zero, unless there is one anyway. */
    if (spec.alternate && base == 8 && zeros <= 0 &&
        !(count && digits[count - 1] == '0'))
        zeros = 1;
    if (zeros < 0)
        zeros = 0;

    int length = prefixes + zeros + count;
    if (!spec.left)
        put_times(s, ' ', spec.width - length);
    for (int i = 0; i < prefixes; i++)
        put(s, prefix[i]);
    put_times(s, '0', zeros);
    while (count)
        put(s, digits[--count]);
    if (spec.left)
        put_times(s, ' ', spec.width - length);
}

static const char *read_count(const char *f, int *count, va_list *list)
{
    if (*f == '*') {
        *count = va_arg(*list, int);
        return f + 1;
    }
    for (*count = 0; *f >= '0' && *f <= '9'; f++)
        *count = *count * 10 + (*f - '0');
    return f;
}

static const char *read_spec(const char *f, struct spec *spec, va_list *list)
{
    *spec = (struct spec){.precision = -1, .length = 4};
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
            break;
    }
    f = read_count(f, &spec->width, list);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = -spec->width;
    }
    if (*f == '.')
        f = read_count(f + 1, &spec->precision, list);
    if (f[0] == 'l' && f[1] == 'l')
        spec->length = 8;
    else if (f[0] == 'h')
        spec->length = f[1] == 'h' ? 1 : 2;
    while (*f == 'l' || *f == 'h' || *f == 'z')
        f++;
    return f;
}

static uint64_t read_unsigned(const struct spec *spec, va_list *list)
{
    if (spec->length == 8)
        return va_arg(*list, uint64_t);
    uint32_t n = va_arg(*list, uint32_t);
    return spec->length == 1 ? n & 0xff : spec->length == 2 ? n & 0xffff : n;
}

static int64_t read_signed(const struct spec *spec, va_list *list)
{
    if (spec->length == 8)
        return va_arg(*list, int64_t);
    int32_t n = va_arg(*list, int32_t);
    return spec->length == 1 ? (int8_t)n : spec->length == 2 ? (int16_t)n : n;
}

static void put_string(struct sink *s, const struct spec *spec,
                       const char *text)
{
    int length = 0;

    if (!text)
        text = "(null)";
    /* With a precision the string need not be ended. */
    while ((spec->precision < 0 || length < spec->precision) && text[length])
        length++;
    put_padded(s, spec, text, length);
}

static void convert(struct sink *s, struct spec *spec, char letter,
                    va_list *list)
{
    int64_t n;
    char c;

    switch (letter) {
    case 'd':
    case 'i':
        n = read_signed(spec, list);
        put_number(s, *spec, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, n < 0, 10,
                   false);
        break;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        spec->plus = spec->space = false;
        put_number(s, *spec, read_unsigned(spec, list), false,
                   letter == 'u'   ? 10
                   : letter == 'o' ? 8
                                   : 16,
                   letter == 'X');
        break;
    case 'p':
        spec->precision = 8;
        put_number(s, *spec, va_arg(*list, uint32_t), false, 16, false);
        break;
    case 'c':
        c = (char)va_arg(*list, int);
        put_padded(s, spec, &c, 1);
        break;
    case 's':
        put_string(s, spec, va_arg(*list, const char *));
        break;
    default: /* what is not known is shown as it stands */
        put(s, '%');
        if (letter && letter != '%')
            put(s, letter);
    }
}

static void format_sink(struct sink *s, const char *f, va_list *list)
{
    struct spec spec;

    for (; *f; f++) {
        if (*f != '%') {
            put(s, *f);
            continue;
        }
        f = read_spec(f + 1, &spec, list);
        convert(s, &spec, *f, list);
        if (!*f)
            return;
    }
}

int print_list(int file, const char *format, va_list list)
{
    char buffer[512];
    struct sink s = {buffer, sizeof(buffer), 0, file, 0};
    va_list copy;

    va_copy(copy, list);
    format_sink(&s, format, &copy);
    va_end(copy);
    sink_flush(&s);
    return (int)s.total;
}

int printf(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    int n = print_list(STANDARD_OUTPUT, format, list);
    va_end(list);
    return n;
}

int print_to(int file, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    int n = print_list(file, format, list);
    va_end(list);
    return n;
}

int format_to(char *buffer, size_t size, const char *format, ...)
{
    struct sink s = {buffer, size ? size - 1 : 0, 0, -1, 0};
    va_list list;

    va_start(list, format);
    format_sink(&s, format, &list);
    va_end(list);
    if (size)
        buffer[s.used] = '\0';
    return (int)s.total;
}

struct bytes_text bytes_text(uint64_t bytes)
{
    struct bytes_text t = {""};
    uint64_t kib = bytes >> 10;
    uint32_t tenths;

    if (bytes < 1024)
        format_to(t.text, sizeof(t.text), "%u B", (uint32_t)bytes);
    else if (kib < 10240)
        format_to(t.text, sizeof(t.text), "%u KiB", (uint32_t)kib);
    else {
        tenths = (uint32_t)(kib & 1023) * 10 / 1024;
        format_to(t.text, sizeof(t.text), "%u.%u MiB", (uint32_t)(kib >> 10),
                  tenths);
    }
    return t;
}
