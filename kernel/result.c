/* SPDX-License-Identifier: MIT */
/* The result channel. See result.h. */
#include "kernel/result.h"

#include "kernel/abi/query.h"
#include "kernel/counters.h"
#include "kernel/options.h"
#include "kernel/print.h"
#include "machine/console.h"

static void put_line(const char *text, ...) PRINTF(1, 2);

static void put_line(const char *text, ...)
{
    char line[128];
    va_list list;
    va_start(list, text);
    format_list(line, sizeof(line), text, list);
    va_end(list);
    for (const char *c = line; *c; c++)
        serial_put(options.result_line, *c);
    serial_put(options.result_line, '\n');
}

void result_program(uint32_t status, int32_t frames_lost)
{
    uint32_t signal = status & 0x7f;
    struct abi_counter row;
    put_line("quartet-result 1");
    put_line("outcome %s", signal ? "signalled" : "exited");
    put_line("status %u", signal ? signal : status >> 8 & 0xff);
    put_line("frames-lost %d", frames_lost);
    for (uint32_t i = 0; counter_row(i, &row); i++)
        put_line("counter %s %llu", row.name, (unsigned long long)row.value);
    put_line("end");
}

void result_other(const char *outcome)
{
    put_line("quartet-result 1");
    put_line("outcome %s", outcome);
    put_line("end");
}
