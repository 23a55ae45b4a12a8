/* SPDX-License-Identifier: MIT */
/*
 * PS/2 keyboard through the 8042 controller, which the firmware leaves in scan
 * code set 1 with its interrupt on (IBM PS/2 Hardware Interface Technical
 * Reference, Keyboard Controller). US layout. A key going up has bit 7 set. The
 * keys that the first PC did not have send 0xe0, which looks like a key going
 * up, before the code of a key that it had: the right CTRL, Enter and the like
 * work as their elders do, and the others have codes that mean no character.
 * Pause is CTRL going down and up. All state belongs to the interrupt handler,
 * which runs on the boot CPU only.
 */
#include "arch/i386/interrupt.h"
#include "arch/i386/ports.h"

#define DATA   0x60
#define STATUS 0x64

#define STATUS_OUTPUT 0x01 /* a byte for us */
#define STATUS_MOUSE  0x20

#define DRAIN_MAX 64

#define KEY_UP    0x80 /* in a byte from the keyboard */
#define KEY_CTRL  0x1d
#define KEY_LEFT  0x2a
#define KEY_RIGHT 0x36
#define KEY_CAPS  0x3a
#define SCANCODES 0x3a

/* By scan code; 0: no character. */
static const char plain[SCANCODES] =
    "\0\0331234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[SCANCODES] =
    "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool held[128]; /* by scan code: whether it is down */
static bool caps;

bool keyboard_start(void)
{
    if (inb(STATUS) == 0xff) /* what an empty bus reads */
        return false;
    /* Keys that came before would never make an edge. */
    for (uint32_t i = 0; i < DRAIN_MAX && (inb(STATUS) & STATUS_OUTPUT); i++)
        inb(DATA);
    return true;
}

static void key_down(uint8_t code)
{
    bool shift = held[KEY_LEFT] || held[KEY_RIGHT];
    if (code >= SCANCODES)
        return;
    char c = plain[code];
    bool letter = c >= 'a' && c <= 'z';
    if (shift ^ (letter && caps))
        c = shifted[code];
    if (letter && held[KEY_CTRL])
        c &= 0x1f;
    if (c)
        interrupt_console_input(c);
}

static void scancode(uint8_t byte)
{
    uint8_t code = byte & (uint8_t)~KEY_UP;
    held[code] = code == byte;
    if (code != byte)
        return;
    caps ^= code == KEY_CAPS;
    key_down(code);
}

void keyboard_interrupt(void)
{
    for (uint32_t i = 0; i < DRAIN_MAX; i++) {
        uint8_t status = inb(STATUS);
        if (!(status & STATUS_OUTPUT))
            break;
        uint8_t byte = inb(DATA);
        if (!(status & STATUS_MOUSE))
            scancode(byte);
    }
}
