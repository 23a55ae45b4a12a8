/* SPDX-License-Identifier: MIT */
/*
 * The battery-backed clock (Motorola MC146818 data sheet). It is read, while it
 * announces no update, until two readings agree, so an update in between is
 * noticed. Time is taken to be UTC, of 1970 to 2069, in 24 hours, as all
 * firmware sets it. Index and data ports are not atomic: boot CPU only.
 */
#include "arch/i386/ports.h"
#include "kernel/string.h"
#include "machine/time.h"

#define CMOS_INDEX 0x70 /* bit 7 clear: NMIs stay enabled */
#define CMOS_DATA  0x71

enum { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, FIELDS };
static const uint8_t registers[FIELDS] = {0, 2, 4, 7, 8, 9};

#define STATUS_A   0x0a
#define A_UPDATING 0x80
#define STATUS_B   0x0b
#define B_BINARY   0x04
#define POLLS      10000 /* an update takes 2 ms */

static uint8_t cmos(uint8_t index)
{
    outb(CMOS_INDEX, index);
    return inb(CMOS_DATA);
}

static void read_fields(uint8_t value[FIELDS])
{
    uint8_t before[FIELDS];
    for (uint32_t i = 0; i < POLLS; i++) {
        if (cmos(STATUS_A) & A_UPDATING)
            continue;
        memcpy(before, value, FIELDS);
        for (uint32_t field = 0; field < FIELDS; field++)
            value[field] = cmos(registers[field]);
        if (memcmp(value, before, FIELDS) == 0)
            break;
    }
    if (cmos(STATUS_B) & B_BINARY)
        return;
    for (uint32_t field = 0; field < FIELDS; field++)
        value[field] =
            (uint8_t)((value[field] >> 4) * 10 + (value[field] & 15));
}

/*
 * Days from 1970-01-01. Counted from March, a leap day is a year's last, and
 * (153 m + 2) / 5 days lie before month m.
 */
static uint32_t days_since_1970(uint32_t year, uint32_t month, uint32_t day)
{
    uint32_t y = month > 2 ? year : year - 1;
    uint32_t m = month > 2 ? month - 3 : month + 9;
    uint32_t days = y * 365 + y / 4 - y / 100 + y / 400;
    days += (153 * m + 2) / 5 + day - 1;
    return days - 719468; /* the days from 0000-03-01 to 1970-01-01 */
}

uint64_t clock_read_cmos(void)
{
    uint8_t v[FIELDS] = {0};
    read_fields(v);
    if (v[MONTH] < 1 || v[MONTH] > 12 || v[DAY] < 1 || v[DAY] > 31)
        return 0; /* an empty battery */
    uint32_t year = v[YEAR] + (v[YEAR] < 70 ? 2000u : 1900u);
    return (uint64_t)days_since_1970(year, v[MONTH], v[DAY]) * 86400 +
           v[HOUR] * 3600u + v[MINUTE] * 60u + v[SECOND];
}
