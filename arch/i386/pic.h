/* SPDX-License-Identifier: MIT */
/* The two 8259 interrupt controllers, which Quartet only silences. */
#pragma once

/*
 * Mask everything, and move what might still come (a spurious interrupt 7 or
 * 15 cannot be masked) away from the exceptions.
 */
void pic_disable(void);
