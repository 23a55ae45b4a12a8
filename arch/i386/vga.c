/* SPDX-License-Identifier: MIT */
/*
 * VGA text mode, 80 by 25 (IBM VGA Technical Reference: CRT controller
 * registers 0x0e and 0x0f place the cursor). What is on the screen is also in
 * `shadow`, so the slow device is only written, and scrolling writes only the
 * cells that differ. The caller serialises.
 */
#include "arch/i386/ports.h"
#include "machine/console.h"
#include "machine/layout.h"

#define COLUMNS 80
#define ROWS    25
#define CELLS   (COLUMNS * ROWS)
#define TAB     8

#define SCREEN      0xb8000u /* physical; the direct map has the first MiB */
#define BLANK       0x0720u  /* grey on black, a space */
#define ATTRIBUTE   0x0700u
#define CRTC_INDEX  0x3d4
#define CRTC_DATA   0x3d5
#define CURSOR_HIGH 0x0e
#define CURSOR_LOW  0x0f

/* Without a screen this leads nowhere, and nothing looks there. */
static volatile uint16_t *const screen =
    (volatile uint16_t *)(DIRECT_MAP + SCREEN);
static uint16_t shadow[CELLS];
static uint32_t cursor;

static void cell(uint32_t at, uint16_t value)
{
    if (shadow[at] != value) {
        shadow[at] = value;
        screen[at] = value;
    }
}

static void show_cursor(void)
{
    outb(CRTC_INDEX, CURSOR_HIGH);
    outb(CRTC_DATA, (uint8_t)(cursor >> 8));
    outb(CRTC_INDEX, CURSOR_LOW);
    outb(CRTC_DATA, (uint8_t)cursor);
}

void vga_init(void)
{
    for (uint32_t i = 0; i < CELLS; i++)
        screen[i] = shadow[i] = BLANK;
    cursor = 0;
    show_cursor();
}

static void scroll(void)
{
    for (uint32_t i = 0; i < CELLS - COLUMNS; i++)
        cell(i, shadow[i + COLUMNS]);
    for (uint32_t i = CELLS - COLUMNS; i < CELLS; i++)
        cell(i, BLANK);
    cursor -= COLUMNS;
}

void vga_put(char c)
{
    switch (c) {
    case '\n':
        cursor += COLUMNS - cursor % COLUMNS;
        break;
    case '\r':
        cursor -= cursor % COLUMNS;
        break;
    case '\b':
        if (cursor)
            cursor--;
        break;
    case '\t':
        cursor += TAB - cursor % TAB;
        break;
    default:
        if ((uint8_t)c >= ' ')
            cell(cursor++, (uint16_t)(ATTRIBUTE | (uint8_t)c));
    }
    if (cursor >= CELLS)
        scroll();
    show_cursor();
}
