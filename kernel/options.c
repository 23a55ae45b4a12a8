/* SPDX-License-Identifier: MIT */
/*
 * The table of boot options, and the parser that fills a struct options by it.
 * An option's kind knows how to read a value, which also reads the defaults,
 * and how to print one. Parsing happens before there is a log, so what was not
 * understood is kept here, with the reason, until options_report(). Written at
 * boot by the boot CPU and only read afterwards: no lock.
 */
#include "kernel/options.h"

#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/print.h"
#include "kernel/string.h"

struct options options;

struct option;

/* How the values of an option are written. */
struct kind {
    /* Store the value; `s` is NULL for a bare name. NULL, or the mistake. */
    const char *(*parse)(const struct option *option, void *field,
                         const char *s);
    void (*show)(const struct option *option, const void *field, char *s,
                 size_t size);
};

struct option {
    const char *name, *standard, *meaning;
    const struct kind *kind;
    size_t offset;        /* of its field in struct options */
    uint32_t least, most; /* numbers: the range; text: most bytes */
    const char *off, *on; /* switches: the words for false and true */
};

static const struct kind number, mebibytes, onoff, text;

#define FIELD(field)        .offset = offsetof(struct options, field)
#define NUMBER(field, a, z) .kind = &number, FIELD(field), .least = a, .most = z
#define MEBIBYTES(field) \
    .kind = &mebibytes, FIELD(field), .least = 1, .most = 4096
#define ONOFF(field, off_word, on_word) \
    .kind = &onoff, FIELD(field), .off = off_word, .on = on_word
#define TEXT(field) \
    .kind = &text, FIELD(field), .most = sizeof(((struct options *)0)->field)

/* clang-format off */
static const struct option table[] = {
    {"lowmem", "512M", "directly mapped low memory, at most", MEBIBYTES(lowmem_mib)},
    {"maxcpus", "32", "CPUs used, at most", NUMBER(max_cpus, 1, MAX_CPUS)},
    {"console", "1", "serial line of the console, 1 to 4", NUMBER(console_line, 1, 4)},
    {"log", "0", "serial line the log is copied to; 0: none", NUMBER(log_line, 0, 4)},
    {"result", "0", "serial line of a test's result; 0: none", NUMBER(result_line, 0, 4)},
    {"failalloc", "0", "this allocation fails; 0: none", NUMBER(fail_alloc, 0, UINT32_MAX)},
    {"acpi", "on", "find CPUs by ACPI; off: by MP tables", ONOFF(acpi, "off", "on")},
    {"vga", "on", "write to the VGA screen too", ONOFF(vga, "off", "on")},
    {"raw", "off", "no echo, line editing or added CR", ONOFF(raw_console, "off", "on")},
    {"stdin", "console", "what programs read: console, none", ONOFF(no_input, "console", "none")},
    {"strace", "off", "log every system call", ONOFF(trace_calls, "off", "on")},
    {"init", "/bin/shell", "path of the first program", TEXT(init)},
    {"args", "", "file with its arguments, each ended by NUL", TEXT(arguments)},
    {"env", "", "file with its environment, likewise", TEXT(environment)},
    {"help", "off", "print this table", ONOFF(help, "off", "on")},
};
/* clang-format on */

/* Words that were not understood; the first few, and how many in all. */
struct mistakes {
    uint32_t count;
    struct {
        char word[64];
        const char *reason;
    } kept[8];
};

static struct mistakes boot_mistakes;

static void remember(struct mistakes *mistakes, const char *word,
                     const char *reason)
{
    uint32_t i = mistakes->count++;
    if (i < ARRAY_LENGTH(mistakes->kept)) {
        string_copy(mistakes->kept[i].word, word,
                    sizeof(mistakes->kept[i].word));
        mistakes->kept[i].reason = reason;
    }
}

/*
 * Digits, decimal or after 0x hexadecimal; *end is what follows them. False
 * if there are none or the number does not fit.
 */
static bool parse_digits(const char *s, uint32_t *value, const char **end)
{
    uint32_t base = 10;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s += 2;
    }
    const char *first = s;
    for (*value = 0;; s++) {
        uint32_t digit;
        char lower = (char)(*s | 0x20);
        if (*s >= '0' && *s <= '9')
            digit = (uint32_t)(*s - '0');
        else if (base == 16 && lower >= 'a' && lower <= 'f')
            digit = (uint32_t)(lower - 'a') + 10;
        else
            break;
        uint64_t next = (uint64_t)*value * base + digit;
        if (next > UINT32_MAX)
            return false;
        *value = (uint32_t)next;
    }
    *end = s;
    return s != first;
}

static const char *store_number(const struct option *option, uint32_t *field,
                                uint32_t value)
{
    if (value < option->least || value > option->most)
        return "number out of range";
    *field = value;
    return NULL;
}

static const char *parse_number(const struct option *option, void *field,
                                const char *s)
{
    uint32_t value;
    if (!s || !parse_digits(s, &value, &s) || *s)
        return "needs a number, as in name=4";
    return store_number(option, field, value);
}

static void show_number(const struct option *option, const void *field, char *s,
                        size_t size)
{
    (void)option;
    format(s, size, "%u", *(const uint32_t *)field);
}

