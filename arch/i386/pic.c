/* SPDX-License-Identifier: MIT */
/*
 * After reset the 8259s deliver to vectors 8..15, where the CPU has exceptions.
 * They are given vectors of their own and masked; the I/O APIC takes over.
 * Intel 8259A data sheet, initialisation command words. (Boards on which they
 * are wired past the APICs, with an IMCR to change that, are older than any CPU
 * with PAE and FXSAVE.)
 */
#include "arch/i386/pic.h"

#include "arch/i386/ports.h"
#include "arch/i386/vectors.h"

#define MASTER 0x20
#define SLAVE  0xa0
#define DATA   1 /* offset of the data port */

#define ICW1_INIT_ICW4 0x11
#define ICW4_8086      0x01
#define MASTER_CASCADE 0x04 /* the slave is at input 2 ... */
#define SLAVE_IDENTITY 0x02 /* ... and is told so */

static void put(uint16_t port, uint8_t value)
{
    outb(port, value);
    port_pause();
}

void pic_disable(void)
{
    /* The four words of a chip come in this order, ICW1 opens the series. */
    put(MASTER, ICW1_INIT_ICW4);
    put(SLAVE, ICW1_INIT_ICW4);
    put(MASTER + DATA, VECTOR_PIC_BASE);
    put(SLAVE + DATA, VECTOR_PIC_BASE + 8);
    put(MASTER + DATA, MASTER_CASCADE);
    put(SLAVE + DATA, SLAVE_IDENTITY);
    put(MASTER + DATA, ICW4_8086);
    put(SLAVE + DATA, ICW4_8086);
    put(MASTER + DATA, 0xff);
    put(SLAVE + DATA, 0xff);
}
