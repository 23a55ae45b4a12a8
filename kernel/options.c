/* SPDX-License-Identifier: MIT */
/*
 * The table of boot options, and the parser that fills a struct options by it.
 * A row's kind says how its value is written, also as the default. Written at
 * boot by the boot CPU and only read afterwards: no lock.
 */
#include "kernel/options.h"

#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/print.h"
#include "kernel/string.h"
#include "machine/boot.h"

struct options options = {.console_line = 1}; /* until they are read */

enum kind { KIND_NUMBER, KIND_MEBIBYTES, KIND_ONOFF, KIND_CHOICE, KIND_TEXT };

struct option {
    const char *name, *standard, *meaning;
    enum kind kind;
    size_t offset;            /* of its field in struct options */
    uint32_t least, most;     /* numbers: the range; text: most bytes */
    const char *off, *on;     /* switches: the words for false and true */
    const char *const *words; /* choices: as many as `most` */
};

#define FIELD(field)        offsetof(struct options, field)
#define NUMBER(field, a, z) KIND_NUMBER, FIELD(field), a, z, NULL, NULL, NULL
#define MEBIBYTES(field, a, z) \
    KIND_MEBIBYTES, FIELD(field), a, z, NULL, NULL, NULL
#define ONOFF(field, off, on) KIND_ONOFF, FIELD(field), 0, 0, off, on, NULL
#define TEXT(field)                                                         \
    KIND_TEXT, FIELD(field), 0, sizeof(((struct options *)0)->field), NULL, \
        NULL, NULL
#define CHOICE(field, words) \
    KIND_CHOICE, FIELD(field), 0, ARRAY_LENGTH(words), NULL, NULL, words

/* In the order of the tables that the numbers choose from. */
static const char *const pt_words[] = {"lowmem", "kmap", "ukva"};
static const char *const kmap_words[] = {"global", "atomic", "ukva"};
static const char *const kstack_words[] = {"lowmem", "ukva"};

/* clang-format off */
static const struct option table[] = {
    {"lowmem", "512M", "directly mapped low memory, at most", MEBIBYTES(lowmem_mib, 1, 4096)},
    {"swap", "0M", "memory set aside to page out to", MEBIBYTES(swap_mib, 0, 65536)},
    {"pt", "ukva", "page tables lie in: lowmem, kmap, ukva", CHOICE(pt, pt_words)},
    {"kmap", "ukva", "temporary mappings: global, atomic, ukva", CHOICE(kmap, kmap_words)},
    {"kstack", "ukva", "kernel stacks lie in: lowmem, ukva", CHOICE(kstack, kstack_words)},
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

/* NULL, or what is wrong. */
static const char *parse_number(const struct option *option, uint32_t *field,
                                const char *s)
{
    uint64_t value = 0;
    const char *first = s;
    for (; s && digit_value(*s) < 10 && value <= UINT32_MAX; s++)
        value = value * 10 + digit_value(*s);
    bool sized = option->kind == KIND_MEBIBYTES, none = s == first;
    if (sized && !none && *s == 'M')
        s++;
    if (none || *s)
        return sized ? "needs a size, as in name=64M"
                     : "needs a number, as in name=4";
    if (value < option->least || value > option->most)
        return "number out of range";
    *field = (uint32_t)value;
    return NULL;
}

static const char *parse_choice(const struct option *option, uint32_t *field,
                                const char *s)
{
    for (uint32_t i = 0; s && i < option->most; i++)
        if (!strcmp(s, option->words[i])) {
            *field = i;
            return NULL;
        }
    return s ? "has no such value" : "needs a value, as in name=text";
}

/* Store a value; `s` is NULL for a bare name. NULL, or the mistake. */
static const char *parse_value(const struct option *option,
                               struct options *into, const char *s)
{
    void *field = (char *)into + option->offset;
    if (option->kind == KIND_ONOFF) {
        bool on = !s || !strcmp(s, option->on); /* a bare name switches on */
        if (!on && strcmp(s, option->off))
            return "has no such value";
        *(bool *)field = on;
        return NULL;
    }
    if (option->kind == KIND_CHOICE)
        return parse_choice(option, field, s);
    if (option->kind != KIND_TEXT)
        return parse_number(option, field, s);
    if (!s)
        return "needs a value, as in name=text";
    if (strlen(s) >= option->most)
        return "value too long";
    string_copy(field, s, option->most);
    return NULL;
}

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
    return parse_value(option, into, equals ? equals + 1 : NULL);
}

static bool is_image(const char *word)
{
    const char *slash = strchr(word, '/'), *equals = strchr(word, '=');
    size_t length = strlen(word);
    return (slash && (!equals || slash < equals)) ||
           (length > 4 && !strcmp(word + length - 4, ".elf"));
}

/* The next word of *line, ended in place; *line is moved behind it. */
static char *next_word(char **line)
{
    char *word = *line, *end;
    while (*word && (uint8_t)*word <= ' ')
        word++;
    for (end = word; (uint8_t)*end > ' ';)
        end++;
    *line = *end ? end + 1 : end;
    *end = '\0';
    return *word ? word : NULL;
}

uint32_t options_parse(struct options *into, const char *command_line,
                       bool report)
{
    uint32_t mistakes = 0;
    char copy[sizeof(boot_info.command_line)], *line = copy, *word;
    string_copy(copy, command_line, sizeof(copy));
    for (uint32_t i = 0; i < ARRAY_LENGTH(table); i++) {
        const char *wrong = parse_value(&table[i], into, table[i].standard);
        ASSERT(!wrong);
    }
    for (bool first = true; (word = next_word(&line)); first = false) {
        const char *wrong =
            first && is_image(word) ? NULL : parse_word(into, word);
        mistakes += wrong != NULL;
        if (wrong && report)
            log_warn("boot option \"%.63s\": %s (\"help\" lists them)", word,
                     wrong);
    }
    return mistakes;
}

void options_report(void)
{
    struct abi_option row;
    struct options again; /* the log itself looks at `options` */
    (void)options_parse(&again, boot_info.command_line, true);
    if (!options.help)
        return;
    log_warn("boot options: name, value, default, meaning");
    for (uint32_t i = 0; options_row(i, &row); i++)
        log_warn("  %-9s %-10s %-10s %s", row.name, row.value, row.standard,
                 row.meaning);
}

bool options_row(uint32_t index, struct abi_option *row)
{
    if (index >= ARRAY_LENGTH(table))
        return false;
    const struct option *option = &table[index];
    const void *field = (const char *)&options + option->offset;
    const char *text = field;
    memset(row, 0, sizeof(*row));
    string_copy(row->name, option->name, sizeof(row->name));
    string_copy(row->meaning, option->meaning, sizeof(row->meaning));
    string_copy(row->standard, option->standard, sizeof(row->standard));
    if (option->kind == KIND_ONOFF)
        text = *(const bool *)field ? option->on : option->off;
    if (option->kind == KIND_CHOICE)
        text = option->words[*(const uint32_t *)field];
    if (option->kind >= KIND_ONOFF)
        string_copy(row->value, text, sizeof(row->value));
    else
        format(row->value, sizeof(row->value),
               option->kind == KIND_MEBIBYTES ? "%uM" : "%u",
               *(const uint32_t *)field);
    return true;
}
