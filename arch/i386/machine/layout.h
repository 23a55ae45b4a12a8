/* SPDX-License-Identifier: MIT */
/*
 * The address space, drawn once (docs/memory-map.md explains it).
 *
 *   range               user    kernel  what
 *   00000000-3fffffff   rwx     rw      quarter 0  \
 *   40000000-7fffffff   rwx     rw      quarter 1   > user, per area
 *   80000000-bfffffff   rwx     rw      quarter 2  /
 *   c0000000-dfffffff   -       rw      direct map of low memory (image: W^X)
 *   e0000000-f0ffffff   -       rw      frame table
 *   f1000000-f4ffffff   -       rw      global kernel area: stacks, devices
 *   f5000000-ff7fffff   -       rw      UKVA, private to the MM
 *   ff800000-ffffffff   -       rw      self map of the MM's own tables
 *
 * "user rwx" is what an area may ask for; NX is set where it does not ask for
 * execution. Kernel mappings are never executable but for the image's text.
 */
#pragma once

#define USER_END         0xc0000000u /* first address that is not a user's */
#define USER_START       0x00001000u /* page 0 is never mapped */
#define QUARTER_SHIFT    30          /* an address's top two bits */
#define QUARTER_BYTES    (1u << QUARTER_SHIFT)
#define USER_QUARTERS    3
#define DIRECT_MAP       0xc0000000u
#define DIRECT_MAP_MAX   0x20000000u /* 512 MiB */
#define FRAME_TABLE      0xe0000000u
#define FRAME_TABLE_SIZE 0x11000000u /* 272 MiB */
#define KVA_START        0xf1000000u
#define KVA_END          0xf5000000u
#define UKVA_START       0xf5000000u
#define UKVA_END         0xff800000u
#define SELF_MAP         0xff800000u
