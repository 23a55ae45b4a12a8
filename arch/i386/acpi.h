/* SPDX-License-Identifier: MIT */
/* What we take from ACPI: the topology (MADT), and how to turn off (FADT). */
#ifndef I386_ACPI_H
#define I386_ACPI_H

#include "arch/i386/topology.h"

/* Set by acpi_read(), used by power_off(). Ports are 0 if not known. */
struct acpi_power {
    uint16_t control_a, control_b; /* PM1a_CNT, PM1b_CNT */
    uint16_t smi_command;
    uint8_t acpi_enable;    /* written there, makes the firmware let go */
    uint8_t type_a, type_b; /* SLP_TYP of state S5 */
};

extern struct acpi_power acpi_power;

/*
 * Find the tables and add what they say to `t`. False, with `t` unchanged, if
 * there are none or no sound MADT. Boot CPU, after kva_init().
 */
bool acpi_read(struct topology *t);

/* The two parsers by themselves: any bytes may be given to them. */
void acpi_parse_madt(const void *table, uint32_t bytes, struct topology *t);
bool acpi_find_s5(const void *dsdt, uint32_t bytes, uint8_t *type_a,
                  uint8_t *type_b);

#endif
