/* SPDX-License-Identifier: MIT */
/* The MultiProcessor tables of machines (or options) without ACPI. */
#pragma once

#include "arch/i386/topology.h"

/*
 * Find the MP tables and add what they say to `t`. False, with `t` unchanged,
 * if there are none. Boot CPU, after kva_init().
 */
bool mptable_read(struct topology *t);

/* The parser by itself: any bytes may be given to it. */
void mptable_parse(const void *table, uint32_t bytes, struct topology *t);
