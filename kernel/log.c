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
#include "machine/console.h"
#include "machine/cpu.h"
#include "machine/time.h"

#define RING 32768u /* bytes, a power of two */

static struct spinlock output_lock = SPINLOCK("log", RANK_LOG);
static char ring[RING] GUARDED_BY(output_lock);
static uint32_t written GUARDED_BY(output_lock); /* bytes, ever */

/* Before the options are read: line 1, as everybody expects. */
static uint32_t console_line(void)
{
    return options.console_line ? options.console_line : 1;
}

static void put_text(uint32_t line, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            serial_put(line, '\r');
        serial_put(line, *text);
    }
}

static void console_put(char c)
{
    if (c == '\n' && !options.raw_console)
        serial_put(console_line(), '\r');
    serial_put(console_line(), c);
    if (options.vga)
        vga_put(c);
}

void console_write(const char *bytes, uint32_t count)
{
    spin_lock(&output_lock);
    while (count--)
        console_put(*bytes++);
    spin_unlock(&output_lock);
}

static void keep(const char *text) REQUIRES(output_lock)
{
    for (; *text; text++)
        ring[written++ % RING] = *text;
}

static void log_line(bool warn, const char *text, va_list list)
{
    char line[256], stamped[288];
    uint32_t nanoseconds;
    uint32_t seconds =
        (uint32_t)divide_u64(clock_ns(), 1000000000, &nanoseconds);
    format_list(line, sizeof(line), text, list);
    format(stamped, sizeof(stamped), "[%4u.%06u] %s%s\n", seconds,
           nanoseconds / 1000, warn ? "warning: " : "", line);
    spin_lock(&output_lock);
    keep(stamped);
    if (options.log_line)
        put_text(options.log_line, stamped);
    else if (warn)
        for (const char *c = stamped; *c; c++)
            console_put(*c);
    spin_unlock(&output_lock);
}

void log_info(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    log_line(false, format, list);
    va_end(list);
}

void log_warn(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    log_line(true, format, list);
    va_end(list);
}

void log_raw(const char *text, ...)
{
    char line[256];
    va_list list;
    va_start(list, text);
    format_list(line, sizeof(line), text, list);
    va_end(list);
    uint32_t to = options.log_line ? options.log_line : console_line();
    put_text(to, line);
    put_text(to, "\n");
    if (options.vga) {
        for (const char *c = line; *c; c++)
            vga_put(*c);
        vga_put('\n');
    }
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
