/* SPDX-License-Identifier: MIT */
/*
 * Serial lines: 16550 UARTs (National Semiconductor PC16550D data sheet).
 * Output waits for room however long that takes: a dropped byte would be a
 * lost line of a test. Only a line that is not there is skipped. Input arrives
 * by interrupt, for one line. The caller of serial_put() serialises.
 */
#include "arch/i386/serial.h"

#include "arch/i386/interrupt.h"
#include "arch/i386/ioapic.h"
#include "arch/i386/lapic.h"
#include "arch/i386/ports.h"
#include "kernel/console.h"
#include "machine/console.h"
#include "machine/cpu.h"

/* Registers, from the line's base port. */
enum {
    UART_DATA = 0,
    UART_DIVISOR_LOW = 0, /* with LCR_DIVISOR */
    UART_INTERRUPTS = 1,
    UART_DIVISOR_HIGH = 1,
    UART_CAUSE = 2, /* read */
    UART_FIFO = 2,  /* write */
    UART_FORMAT = 3,
    UART_MODEM = 4,
    UART_STATUS = 5,
    UART_SCRATCH = 7,
};

#define INTERRUPT_RECEIVED 0x01
#define CAUSE_NONE         0x01
#define FIFO_SETUP         0xc7 /* on, both emptied, interrupt at 14 bytes */
#define FORMAT_8N1         0x03
#define FORMAT_DIVISOR     0x80
#define MODEM_SETUP        0x0b /* DTR, RTS, and OUT2: interrupts get through */
#define STATUS_RECEIVED    0x01
#define STATUS_ROOM        0x20
#define STATUS_IDLE        0x40
#define SCRATCH_TEST       0x5a
#define DIVISOR_115200     1

#define IDLE_POLLS 100000 /* a byte at 115200 takes 87 us */
#define DRAIN_MAX  4096   /* bytes an interrupt: a broken line may never end */

/* By line, 1 to 4; 0 is none, and never present. */
static const uint16_t base[SERIAL_PORTS + 1] = {0, 0x3f8, 0x2f8, 0x3e8, 0x2e8};
static bool present[SERIAL_PORTS + 1]; /* fixed after serial_init() */
static uint32_t input_line;            /* 0: none */
static bool stopped; /* its interrupts are off until there is room */

static bool answers(uint16_t port)
{
    outb(port + UART_SCRATCH, SCRATCH_TEST);
    port_pause(); /* else the value may linger on an empty bus */
    return inb(port + UART_SCRATCH) == SCRATCH_TEST;
}

static void wait_until_idle(uint16_t port)
{
    for (uint32_t i = 0; i < IDLE_POLLS; i++)
        if (inb(port + UART_STATUS) & STATUS_IDLE)
            break;
}

static void set_up(uint16_t port)
{
    /* The start-up code or the loader may still be sending. */
    wait_until_idle(port);
    outb(port + UART_INTERRUPTS, 0);
    outb(port + UART_FORMAT, FORMAT_DIVISOR);
    outb(port + UART_DIVISOR_LOW, DIVISOR_115200);
    outb(port + UART_DIVISOR_HIGH, 0);
    outb(port + UART_FORMAT, FORMAT_8N1);
    outb(port + UART_FIFO, FIFO_SETUP);
    outb(port + UART_MODEM, MODEM_SETUP);
}

void serial_init(void)
{
    for (uint32_t line = 1; line <= SERIAL_PORTS; line++) {
        present[line] = answers(base[line]);
        if (present[line])
            set_up(base[line]);
    }
}

void serial_put(uint32_t line, char c)
{
    if (!present[line])
        return;
    uint16_t port = base[line];
    while (!(inb(port + UART_STATUS) & STATUS_ROOM))
        cpu_pause();
    outb(port + UART_DATA, (uint8_t)c);
}

void serial_drain(void)
{
    for (uint32_t line = 1; line <= SERIAL_PORTS; line++)
        if (present[line])
            wait_until_idle(base[line]);
}

/*
 * Without room the bytes stay in the UART, whose other side then waits: stop
 * its interrupts. True if there is room after all, because a reader was faster
 * than our note that we have stopped: then the note is taken back. The reader
 * makes room before it looks at the note; both are full fences.
 */
static bool stop_or_go_on(uint16_t port)
{
    if (console_has_room())
        return true;
    outb(port + UART_INTERRUPTS, 0);
    __atomic_store_n(&stopped, true, __ATOMIC_SEQ_CST);
    if (!console_has_room())
        return false;
    console_devices_resume();
    return true;
}

void console_devices_resume(void)
{
    if (__atomic_exchange_n(&stopped, false, __ATOMIC_SEQ_CST))
        outb(base[input_line] + UART_INTERRUPTS, INTERRUPT_RECEIVED);
}

/*
 * The interrupt is an edge: unless the UART has withdrawn its request when we
 * leave, the next byte makes none. So all causes are taken, not just one.
 */
void serial_interrupt(void)
{
    if (!input_line)
        return;
    uint16_t port = base[input_line];
    uint32_t left = DRAIN_MAX;
    do {
        while (left && (inb(port + UART_STATUS) & STATUS_RECEIVED)) {
            if (!stop_or_go_on(port))
                return;
            left--;
            interrupt_console_input((char)inb(port + UART_DATA));
        }
    } while (left-- > 1 && !(inb(port + UART_CAUSE) & CAUSE_NONE));
}

void console_devices_start(uint32_t line)
{
    if (keyboard_start())
        ioapic_enable_isa(IRQ_KEYBOARD, lapic_id());
    if (!present[line])
        return;
    input_line = line;
    ioapic_enable_isa(line % 2 ? IRQ_SERIAL_ODD : IRQ_SERIAL_EVEN, lapic_id());
    outb(base[line] + UART_INTERRUPTS, INTERRUPT_RECEIVED);
    /* Bytes that came before would never make an edge. */
    uint32_t interrupts = interrupts_save();
    serial_interrupt();
    interrupts_restore(interrupts);
}
