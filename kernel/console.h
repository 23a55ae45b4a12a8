/* SPDX-License-Identifier: MIT */
/*
 * The console that programs read and write: a stopgap until drivers run in
 * user space. Input is edited by lines (backspace, Ctrl-U, Ctrl-D for the end)
 * unless the boot option raw asks for bytes as they come.
 */
#pragma once

#include "kernel/types.h"

/*
 * Whether a byte more can be kept. A line being edited that is as long as the
 * buffer does not count: no reader could make room, so its end is lost.
 */
bool console_has_room(void);

/* A byte came in. From interrupts. */
void console_input(char c);

/*
 * Read up to `bytes` bytes, at least one, sleeping until there are; 0 at the
 * end of input, -EINTR when the task is to end.
 */
int console_read(char *buffer, uint32_t bytes);

/* Write bytes; not mixed with the kernel's own lines. */
void console_write(const char *bytes, uint32_t count);
