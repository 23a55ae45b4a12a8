/* SPDX-License-Identifier: MIT */
/*
 * What happens when memory is out. A system call says so to the program:
 * -ENOMEM. A page fault cannot, and a program may have mapped more than there
 * is (like Linux's, areas promise nothing). So a fault that finds no frame
 *
 *   1. waits for page-out to go round once (pageout.h), if there is a store,
 *      and tries again, unless that was in vain;
 *   2. gives back what is only kept for reuse: stacks, slabs, the frames in
 *      the CPUs' caches; and tries again;
 *   3. has the group ended whose MM has the most pages, the first program only
 *      if there is no other, and says so in the log; then waits for its
 *      memory.
 */
#pragma once

#include "kernel/types.h"

/*
 * A fault of the current task found no memory. True: try again; false: the task
 * is to end. No lock held; sleeps.
 */
bool shortage_relieve(void);
