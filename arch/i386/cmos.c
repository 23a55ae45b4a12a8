/* SPDX-License-Identifier: MIT */
/*
 * The battery-backed clock (Motorola MC146818 data sheet). It is read, while it
 * announces no update, until two readings agree, so an update in between is
 * noticed. Time is taken to be UTC. Index and data ports are not atomic: boot
 * CPU only.
 */
#include "arch/i386/ports.h"
#include "kernel/string.h"
#include "machine/time.h"

#define CMOS_INDEX 0x70 /* bit 7 clear: NMIs stay enabled */
#define CMOS_DATA  0x71

enum {
    CMOS_SECOND = 0x00,
    CMOS_MINUTE = 0x02,
    CMOS_HOUR = 0x04,
    CMOS_DAY = 0x07,
    CMOS_MONTH = 0x08,
    CMOS_YEAR = 0x09,
    CMOS_STATUS_A = 0x0a,
    CMOS_STATUS_B = 0x0b,
    CMOS_CENTURY = 0x32, /* by convention of PC firmware */
};

#define A_UPDATING 0x80
#define B_BINARY   0x04
#define B_24_HOURS 0x02
#define HOUR_PM    0x80
#define POLLS      10000 /* an update takes 2 ms */

struct reading {
    uint8_t second, minute, hour, day, month, year, century;
};

static uint8_t cmos(uint8_t index)
{
    outb(CMOS_INDEX, index);
    return inb(CMOS_DATA);
}

static struct reading read_clock(void)
{
    struct reading r = {.second = 0xff}, before;
    for (uint32_t i = 0; i < POLLS; i++) {
        if (cmos(CMOS_STATUS_A) & A_UPDATING)
            continue;
        before = r;
        r = (struct reading){
            .second = cmos(CMOS_SECOND),
            .minute = cmos(CMOS_MINUTE),
            .hour = cmos(CMOS_HOUR),
            .day = cmos(CMOS_DAY),
            .month = cmos(CMOS_MONTH),
            .year = cmos(CMOS_YEAR),
            .century = cmos(CMOS_CENTURY),
        };
        if (memcmp(&r, &before, sizeof(r)) == 0)
            break;
    }
    return r;
}

static uint32_t number(uint8_t value, bool binary)
{
    return binary ? value : (value >> 4) * 10u + (value & 15);
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
    struct reading r = read_clock();
    uint8_t b = cmos(CMOS_STATUS_B);
    bool binary = b & B_BINARY;
    uint32_t hour = number(r.hour & (uint8_t)~HOUR_PM, binary);
    if (!(b & B_24_HOURS)) /* 12 is the first hour of each half */
        hour = hour % 12 + (r.hour & HOUR_PM ? 12 : 0);
    uint32_t year = number(r.year, binary);
    uint32_t century = number(r.century, binary);
    if (century < 19 || century > 29)
        century = year < 70 ? 20 : 19;
    year += century * 100;
    uint32_t month = number(r.month, binary), day = number(r.day, binary);
    if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1970)
        return 0; /* an empty battery */
    return (uint64_t)days_since_1970(year, month, day) * 86400 + hour * 3600 +
           number(r.minute, binary) * 60 + number(r.second, binary);
}
