/* SPDX-License-Identifier: MIT */
/*
 * PS/2 keyboard through the 8042 controller, which translates to scan code set
 * 1 (IBM PS/2 Hardware Interface Technical Reference, Keyboard Controller).
 * US layout. A key going up has bit 7 set; 0xe0 announces one of the keys that
 * the first PC did not have, 0xe1 the Pause key with two more bytes. Every
 * wait is bounded, since there may be no controller. All state belongs to the
 * interrupt handler, which runs on the boot CPU only.
 */
#include "arch/i386/interrupt.h"
#include "arch/i386/ports.h"

#define DATA    0x60
#define STATUS  0x64
#define COMMAND 0x64

#define STATUS_OUTPUT 0x01 /* a byte for us */
#define STATUS_INPUT  0x02 /* it has not yet taken ours */
#define STATUS_MOUSE  0x20

#define COMMAND_WRITE_CONFIG 0x60
#define CONFIG               0x65 /* interrupt, tested, no mouse, translation */

#define POLLS     10000
#define DRAIN_MAX 64

#define KEY_UP       0x80 /* in a byte from the keyboard */
#define KEY_EXTENDED 0x80 /* in held[] */
#define KEY_CTRL     0x1d
#define KEY_LEFT     0x2a
#define KEY_RIGHT    0x36
#define KEY_CAPS     0x3a
#define PREFIX       0xe0
#define PREFIX_PAUSE 0xe1
#define SCANCODES    0x3a

/* By scan code; 0: no character. */
static const char plain[SCANCODES] =
    "\0\0331234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[SCANCODES] =
    "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* By key, that is scan code and KEY_EXTENDED: whether it is held down. */
static bool held[256];
static bool caps;
static bool prefix;   /* the last byte was 0xe0 */
static uint32_t skip; /* bytes of the Pause key still to come */

static bool send(uint16_t port, uint8_t value)
{
    for (uint32_t i = 0; i < POLLS; i++) {
        if (!(inb(STATUS) & STATUS_INPUT)) {
            outb(port, value);
            return true;
        }
        port_pause();
    }
    return false;
}

bool keyboard_start(void)
{
    if (inb(STATUS) == 0xff) /* what an empty bus reads */
        return false;
    if (!send(COMMAND, COMMAND_WRITE_CONFIG) || !send(DATA, CONFIG))
        return false;
    /* Keys that came before would never make an edge. */
    for (uint32_t i = 0; i < DRAIN_MAX && (inb(STATUS) & STATUS_OUTPUT); i++)
        inb(DATA);
    return true;
}

static void put_string(const char *s)
{
    while (*s)
        interrupt_console_input(*s++);
}

/* Keys after 0xe0, as a terminal would send them. */
static void extended_key(uint8_t code)
{
    static const struct {
        uint8_t code;
        const char *text;
    } table[] = {
        {0x48, "\033[A"}, {0x50, "\033[B"},  {0x4d, "\033[C"},
        {0x4b, "\033[D"}, {0x47, "\033[H"},  {0x4f, "\033[F"},
        {0x1c, "\r"},     {0x53, "\033[3~"}, {0x35, "/"},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(table); i++)
        if (table[i].code == code)
            put_string(table[i].text);
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
    if (letter && (held[KEY_CTRL] || held[KEY_CTRL | KEY_EXTENDED]))
        c &= 0x1f;
    if (c)
        interrupt_console_input(c);
}

static void scancode(uint8_t byte)
{
    uint8_t code = byte & (uint8_t)~KEY_UP;
    uint8_t extended = prefix ? KEY_EXTENDED : 0;
    if (skip) {
        skip--;
        return;
    }
    prefix = byte == PREFIX;
    if (byte == PREFIX_PAUSE)
        skip = 2;
    if (byte == PREFIX || byte == PREFIX_PAUSE)
        return;
    /* (0xe0 0x2a is a shift that nobody pressed; nobody asks for it either.) */
    held[code | extended] = code == byte;
    if (code != byte)
        return;
    caps ^= !extended && code == KEY_CAPS;
    if (extended)
        extended_key(code);
    else
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
