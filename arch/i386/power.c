/* SPDX-License-Identifier: MIT */
/*
 * The end of the machine. Each way out is tried in turn; one that the machine
 * does not have is a write to a port at which nothing is, and does no harm.
 * May run in a panic: no lock, no memory, every wait bounded.
 */
#include "machine/power.h"

#include "arch/i386/ports.h"
#include "arch/i386/serial.h"
#include "kernel/dump.h"
#include "kernel/log.h"
#include "machine/cpu.h"

#define QEMU_DEBUG_EXIT 0x501  /* -device isa-debug-exit,iobase=0x501 */
#define BOCHS_SHUTDOWN  0x8900 /* the letters of "Shutdown" */

/*
 * Power management control registers of emulators, and what written there is
 * soft off (ACPI specification 6.4, 4.8.3.2.1): the sleep type that the
 * firmware gives to state S5, bits 10 to 12, and bit 13, "now". A real machine
 * says both in AML, which is not read here: one stops, and waits for its
 * switch.
 */
static const struct {
    uint16_t port, value;
} soft_off[] = {
    {0x604, 0x2000},  /* QEMU */
    {0xb004, 0x2000}, /* Bochs, old QEMUs */
    {0x4004, 0x3400}, /* VirtualBox */
};

#define KEYBOARD_STATUS  0x64
#define KEYBOARD_COMMAND 0x64
#define INPUT_FULL       0x02
#define PULSE_RESET      0xfe
#define POLLS            100000

void power_off(uint8_t code)
{
    serial_drain(); /* the machine would take unsent bytes with it */
    /* Before QEMU's port, which is "the VGA BIOS panics" to Bochs. */
    for (const char *s = "Shutdown"; *s; s++)
        outb(BOCHS_SHUTDOWN, (uint8_t)*s);
    outb(QEMU_DEBUG_EXIT, code);
    for (uint32_t i = 0; i < ARRAY_LENGTH(soft_off); i++)
        outw(soft_off[i].port, soft_off[i].value);
    log_raw("It is now safe to turn off the machine.");
    dump_stop_others();
    cpu_stop();
}

void power_restart(void)
{
    interrupts_disable();
    for (uint32_t i = 0; i < POLLS; i++)
        if (!(inb(KEYBOARD_STATUS) & INPUT_FULL))
            break;
    outb(KEYBOARD_COMMAND, PULSE_RESET);
    for (uint32_t i = 0; i < POLLS; i++)
        port_pause();

    /* No interrupt table: the breakpoint cannot be delivered, nor the double
     * fault that follows, and the CPU shuts down (SDM vol. 3, 6.15). */
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) none = {0, 0};
    __asm__ volatile("lidt %0; int3" : : "m"(none));
    cpu_stop();
}
