/* SPDX-License-Identifier: MIT */
/*
 * After reset the 8259s deliver to vectors 8..15, where the CPU has exceptions.
 * They are given vectors of their own and masked; the I/O APIC takes over.
 * Intel 8259A data sheet, initialisation command words; MP specification 1.4,
 * 3.6.2.1 for the IMCR.
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

#define IMCR_SELECT   0x22
#define IMCR_DATA     0x23
#define IMCR_REGISTER 0x70
#define IMCR_APIC     0x01

static void put(uint16_t port, uint8_t value)
{
    outb(port, value);
    port_pause();
}

void pic_disable(bool has_imcr)
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
    if (has_imcr) {
        put(IMCR_SELECT, IMCR_REGISTER);
        put(IMCR_DATA, IMCR_APIC);
    }
}
