/* SPDX-License-Identifier: MIT */
/* Segment selectors; the same numbers stand in offsets.inc for assembly. */
#pragma once

#define KERNEL_CS        0x60
#define KERNEL_DS        0x68
#define USER_CS          0x73
#define USER_DS          0x7b
#define TSS_SELECTOR     0x80
#define CPU_SELECTOR     0xd8 /* FS in the kernel: base is struct cpu */
#define DOUBLE_FAULT_TSS 0xf8