static const char *parse_mebibytes(const struct option *option, void *field,
                                   const char *s)
{
    uint32_t value;
    if (!s || !parse_digits(s, &value, &s))
        return "needs a size, as in name=64M";
    if (*s == 'G' || *s == 'g') {
        if (value > UINT32_MAX / 1024)
            return "number out of range";
        value *= 1024;
        s++;
    } else if (*s == 'M' || *s == 'm') {
        s++;
    }
    if (*s)
        return "needs a size, as in name=64M";
    return store_number(option, field, value);
}

static void show_mebibytes(const struct option *option, const void *field,
                           char *s, size_t size)
{
    (void)option;
    format(s, size, "%uM", *(const uint32_t *)field);
}

/* A bare name switches on. */
static const char *parse_onoff(const struct option *option, void *field,
                               const char *s)
{
    bool on = !s || !strcmp(s, option->on);
    if (!on && strcmp(s, option->off))
        return "has no such value";
    *(bool *)field = on;
    return NULL;
}

static void show_onoff(const struct option *option, const void *field, char *s,
                       size_t size)
{
    string_copy(s, *(const bool *)field ? option->on : option->off, size);
}

static const char *parse_text(const struct option *option, void *field,
                              const char *s)
{
    if (!s)
        return "needs a value, as in name=text";
    if (strlen(s) >= option->most)
        return "value too long";
    string_copy(field, s, option->most);
    return NULL;
}

static void show_text(const struct option *option, const void *field, char *s,
                      size_t size)
{
    (void)option;
    string_copy(s, field, size);
}

static const struct kind number = {parse_number, show_number};
static const struct kind mebibytes = {parse_mebibytes, show_mebibytes};
static const struct kind onoff = {parse_onoff, show_onoff};
static const struct kind text = {parse_text, show_text};

static const struct option *find_option(const char *name, size_t length)
{
    for (uint32_t i = 0; i < ARRAY_LENGTH(table); i++) {
        if (!strncmp(table[i].name, name, length) && !table[i].name[length])
            return &table[i];
    }
    return NULL;
}

/* NULL, or what is wrong with the word. */
static const char *parse_word(struct options *into, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_option(word, length);
    if (!option)
        return "no such option";
    return option->kind->parse(option, (char *)into + option->offset,
                               equals ? equals + 1 : NULL);
}

static bool is_image_path(const char *word)
{
    const char *slash = strchr(word, '/'), *equals = strchr(word, '=');
    size_t length = strlen(word);
    return (slash && (!equals || slash < equals)) ||
           (length > 4 && !strcmp(word + length - 4, ".elf"));
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Copy the next word, cut to `size`; returns where to go on, NULL if there was
 * none. *cut tells whether it did not fit.
 */
static const char *next_word(const char *line, char *word, size_t size,
                             bool *cut)
{
    while (is_space(*line))
        line++;
    if (!*line)
        return NULL;
    size_t length = 0;
    while (line[length] && !is_space(line[length]))
        length++;
    size_t kept = length < size ? length : size - 1;
    memcpy(word, line, kept);
    word[kept] = '\0';
    *cut = kept < length;
    return line + length;
}

static void parse_line(struct options *into, struct mistakes *mistakes,
                       const char *line)
{
    for (uint32_t i = 0; i < ARRAY_LENGTH(table); i++) {
        const struct option *option = &table[i];
        const char *wrong = option->kind->parse(
            option, (char *)into + option->offset, option->standard);
        ASSERT(!wrong);
    }
    mistakes->count = 0;
    char word[256]; /* longer than any option with its longest value */
    bool cut;
    for (uint32_t i = 0; (line = next_word(line, word, sizeof(word), &cut));
         i++) {
        if (i == 0 && is_image_path(word))
            continue;
        const char *wrong = cut ? "word too long" : parse_word(into, word);
        if (wrong)
            remember(mistakes, word, wrong);
    }
}

void options_parse(const char *command_line)
{
    parse_line(&options, &boot_mistakes, command_line);
}

uint32_t options_parse_into(struct options *into, const char *command_line)
{
    struct mistakes mistakes;
    parse_line(into, &mistakes, command_line);
    return mistakes.count;
}

static void print_table(void)
{
    struct abi_option row;
    log_warn("boot options: name, value, default, meaning");
    for (uint32_t i = 0; options_row(i, &row); i++)
        log_warn("  %-9s %-10s %-10s %s", row.name, row.value, row.standard,
                 row.meaning);
}

void options_report(void)
{
    uint32_t kept = 0;
    for (; kept < boot_mistakes.count; kept++) {
        if (kept == ARRAY_LENGTH(boot_mistakes.kept))
            break;
        log_warn("boot option \"%s\": %s (\"help\" lists them)",
                 boot_mistakes.kept[kept].word,
                 boot_mistakes.kept[kept].reason);
    }
    if (boot_mistakes.count > kept)
        log_warn("boot options: %u more were not understood",
                 boot_mistakes.count - kept);
    if (options.help)
        print_table();
}

bool options_row(uint32_t index, struct abi_option *row)
{
    if (index >= ARRAY_LENGTH(table))
        return false;
    const struct option *option = &table[index];
    memset(row, 0, sizeof(*row));
    string_copy(row->name, option->name, sizeof(row->name));
    string_copy(row->meaning, option->meaning, sizeof(row->meaning));
    string_copy(row->standard, option->standard, sizeof(row->standard));
    option->kind->show(option, (const char *)&options + option->offset,
                       row->value, sizeof(row->value));
    return true;
}
