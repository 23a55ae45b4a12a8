/* SPDX-License-Identifier: MIT */
/*
 * What the experiment call can do, one line each: EXPERIMENT(name, meaning).
 * These are no services: each does something in the kernel on purpose, often
 * wrong, that a demonstration of one of the claims needs. They are in
 * tests/kernel/experiment_*.c. No include guard: read once for each use.
 */
EXPERIMENT(fixed_take, "pages of the kernel region, for the calls below")
EXPERIMENT(fixed_map, "one shows a page: which, the program's page, stamp to")
EXPERIMENT(fixed_use, "a word read there: which, page, word of the last switch")
EXPERIMENT(stack_address, "where the kernel stack of this task begins")
EXPERIMENT(note_hang, "hang a note on the kernel stack up, until told to end")
EXPERIMENT(note_read, "follow it and one in low memory: what was found")
EXPERIMENT(note_end, "let the task whose note that is go on")
EXPERIMENT(kmaps, "so many temporary mappings of a high page")
EXPERIMENT(pools, "moves between CPUs with mappings of a pool of that kind")
