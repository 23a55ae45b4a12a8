/* SPDX-License-Identifier: MIT */
/*
 * Boot options: words on the command line, "name=value" or a bare "name". The
 * table in options.c has one line for each: name, meaning, default, parser.
 */
#pragma once

#include "kernel/abi/query.h"
#include "kernel/types.h"

struct options {
    uint32_t lowmem_mib;   /* lowmem=  cap of the direct map, MiB */
    uint32_t pt;           /* pt=      which of arch's table placements */
    uint32_t kmap;         /* kmap=    which pool of temporary mappings */
    uint32_t kstack;       /* kstack=  where kernel stacks lie */
    uint32_t swap_mib;     /* swap=    memory set aside as the store, MiB */
    uint32_t max_cpus;     /* maxcpus= */
    uint32_t console_line; /* console= serial line of the console: 1..4 */
    uint32_t log_line;     /* log=     serial line of the log, 0: none */
    uint32_t result_line;  /* result=  serial line of the result, 0: none */
    uint32_t fail_alloc;   /* failalloc= the Nth allocation fails, 0: none */
    bool acpi;             /* acpi=on|off: off makes MP tables be used */
    bool vga;              /* vga=on|off */
    bool raw_console;      /* raw: no echo, no line editing, no CR added */
    bool trace_calls;      /* strace: log every system call */
    bool no_input;         /* stdin=none|console: none is an empty input */
    bool help;             /* help: print this table */
    char init[128];        /* init=    path of the first program */
    char arguments[128];   /* args=    initrd file, NUL-separated argv */
    char environment[128]; /* env=     initrd file, NUL-separated envp */
};

extern struct options options;

/*
 * Parse a command line into `into`, defaults first. Returns how many words are
 * unknown or malformed, which `report` warns of; their options keep the value
 * they had. The first word is skipped if it is the image's path, as QEMU passes
 * it: it has a '/' before any '=', or ends in ".elf".
 */
uint32_t options_parse(struct options *into, const char *command_line,
                       bool report);

/* Warn of every word that was not understood; print the table for `help`. */
void options_report(void);

/* Row `index` of the table for the query call; false past the end. */
bool options_row(uint32_t index, struct abi_option *row);
