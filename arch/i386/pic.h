/* SPDX-License-Identifier: MIT */
/* The two 8259 interrupt controllers, which Quartet only silences. */
#ifndef I386_PIC_H
#define I386_PIC_H

#include "kernel/types.h"

/*
 * Mask everything, and move what might still come (a spurious interrupt 7 or
 * 15 cannot be masked) away from the exceptions. `has_imcr`: the board has the
 * register that puts the APICs between the 8259s and the CPU.
 */
void pic_disable(bool has_imcr);

#endif
