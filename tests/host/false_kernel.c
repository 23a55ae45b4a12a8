/* SPDX-License-Identifier: MIT */
/*
 * A false kernel: the smallest multiboot image that behaves on the serial
 * lines as Quartet does, or as Quartet must never behave. The host tests run
 * tools/guest with it, so that the runner is known to be right about panics,
 * hangs and resets without a kernel that has them.
 *
 * The boot option "false=" chooses: exit, signal, panic, no-program, hang (a
 * spin with interrupts off), idle (waits for ever), reset (triple fault), dead
 * (silent from the first byte on), silent (ends without a result), cut (ends
 * in the middle of one), echo (console input until Ctrl-D), much (3 MB).
 */
#include <stdint.h>

#define COM1    0x3f8
#define COM2    0x2f8
#define COM3    0x3e8
#define LINE    5 /* line status register, from the base */
#define READY   0x01
#define EMPTY   0x20
#define SENT    0x40
#define END     4 /* Ctrl-D */
#define PIC_ALL 0xff

struct multiboot {
    uint32_t flags, memory[2], device, command_line, module_count, modules;
};

__asm__(".section .text\n"
        ".align 4\n"
        ".long 0x1badb002, 3, -(0x1badb002 + 3)\n"
        ".global _start\n"
        "_start:\n"
        "    mov $stack_top, %esp\n"
        "    push %ebx\n"
        "    call begin\n"
        ".lcomm stack, 16384\n"
        ".set stack_top, stack + 16384\n");

static void out(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static uint8_t in(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(uint16_t port, const char *text)
{
    for (; *text; text++) {
        while (!(in(port + LINE) & EMPTY))
            ;
        out(port, (uint8_t)*text);
    }
}

/* 115200 8N1, buffers on and empty, no interrupts. */
static void set_up(uint16_t port)
{
    out(port + 3, 0x80);
    out(port, 1);
    out(port + 1, 0);
    out(port + 3, 0x03);
    out(port + 2, 0xc7);
}

/* Whether the command line has the word "false=NAME". */
static int told(const char *line, const char *name)
{
    static const char key[] = "false=";
    for (; *line; line++) {
        const char *a = line, *b = key;
        while (*b && *a == *b)
            a++, b++;
        if (*b)
            continue;
        for (b = name; *b && *a == *b;)
            a++, b++;
        return !*b && (!*a || *a == ' ');
    }
    return 0;
}

static void turn_off(void)
{
    static const uint16_t port[] = {COM1, COM2, COM3};
    for (int i = 0; i < 3; i++)
        while (!(in(port[i] + LINE) & SENT))
            ;
    out(0x501, 0); /* QEMU */
    for (const char *c = "Shutdown"; *c; c++)
        out(0x8900, (uint8_t)*c); /* Bochs */
    for (;;)
        __asm__ volatile("cli; hlt");
}

static void stop(const char *line)
{
    if (told(line, "hang"))
        for (;;)
            __asm__ volatile("cli; pause");
    if (told(line, "idle")) {
        out(0x21, PIC_ALL);
        out(0xa1, PIC_ALL);
        for (;;)
            __asm__ volatile("sti; hlt");
    }
    if (told(line, "reset")) {
        static const struct {
            uint16_t limit;
            uint32_t base;
        } __attribute__((packed)) nothing;
        __asm__ volatile("lidt %0; int3" ::"m"(nothing));
    }
}

static void talk(const char *line)
{
    if (told(line, "much"))
        for (int i = 0; i < 200000; i++)
            put(COM2, "0123456789abcde\n");
    if (told(line, "echo")) {
        for (;;) {
            while (!(in(COM2 + LINE) & READY))
                ;
            char text[2] = {(char)in(COM2), 0};
            if (text[0] == END)
                return;
            put(COM2, text);
        }
    }
}

static void report(const char *line)
{
    if (told(line, "silent"))
        return;
    put(COM3, "quartet-result 1\n");
    if (told(line, "panic"))
        put(COM3, "outcome panic\n");
    else if (told(line, "no-program"))
        put(COM3, "outcome no-program\n");
    else if (told(line, "signal"))
        put(COM3, "outcome signalled\nstatus 11\n");
    else
        put(COM3, "outcome exited\nstatus 42\n");
    if (told(line, "cut"))
        return;
    put(COM3, "frames-lost 3\ncounter switches 7\nend\n");
}

__attribute__((used, noreturn)) void begin(const struct multiboot *boot)
{
    const char *line = (const char *)boot->command_line;
    const uint32_t *module = (const uint32_t *)boot->modules;
    set_up(COM1);
    set_up(COM2);
    set_up(COM3);
    out(COM1, 'Q');
    if (told(line, "dead"))
        for (;;)
            __asm__ volatile("cli; hlt");
    put(COM1, "uartet, a false one\n");
    put(COM1, line);
    put(COM1, "\n");
    for (uint32_t i = 0; i < boot->module_count; i++) {
        put(COM1, "module ");
        put(COM1, (const char *)module[4 * i + 2]);
        put(COM1, "\n");
    }
    stop(line);
    put(COM2, "hello\n");
    talk(line);
    report(line);
    turn_off();
    __builtin_unreachable();
}
