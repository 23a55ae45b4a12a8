/* SPDX-License-Identifier: MIT */
/*
 * What happens at each vector. The local APIC is told "end of interrupt"
 * before the handler runs: interrupts are off, so nothing can come in between,
 * and an edge that arrives while the handler works is kept and served after
 * it, not lost. (A level-triggered interrupt would come again at once; no
 * device here has one.)
 */
#include "arch/i386/interrupt.h"

#include "arch/i386/lapic.h"
#include "arch/i386/serial.h"
#include "arch/i386/vectors.h"
#include "kernel/call.h"
#include "kernel/console.h"
#include "kernel/counters.h"
#include "kernel/dump.h"
#include "kernel/log.h"
#include "kernel/timer.h"

#define CTRL_T      0x14
#define ERRORS_TOLD 8 /* a broken bus must not fill the log */

void interrupt_console_input(char c)
{
    if (c == CTRL_T)
        dump_all_cpus();
    else
        console_input(c);
}

static void apic_error(void)
{
    static uint32_t told;
    uint32_t errors = lapic_take_errors();
    if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) < ERRORS_TOLD)
        log_warn("local APIC %u reports error bits %#x", lapic_id(), errors);
}

/* The 8259s deliver without the local APIC, which then has nothing to end; nor
 * has it for its own spurious vector (SDM vol. 3, 10.9). */
static bool by_local_apic(uint32_t vector)
{
    return vector != VECTOR_SPURIOUS && vector - VECTOR_PIC_BASE >= ISA_IRQS;
}

void interrupt_handle(uint32_t vector)
{
    counter_add(COUNTER_interrupts, 1);
    if (by_local_apic(vector))
        lapic_end_of_interrupt();
    switch (vector) {
    case VECTOR_TIMER:
        timer_interrupt();
        break;
    case VECTOR_RESCHEDULE: /* the way out of the trap looks for work */
        counter_add(COUNTER_ipis_reschedule, 1);
        break;
    case VECTOR_CALL:
        call_serve();
        break;
    case VECTOR_ERROR:
        apic_error();
        break;
    case VECTOR_IRQ_BASE + IRQ_KEYBOARD:
        keyboard_interrupt();
        break;
    case VECTOR_IRQ_BASE + IRQ_SERIAL_EVEN:
    case VECTOR_IRQ_BASE + IRQ_SERIAL_ODD:
        serial_interrupt();
        break;
    default: /* nobody has asked for it */
        counter_add(COUNTER_interrupts_spurious, 1);
    }
}
