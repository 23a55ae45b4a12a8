/* SPDX-License-Identifier: MIT */
/*
 * The log: a ring of bytes, and copies of each line to where the boot options
 * want them. Console output goes through here too, so that one lock keeps
 * lines of the kernel and of programs apart. That lock has the innermost rank.
 */
#include "kernel/log.h"

#include "kernel/console.h"
#include "kernel/options.h"
#include "kernel/print.h"
#include "kernel/spinlock.h"
#include "kernel/string.h"
#include "kernel/time.h"
#include "machine/console.h"
#include "machine/cpu.h"
#include "machine/time.h"

#define RING 32768u /* bytes, a power of two */

static struct spinlock output_lock = SPINLOCK("log", RANK_LOG);
static char ring[RING] GUARDED_BY(output_lock);
static uint32_t written GUARDED_BY(output_lock); /* bytes, ever */

/* To a serial line, the console's also to the screen. */
static void put(uint32_t line, bool screen, const char *bytes, uint32_t count)
{
    for (; count--; bytes++) {
        if (*bytes == '\n' && !options.raw_console)
            serial_put(line, '\r');
        serial_put(line, *bytes);
        if (screen && options.vga)
            vga_put(*bytes);
    }
}

void console_write(const char *bytes, uint32_t count)
{
    spin_lock(&output_lock);
    put(options.console_line, true, bytes, count);
    spin_unlock(&output_lock);
}

void log_line(bool warn, const char *text, ...)
{
    char line[288];
    va_list list;
    uint32_t nanoseconds;
    uint32_t seconds =
        (uint32_t)divide_u64(clock_ns(), NS_PER_SECOND, &nanoseconds);
    int length = format(line, sizeof(line), "[%4u.%06u] %s", seconds,
                        nanoseconds / 1000, warn ? "warning: " : "");
    va_start(list, text);
    length += format_list(line + length, sizeof(line) - (uint32_t)length - 1,
                          text, list);
    va_end(list);
    if (length > (int)sizeof(line) - 2)
        length = sizeof(line) - 2; /* cut off */
    line[length++] = '\n';
    spin_lock(&output_lock);
    for (int i = 0; i < length; i++)
        ring[written++ % RING] = line[i];
    if (options.log_line || warn)
        put(options.log_line ? options.log_line : options.console_line,
            !options.log_line, line, (uint32_t)length);
    spin_unlock(&output_lock);
}

void log_raw(const char *text, ...)
{
    char line[256];
    uint32_t to = options.log_line ? options.log_line : options.console_line;
    va_list list;
    va_start(list, text);
    format_list(line, sizeof(line), text, list);
    va_end(list);
    put(to, true, line, (uint32_t)strlen(line));
    put(to, true, "\n", 1);
}

uint32_t log_read(uint32_t offset, char *buffer, uint32_t bytes)
{
    uint32_t count = 0;
    spin_lock(&output_lock);
    /* What the ring no longer has is left out: offsets count what it has. */
    uint32_t oldest = written > RING ? written - RING : 0;
    while (offset < written - oldest && count < bytes)
        buffer[count++] = ring[(oldest + offset++) % RING];
    spin_unlock(&output_lock);
    return count;
}
