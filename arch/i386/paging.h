/* SPDX-License-Identifier: MIT */
/* Paging inside arch/: roots of the kernel, and what start-up needs. */
#pragma once

#include "arch/i386/pte.h"
#include "machine/paging.h"

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

/* The entry of a global kernel address outside the direct map. */
pte_t *kernel_entry(uintptr_t address);

/* The entry that maps a frame with MAP_* flags. */
pte_t pte_make(uint32_t frame_number, uint32_t flags);
