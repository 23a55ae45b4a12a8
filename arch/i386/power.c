/* SPDX-License-Identifier: MIT */
/*
 * The end of the machine. Each way out is tried in turn; one that the machine
 * does not have is a write to a port at which nothing is, and does no harm.
 * May run in a panic: no lock, no memory, every wait bounded.
 */
#include "machine/power.h"

#include "arch/i386/acpi.h"
#include "arch/i386/ports.h"
#include "arch/i386/serial.h"
#include "machine/cpu.h"

#define QEMU_DEBUG_EXIT 0x501  /* -device isa-debug-exit,iobase=0x501 */
#define BOCHS_SHUTDOWN  0x8900 /* the letters of "Shutdown" */
#define QEMU_PM1A       0x604  /* its PM1a_CNT, should ACPI be off ... */
#define BOCHS_PM1A      0xb004 /* ... that of Bochs and old QEMUs */

/* PM1 control register: ACPI specification 6.4, 4.8.3.2.1. */
#define PM1_SCI_ENABLED   1u
#define PM1_SLEEP_TYPE(t) ((uint32_t)((t)&7u) << 10)
#define PM1_SLEEP_ENABLE  (1u << 13)

#define KEYBOARD_STATUS  0x64
#define KEYBOARD_COMMAND 0x64
#define INPUT_FULL       0x02
#define PULSE_RESET      0xfe
#define POLLS            100000

static void acpi_off(void)
{
    const struct acpi_power *p = &acpi_power;
    if (!p->control_a) {
        outw(QEMU_PM1A, PM1_SLEEP_ENABLE);
        outw(BOCHS_PM1A, PM1_SLEEP_ENABLE);
        return;
    }
    /* The registers work only in ACPI mode (4.8.2.5). */
    if (p->smi_command && p->acpi_enable &&
        !(inw(p->control_a) & PM1_SCI_ENABLED)) {
        outb(p->smi_command, p->acpi_enable);
        for (uint32_t i = 0; i < POLLS; i++)
            if (inw(p->control_a) & PM1_SCI_ENABLED)
                break;
    }
    outw(p->control_a,
         (uint16_t)(PM1_SLEEP_TYPE(p->type_a) | PM1_SLEEP_ENABLE));
    if (p->control_b)
        outw(p->control_b,
             (uint16_t)(PM1_SLEEP_TYPE(p->type_b) | PM1_SLEEP_ENABLE));
}

void power_off(uint8_t code)
{
    serial_drain(); /* the machine would take unsent bytes with it */
    /* Before QEMU's port, which is "the VGA BIOS panics" to Bochs. */
    for (const char *s = "Shutdown"; *s; s++)
        outb(BOCHS_SHUTDOWN, (uint8_t)*s);
    outb(QEMU_DEBUG_EXIT, code);
    acpi_off();
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
