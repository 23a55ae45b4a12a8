/* SPDX-License-Identifier: MIT */
/*
 * The kernel's tables as a person wants to read them. Only what the kernel
 * reports is shown. Each prints its table to standard output.
 */
#pragma once

#include <stdbool.h>

void show_banner(void); /* the shell's first lines */
void show_tasks(void);
void show_memory(void);
void show_mms(void);
void show_cpus(void);
void show_options(void);
void show_files(void);
void show_log(void);
void show_demos(void);

/* The demonstration that a claim's name stands for; else the word itself. */
const char *demo_name(const char *word);

/* Counters whose names begin with `prefix`; all, or only those not zero. */
void show_counters(const char *prefix, bool only_used);

/* One line for a measurement: what kernel and machine it was made on. */
void show_configuration(void);

/* Whether there is much high memory; if not, says how to boot so that there is.
 */
bool show_high_memory(void);
