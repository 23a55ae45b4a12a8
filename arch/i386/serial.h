/* SPDX-License-Identifier: MIT */
/* Serial lines, for arch/ itself; portable code has machine/console.h. */
#pragma once

/* Take what has come in. Interrupts off, boot CPU. */
void serial_interrupt(void);

/* Wait, but not for ever, until every byte has left its line. */
void serial_drain(void);
