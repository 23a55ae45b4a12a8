/* SPDX-License-Identifier: MIT */
/* What we take from ACPI: the topology (MADT). */
#pragma once

#include "arch/i386/topology.h"

/*
 * Find the tables and add what they say to `t`. False, with `t` unchanged, if
 * there are none or no sound MADT. Boot CPU, after kva_init().
 */
bool acpi_read(struct topology *t);

/* The parser by itself: any bytes may be given to it. */
void acpi_parse_madt(const void *table, uint32_t bytes, struct topology *t);
