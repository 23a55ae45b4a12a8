/* SPDX-License-Identifier: MIT */
/* Stacks first: their pages then wait in the global area for its flush. */
#include "mm/settle.h"

#include "mm/kstack.h"
#include "mm/kva.h"
#include "mm/slab.h"

void memory_settle(void)
{
    kstack_settle();
    kva_settle();
    slab_settle();
}
