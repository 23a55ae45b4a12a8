/* SPDX-License-Identifier: MIT */
/*
 * What the experiment call can do, one line each: EXPERIMENT(name, meaning).
 * These are no services: each does something in the kernel on purpose, often
 * wrong, that a demonstration of one of the claims needs. They are in
 * tests/kernel/experiment_*.c. No include guard: read once for each use.
 */
EXPERIMENT(kmaps, "so many temporary mappings of a high page")
EXPERIMENT(pools, "moves between CPUs with mappings of a pool of that kind")
