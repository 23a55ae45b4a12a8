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

#define COMMAND_READ_CONFIG  0x20
#define COMMAND_WRITE_CONFIG 0x60
#define COMMAND_MOUSE_OFF    0xa7
#define COMMAND_KEYBOARD_OFF 0xad
#define COMMAND_KEYBOARD_ON  0xae
#define CONFIG_INTERRUPT     0x01
#define CONFIG_MOUSE_IRQ     0x02
#define CONFIG_KEYBOARD_OFF  0x10
#define CONFIG_TRANSLATE     0x40

#define POLLS     10000
#define DRAIN_MAX 64

#define KEY_UP       0x80
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

static struct {
    bool left_shift, right_shift, left_ctrl, right_ctrl, caps;
    bool prefix;   /* the last byte was 0xe0 */
    uint32_t skip; /* bytes of the Pause key still to come */
} keys;

/* 0xff is what an empty bus reads. */
static bool controller_there(void)
{
    return inb(STATUS) != 0xff;
}

static bool wait_input(void)
{
    for (uint32_t i = 0; i < POLLS; i++) {
        if (!(inb(STATUS) & STATUS_INPUT))
            return true;
        port_pause();
    }
    return false;
}

static bool wait_output(uint8_t *byte)
{
    for (uint32_t i = 0; i < POLLS; i++) {
        if (inb(STATUS) & STATUS_OUTPUT) {
            *byte = inb(DATA);
            return true;
        }
        port_pause();
    }
    return false;
}

static void flush(void)
{
    for (uint32_t i = 0; i < DRAIN_MAX && (inb(STATUS) & STATUS_OUTPUT); i++)
        inb(DATA);
}

static bool command(uint8_t value)
{
    if (!wait_input())
        return false;
    outb(COMMAND, value);
    return true;
}

bool keyboard_start(void)
{
    uint8_t config;
    if (!controller_there())
        return false;
    /* Quiet, so that the next byte is the answer and not a key. */
    if (!command(COMMAND_KEYBOARD_OFF) || !command(COMMAND_MOUSE_OFF))
        return false;
    flush();
    if (!command(COMMAND_READ_CONFIG) || !wait_output(&config))
        return false;
    config |= CONFIG_INTERRUPT | CONFIG_TRANSLATE;
    config &= (uint8_t) ~(CONFIG_MOUSE_IRQ | CONFIG_KEYBOARD_OFF);
    if (!command(COMMAND_WRITE_CONFIG) || !wait_input())
        return false;
    outb(DATA, config);
    if (!command(COMMAND_KEYBOARD_ON) || !wait_input())
        return false;
    flush();
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
    bool shift = keys.left_shift || keys.right_shift;
    if (code >= SCANCODES)
        return;
    char c = plain[code];
    if (c >= 'a' && c <= 'z' && (keys.left_ctrl || keys.right_ctrl)) {
        interrupt_console_input((char)(c & 0x1f));
        return;
    }
    if (c >= 'a' && c <= 'z')
        shift ^= keys.caps;
    if (shift)
        c = shifted[code];
    if (c)
        interrupt_console_input(c);
}

static void scancode(uint8_t byte)
{
    bool down = !(byte & KEY_UP), extended = keys.prefix;
    uint8_t code = byte & (uint8_t)~KEY_UP;
    if (keys.skip) {
        keys.skip--;
        return;
    }
    keys.prefix = byte == PREFIX;
    if (byte == PREFIX_PAUSE)
        keys.skip = 2;
    if (byte == PREFIX || byte == PREFIX_PAUSE)
        return;
    if (extended) {
        /* 0xe0 0x2a is a shift that nobody pressed: it is not in the table. */
        if (code == KEY_CTRL)
            keys.right_ctrl = down;
        else if (down)
            extended_key(code);
        return;
    }
    switch (code) {
    case KEY_CTRL:
        keys.left_ctrl = down;
        break;
    case KEY_LEFT:
        keys.left_shift = down;
        break;
    case KEY_RIGHT:
        keys.right_shift = down;
        break;
    case KEY_CAPS:
        keys.caps ^= down;
        break;
    default:
        if (down)
            key_down(code);
    }
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
