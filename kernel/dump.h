/* SPDX-License-Identifier: MIT */
/*
 * What every CPU is doing, for a machine that hangs: an NMI, sent by a key, by
 * the test runner or by a panic, makes each CPU print its task, its backtrace
 * and, in debug builds, the locks it holds. No lock is taken but one of its
 * own, which keeps the CPUs' output apart and is given up on after a while.
 */
#pragma once

struct trap_frame;

/* In the NMI: print, or stop for good if a panic is under way. */
void dump_nmi(const struct trap_frame *frame);

/* Make all CPUs print, this one included. */
void dump_all_cpus(void);

/* From now on an NMI stops the CPU. For panics. */
void dump_stop_others(void);
