/* SPDX-License-Identifier: MIT */
/*
 * What the query call reads: tables of the kernel, a row a structure. The call
 *
 *     query(which, first, buffer, size)
 *
 * fills the buffer with as many whole rows as fit, beginning with row `first`,
 * and returns how many; 0 past the end. -EINVAL: no such table.
 */
#pragma once

#include <stdint.h>

enum abi_query {
    QUERY_SYSTEM,    /* one struct abi_system */
    QUERY_CPUS,      /* struct abi_cpu */
    QUERY_TASKS,     /* struct abi_task */
    QUERY_MMS,       /* struct abi_mm */
    QUERY_COUNTERS,  /* struct abi_counter */
    QUERY_SELFTESTS, /* struct abi_selftest */
    QUERY_OPTIONS,   /* struct abi_option */
    QUERY_LOG,       /* bytes of the kernel's log; `first` is an offset */
    QUERY_FILES,     /* struct abi_file: the initrd's files */
    QUERY_SETTLED,   /* like QUERY_SYSTEM, after everything that the kernel
                        keeps for reuse was given back: for counting frames */
    QUERY_UNKNOWN,   /* struct abi_unknown_call */
};

struct abi_system {
    char version[32];
    char build[16];      /* "release" or "debug" */
    char policies[96];   /* "pt=lowmem kmap=... " */
    uint32_t cpus;       /* running */
    uint32_t cpus_found; /* listed by the firmware */
    char features[32];   /* of the CPU, in use: "PAE NX SMEP" */
    uint32_t memory_mib; /* usable RAM, rounded up: 256 for -m 256M */
    uint32_t low_mib, high_mib;
    uint64_t frames_total_low, frames_total_high;
    uint64_t frames_free_low, frames_free_high;
    uint32_t kernel_bytes;      /* the image, bss included */
    uint32_t frame_table_bytes; /* the frame table */
    uint32_t slab_bytes;        /* frames that slabs hold */
    uint32_t initrd_bytes;
    uint64_t table_bytes_low, table_bytes_high, ukva_bytes; /* of all MMs */
    uint32_t mms;
    uint32_t kva_used_bytes;   /* taken of the global kernel area */
    uint32_t kva_total_bytes;  /* its size */
    uint64_t uptime_ns;        /* since the CPU's reset */
    uint64_t tsc_hz, timer_hz; /* as calibrated */
};

struct abi_cpu {
    uint32_t index, apic_id;
    uint32_t current_tid; /* 0: the idle task */
    uint32_t ready;       /* tasks waiting in its run queue */
    uint64_t idle_ns, switches;
    char name[16]; /* of the current task */
};

struct abi_task {
    uint32_t tid, tgid, parent;
    uint32_t mm; /* number of its MM, 0: a kernel thread */
    uint32_t cpu;
    char state; /* R running or ready, S blocked, Z ended and not waited for */
    char kernel_thread;
    char pad[2];
    uint64_t run_ns;
    char name[16];
};

struct abi_mm {
    uint32_t id, tasks; /* its number; tasks that use it */
    uint32_t cr3;
    uint32_t cpus; /* mask of the CPUs that may cache its entries */
    uint32_t areas, pages;
    /* Page tables and directories, the root apart, in low memory and above. */
    uint32_t table_bytes_low, table_bytes_high;
    uint32_t ukva_bytes; /* mapped in its own kernel region, slots apart */
};

struct abi_counter {
    char name[24];
    char meaning[72];
    uint64_t value;
};

struct abi_selftest {
    char name[32];
    char meaning[96];
    uint32_t by_name; /* only run when asked for by its name */
};

struct abi_option {
    char name[16];
    char meaning[96];
    char value[32]; /* in force */
    char standard[32];
};

struct abi_file {
    char path[96];
    uint32_t size, mode;
};

/* A system call that somebody asked for and that there is not. */
struct abi_unknown_call {
    uint32_t number, count; /* number 450 stands for all from there on */
};
