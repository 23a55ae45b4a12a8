/* SPDX-License-Identifier: MIT */
/*
 * The query call: tables of the kernel, a row at a time. Each table is a
 * function that fills row number `index` and says whether there is one; tables
 * may change between two rows, so each row is true, the whole perhaps not.
 */
#include "kernel/abi/query.h"

#include "kernel/abi/errno.h"
#include "kernel/counters.h"
#include "kernel/cpu.h"
#include "kernel/initrd.h"
#include "kernel/log.h"
#include "kernel/options.h"
#include "kernel/print.h"
#include "kernel/result.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/boot.h"
#include "machine/cpu.h"
#include "machine/paging.h"
#include "machine/smp.h"
#include "machine/time.h"
#include "machine/uaccess.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/kstack.h"
#include "mm/kva.h"
#include "mm/mm.h"
#include "mm/settle.h"
#include "mm/slab.h"
#include "mm/tlb.h"
#include "tests/kernel/selftest.h"

#define POLICIES "pt=%s kmap=%s kstack=%s shootdown=%s"

static uint32_t mebibytes(phys_t bytes)
{
    return (uint32_t)((bytes + (1u << 20) - 1) >> 20);
}

static bool system_row(uint32_t index, void *buffer)
{
    struct abi_system *row = buffer;
    struct frame_stats frames;
    if (index)
        return false;
    frame_stats(&frames);
    *row = (struct abi_system){
        .cpus_found = smp_cpus_found,
        .memory_mib = mebibytes(boot_info.ram_bytes),
        .frames_total_low = frames.total[ZONE_LOW],
        .frames_total_high = frames.total[ZONE_HIGH],
        .frames_free_low = frames.free[ZONE_LOW],
        .frames_free_high = frames.free[ZONE_HIGH],
        .kernel_bytes = (uint32_t)(boot_image().end - boot_image().start),
        .frame_table_bytes = frame_table_bytes,
        .slab_bytes = slab_bytes(),
        .kva_used_bytes = kva_used_bytes(),
        .kva_total_bytes = KVA_END - KVA_START,
        .uptime_ns = clock_ns(),
        .tsc_hz = clock_tsc_hz,
        .timer_hz = clock_timer_hz};
    mm_sum(row);
    struct cpu *cpu;
    for_each_cpu (cpu)
        row->cpus++;
    row->low_mib = mebibytes(paging_low_end());
    row->high_mib =
        row->memory_mib > row->low_mib ? row->memory_mib - row->low_mib : 0;
    for (uint32_t i = 0; i < boot_info.modules; i++)
        row->initrd_bytes +=
            (uint32_t)(boot_info.module[i].end - boot_info.module[i].start);
    string_copy(row->version, KERNEL_VERSION, sizeof(row->version));
    string_copy(row->build, KERNEL_BUILD, sizeof(row->build));
    format(row->policies, sizeof(row->policies), POLICIES, page_tables_policy(),
           kmap_pools->name, kstack_policy(), shootdown->name);
    string_copy(row->features, cpu_features, sizeof(row->features));
    return true;
}

static bool settled_row(uint32_t index, void *buffer)
{
    if (!index)
        memory_settle();
    return system_row(index, buffer);
}

static bool selftest_row(uint32_t index, void *buffer)
{
    struct abi_selftest *row = buffer;
    const struct selftest *test = selftests_start + index;
    if (index >= (uint32_t)(selftests_end - selftests_start))
        return false;
    *row = (struct abi_selftest){.by_name = test->by_name};
    string_copy(row->name, test->name, sizeof(row->name));
    string_copy(row->meaning, test->meaning, sizeof(row->meaning));
    return true;
}

/* One line a table: the size of a row, and the function that fills it. */
#define TABLE(type, function)                              \
    {                                                      \
        sizeof(type), (bool (*)(uint32_t, void *))function \
    }
static const struct {
    uint32_t size;
    bool (*fill)(uint32_t index, void *row);
} tables[] = {
    [QUERY_SYSTEM] = TABLE(struct abi_system, system_row),
    [QUERY_CPUS] = TABLE(struct abi_cpu, cpu_row),
    [QUERY_TASKS] = TABLE(struct abi_task, task_row),
    [QUERY_MMS] = TABLE(struct abi_mm, mm_row),
    [QUERY_COUNTERS] = TABLE(struct abi_counter, counter_row),
    [QUERY_SELFTESTS] = TABLE(struct abi_selftest, selftest_row),
    [QUERY_OPTIONS] = TABLE(struct abi_option, options_row),
    [QUERY_FILES] = TABLE(struct abi_file, initrd_row),
    [QUERY_UNKNOWN] = TABLE(struct abi_unknown_call, unknown_call_row),
    [QUERY_SETTLED] = TABLE(struct abi_system, settled_row),
};

#define ROW_MAX 512

static int32_t query_log(uint32_t offset, uint32_t buffer, uint32_t size)
{
    char bytes[ROW_MAX];
    uint32_t want = size < sizeof(bytes) ? size : sizeof(bytes);
    uint32_t count = log_read(offset, bytes, want);
    if (copy_to_user(user_ptr_at(buffer), bytes, count))
        return -EFAULT;
    return (int32_t)count;
}

/* which, first, buffer, size */
int32_t sys_query(const uint32_t *arg)
{
    uint64_t row[ROW_MAX / 8];
    uint32_t which = arg[0], done = 0;
    if (which == QUERY_LOG)
        return query_log(arg[1], arg[2], arg[3]);
    if (which >= ARRAY_LENGTH(tables))
        return -EINVAL;
    uint32_t size = tables[which].size;
    for (uint32_t room = arg[3]; room >= size; room -= size, done++) {
        if (!tables[which].fill(arg[1] + done, row))
            break;
        user_ptr to = user_ptr_plus(user_ptr_at(arg[2]), done * size);
        if (copy_to_user(to, row, size))
            return -EFAULT;
    }
    return (int32_t)done;
}
