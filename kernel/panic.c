/* SPDX-License-Identifier: MIT */
/*
 * The last screen. The first CPU that panics stops the others, prints, reports
 * and turns the machine off if somebody waits for a result; a second panic on
 * the way there prints its line and stops. Nothing here takes a lock: whoever
 * holds one will not give it back.
 */
#include "kernel/panic.h"

#include "kernel/cpu.h"
#include "kernel/dump.h"
#include "kernel/log.h"
#include "kernel/options.h"
#include "kernel/print.h"
#include "kernel/result.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/debug.h"
#include "machine/power.h"
#include "machine/time.h"
#include "mm/mm.h"

#define OTHERS_STOP_US 1000

static uint32_t panicking;

static NORETURN void panic_screen(const struct trap_frame *frame,
                                  const char *message, va_list list)
{
    char text[256];
    interrupts_disable();
    format_list(text, sizeof(text), message, list);
    if (__atomic_fetch_add(&panicking, 1, __ATOMIC_SEQ_CST)) {
        log_raw("PANIC again on CPU %u: %s", this_cpu()->index, text);
        cpu_stop();
    }
    dump_stop_others();
    clock_delay_us(OTHERS_STOP_US);

    const struct cpu *cpu = this_cpu();
    const struct task *task = cpu->current;
    log_raw("%s", "");
    log_raw("PANIC: %s", text);
    log_raw("CPU %u of %u, task %u (%s), MM %u, %s build", cpu->index,
            cpu_count, task ? task->tid : 0, task ? task->name : "none",
            cpu->mm ? cpu->mm->id : 0, KERNEL_BUILD);
    if (frame)
        debug_print_registers(frame);
    log_raw("backtrace:");
    debug_print_backtrace(frame);
    if (options.result_line) {
        result_other("panic");
        power_off(RESULT_PANIC);
    }
    log_raw("The machine is stopped.");
    cpu_stop();
}

void panic(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    panic_screen(NULL, format, list);
}

void panic_at(const struct trap_frame *frame, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    panic_screen(frame, format, list);
}
