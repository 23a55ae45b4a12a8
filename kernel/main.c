/* SPDX-License-Identifier: MIT */
/*
 * Start-up, readable from top to bottom: what each step needs comes before it.
 * docs/boot.md tells the same story. The boot CPU ends as a scheduler like all
 * others; a kernel thread, the main one, starts the first program, waits for
 * it, and turns the machine off.
 */
#include "kernel/main.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/cpu.h"
#include "kernel/error.h"
#include "kernel/exec.h"
#include "kernel/initrd.h"
#include "kernel/log.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/result.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "machine/console.h"
#include "machine/context.h"
#include "machine/cpu.h"
#include "machine/power.h"
#include "machine/smp.h"
#include "machine/time.h"
#include "mm/backing.h"
#include "mm/fail.h"
#include "mm/kmap.h"
#include "mm/kstack.h"
#include "mm/kva.h"
#include "mm/pageout.h"
#include "mm/settle.h"
#include "mm/swap.h"

/* Wait for the first program and everything it left behind. */
static uint32_t wait_for_all(int first)
{
    struct wait_request request = {.tid = first, .options = ABI_WALL};
    struct wait_request any = {.tid = -1, .options = ABI_WALL};
    while (task_wait(&request) != first)
        continue;
    task_kill_all();
    while (task_wait(&any) != -ECHILD)
        continue;
    return request.status;
}

static void main_thread(void *unused)
{
    (void)unused;
    pageout_start();
    uint64_t before = frames_free_settled();
    fail_set(options.fail_alloc);
    int first = exec_first();
    if (first < 0) {
        log_warn("cannot start %s: %s", options.init, error_name(-first));
        result_other("no-program");
        power_off(RESULT_OK);
    }
    uint32_t status = wait_for_all(first);
    fail_set(0);
    int32_t lost = (int32_t)(before - frames_free_settled());
    log_info("%s ended with status %#x, frames lost: %d", options.init, status,
             lost);
    result_program(status, lost);
    power_off(RESULT_OK);
}

/* Become this CPU's idle task; the stack we are on is given up. */
static NORETURN void enter_idle(void)
{
    struct cpu *cpu = this_cpu();
    cpu->current = cpu->idle;
    context_leave_stack(sched_leave);
}

void kernel_main(void)
{
    /* Over the 'Q' of entry.asm: the first line begins where it should. */
    serial_put(1, '\r');
    if (options.vga)
        vga_init();
    log_info("Quartet " KERNEL_VERSION " (" KERNEL_BUILD "), %s", cpu_features);
    options_report();
    frame_init();
    kva_init();
    kmap_init();
    kstack_init();
    swap_init(backing_memory());
    if (cpu_create(0, smp_apic_id()))
        panic("no memory for the boot CPU's stacks");
    smp_discover();
    clock_calibrate();
    time_init();
    cpu_set_online();
    smp_start(options.max_cpus);
    console_devices_start(options.console_line);
    initrd_init();
    if (task_start_kernel("kernel", main_thread, NULL))
        panic("no memory for the first thread");
    enter_idle();
}

void secondary_main(void)
{
    cpu_set_online();
    enter_idle();
}
