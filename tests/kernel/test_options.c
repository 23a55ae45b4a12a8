/* SPDX-License-Identifier: MIT */
/*
 * Boot options, parsed into a structure of the test's own: defaults, values of
 * every kind, and words that must be reported.
 */
#include "kernel/options.h"
#include "kernel/string.h"
#include "tests/kernel/fuzz.h"
#include "tests/kernel/selftest.h"

SELFTEST(options_defaults, "an empty line and the image's path give defaults")
{
    static const char *const lines[] = {
        "", "  \t ", "/boot/quartet.elf", "build/quartet.elf ", "quartet.elf",
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        struct options o;
        memset(&o, 0xee, sizeof(o));
        CHECK(options_parse(&o, lines[i], false) == 0);
        CHECK(o.lowmem_mib == 512 && o.max_cpus == 32 && o.console_line == 1);
        CHECK(o.log_line == 0 && o.result_line == 0 && o.fail_alloc == 0);
        CHECK(o.acpi && o.vga && !o.raw_console && !o.trace_calls);
        CHECK(!o.help && !o.no_input && !strcmp(o.init, "/bin/shell"));
        CHECK(!o.arguments[0] && !o.environment[0]);
    }
}

SELFTEST(options_values, "each kind of value is understood")
{
    struct options o;
    CHECK(options_parse(&o,
                        "x/y.elf lowmem=64M maxcpus=4 log=2 raw "
                        "acpi=off strace=on stdin=none help "
                        "failalloc=16 init=/bin/a=b args=/a",
                        false) == 0);
    CHECK(o.lowmem_mib == 64 && o.max_cpus == 4 && o.log_line == 2);
    CHECK(o.raw_console && !o.acpi && o.trace_calls && o.no_input && o.help);
    CHECK(o.fail_alloc == 16 && !strcmp(o.init, "/bin/a=b"));
    CHECK(!strcmp(o.arguments, "/a"));
    /* A path in a first option's value does not make it the image's path. */
    CHECK(options_parse(&o, "init=/bin/x lowmem=1 lowmem=1024M", false) == 0);
    CHECK(!strcmp(o.init, "/bin/x") && o.lowmem_mib == 1024);
    CHECK(options_parse(&o, "lowmem=16 init= raw raw=off", false) == 0);
    CHECK(o.lowmem_mib == 16 && !o.init[0] && !o.raw_console);
    CHECK(options_parse(&o, "stdin=none stdin=console", false) == 0);
    CHECK(!o.no_input);
}

SELFTEST(options_mistakes, "unknown and malformed words are reported")
{
    static const char *const words[] = {
        "lowmen=16",
        "lowmem",
        "lowmem=",
        "lowmem=16K",
        "lowmem=16MM",
        "lowmem=M",
        "lowmem=5000",
        "lowmem=4194305G",
        "maxcpus=0",
        "maxcpus=33",
        "maxcpus=-1",
        "maxcpus=0x",
        "maxcpus=4x",
        "console=0",
        "log=5",
        "acpi=maybe",
        "acpi=",
        "stdin=on",
        "raw=1",
        "init",
        "=",
        "=4",
        "lowmem16",
        "max=4",
        "failalloc=4294967296",
        "helping",
        "he",
        "args",
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(words); i++) {
        struct options o;
        CHECK(options_parse(&o, words[i], false) == 1);
        CHECK(o.lowmem_mib == 512 && o.max_cpus == 32 && o.acpi && !o.help);
    }
}

SELFTEST(options_long, "values and words that do not fit are reported")
{
    char line[512] = "init=";
    struct options o;
    memset(line + 5, 'a', 127);
    CHECK(options_parse(&o, line, false) == 0 && strlen(o.init) == 127);
    memset(line + 5, 'a', 128);
    CHECK(options_parse(&o, line, false) == 1);
    CHECK(!strcmp(o.init, "/bin/shell"));
    memset(line + 5, 'a', 500);
    CHECK(options_parse(&o, line, false) == 1);
    for (uint32_t i = 0; i < 400; i += 2)
        memcpy(line + i, "z ", 2);
    line[400] = '\0';
    CHECK(options_parse(&o, line, false) == 200);
}

SELFTEST(options_random, "random lines leave values within their ranges")
{
    static const char *const pieces[] = {
        "lowmem", "maxcpus", "log",   "init", "acpi", "=", "=",    "=",
        "0x",     "4",       "99999", "16M",  "on",   "/", " ",    " ",
        "\t",     "help",    "stdin", "none", "-1",   "G", "\xff", "args",
    };
    for (uint32_t seed = 1; seed <= 500; seed++) {
        uint32_t state = seed, length = 0;
        char line[200];
        for (;;) {
            const char *piece =
                pieces[fuzz_random(&state) % ARRAY_LENGTH(pieces)];
            if (length + strlen(piece) >= sizeof(line))
                break;
            memcpy(line + length, piece, strlen(piece) + 1);
            length += (uint32_t)strlen(piece);
        }
        struct options o;
        options_parse(&o, line, false);
        bool fine = o.lowmem_mib >= 1 && o.lowmem_mib <= 4096 &&
                    o.max_cpus >= 1 && o.max_cpus <= MAX_CPUS &&
                    o.log_line <= 4 && strlen(o.init) < sizeof(o.init);
        if (!fine)
            log_warn("seed %u: %s", seed, line);
        CHECK(fine);
    }
}

SELFTEST(options_rows, "the table has a row for each option")
{
    struct abi_option row;
    uint32_t rows = 0;
    for (; options_row(rows, &row); rows++) {
        CHECK(row.name[0] && row.meaning[0]);
        CHECK(strlen(row.meaning) < sizeof(row.meaning) - 1);
    }
    CHECK(rows >= 15 && !options_row(UINT32_MAX, &row));
}
