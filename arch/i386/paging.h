/* SPDX-License-Identifier: MIT */
/* Paging inside arch/: roots of the kernel, and what start-up needs. */
#pragma once

#include "arch/i386/pte.h"
#include "machine/paging.h"
#include "mm/frame.h"

/*
 * The root that entry.asm built: the low 512 MiB at their own addresses and at
 * DIRECT_MAP, everything executable. Only for the start of a CPU.
 */
extern uint32_t boot_cr3;

/* The kernel's own root: quarter 3 only. Valid for ever. */
extern uint32_t kernel_cr3;

/* Its top directory, from which every MM's is copied. */
extern pte_t kernel_directory[ENTRIES];

/* PTE_NX, or 0 where the CPU has none. Set by features_detect(). */
extern pte_t pte_nx;

/* The highest physical address the CPU's tables can hold, plus one. */
extern phys_t physical_end;

/* The same for where page tables may lie. */
extern phys_t tables_end;

/* Those of the global kernel area, contiguous. */
extern pte_t *kva_tables;

/*
 * Choose the policy that the boot option asks for, unless the emulator fails at
 * tables as high as memory reaches. Before the first MM.
 */
void table_placement_init(phys_t memory_end);

/*
 * Where page tables lie and how they are reached: one of pt_*.c. An entry that
 * was reached is given up with kunmap().
 */
struct table_placement {
    const char *name;
    enum frame_want want; /* where frames for tables come from */
    /* The entry of `address` in its directory. */
    pte_t *(*reach_pde)(const struct page_tables *tables, uint32_t address);
    /* The entry of `address` in the table that the directory names as `pde`. */
    pte_t *(*reach_pte)(const struct page_tables *tables, uint32_t address,
                        pte_t pde);
};

extern const struct table_placement pt_lowmem, pt_kmap, pt_ukva;

/* The entry that maps a frame with MAP_* flags. */
pte_t pte_make(uint32_t frame_number, uint32_t flags);
