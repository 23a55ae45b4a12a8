/* SPDX-License-Identifier: MIT */
/* Tables of tasks, CPUs, counters, options, files, and the kernel's log. */
#include "user/lib/show.h"

#include "user/lib/division.h"
#include "user/lib/print.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

static uint32_t milliseconds(uint64_t ns)
{
    return (uint32_t)divide_u64(ns, 1000000, NULL);
}

void show_tasks(void)
{
    struct abi_task t;

    printf("task  group  parent  mm  cpu  state    run ms  name\n");
    for (uint32_t i = 0; query_row(QUERY_TASKS, i, &t, sizeof(t)); i++)
        printf("%4u  %5u  %6u  %2u  %3u  %-7s %7u  %s%s\n", t.tid, t.tgid,
               t.parent, t.mm, t.cpu,
               t.state == 'R'   ? "ready"
               : t.state == 'S' ? "blocked"
               : t.state == 'Z' ? "ended"
                                : "?",
               milliseconds(t.run_ns), t.name,
               t.kernel_thread ? "  (kernel)" : "");
}

void show_cpus(void)
{
    struct abi_system s = system_read();
    struct abi_cpu c;

    printf("cpu  apic  ready   idle ms    switches  task  name\n");
    for (uint32_t i = 0; query_row(QUERY_CPUS, i, &c, sizeof(c)); i++) {
        printf("%3u  %4u  %5u  %8u  %10llu  ", c.index, c.apic_id, c.ready,
               milliseconds(c.idle_ns), c.switches);
        if (c.current_tid)
            printf("%4u  %s\n", c.current_tid, c.name);
        else
            printf("   -  idle\n");
    }
    printf("%u of %u running, time stamp counter %u kHz, timer %u kHz, "
           "%s\n",
           s.cpus, s.cpus_found, (uint32_t)divide_u64(s.tsc_hz, 1000, NULL),
           (uint32_t)divide_u64(s.timer_hz, 1000, NULL), s.features);
}

/* The CPUs of a mask: "0,3", or "-". */
struct cpus_text {
    char text[96]; /* enough for all 32 */
};

static struct cpus_text cpus_text(uint32_t mask)
{
    struct cpus_text t = {"-"};
    int at = 0;

    for (uint32_t i = 0; i < 32; i++)
        if (mask >> i & 1)
            at += format_to(t.text + at, sizeof(t.text) - (size_t)at,
                            at ? ",%u" : "%u", i);
    return t;
}

void show_mms(void)
{
    struct abi_mm m;

    printf("  mm  tasks       cr3  areas   resident  tables low       high"
           "       UKVA  cpus\n");
    for (uint32_t i = 0; query_row(QUERY_MMS, i, &m, sizeof(m)); i++)
        printf("%4u  %5u  %08x  %5u  %9s  %10s %10s %10s  %s\n", m.id, m.tasks,
               m.cr3, m.areas, bytes_text((uint64_t)m.pages << 12).text,
               bytes_text(m.table_bytes_low).text,
               bytes_text(m.table_bytes_high).text,
               bytes_text(m.ukva_bytes).text, cpus_text(m.cpus).text);
    printf("tables lie in low or in high memory; UKVA: mapped in the MM's own "
           "kernel region;\ncpus: those that may cache its translations\n");
}

void show_counters(const char *prefix, bool only_used)
{
    struct abi_counter c;
    uint32_t shown = 0;

    for (uint32_t i = 0; query_row(QUERY_COUNTERS, i, &c, sizeof(c)); i++) {
        if (!string_begins(c.name, prefix) || (only_used && !c.value))
            continue;
        printf("%12llu  %-21s %s\n", c.value, c.name, c.meaning);
        shown++;
    }
    if (!shown)
        printf("no counter to show\n");
    struct abi_unknown_call u;
    for (uint32_t i = 0; query_row(QUERY_UNKNOWN, i, &u, sizeof(u)); i++)
        if (!*prefix)
            printf("%12u  call %-16u asked for and not there\n", u.count,
                   u.number);
}

void show_options(void)
{
    struct abi_option o;

    printf("option    in force       default        meaning\n");
    for (uint32_t i = 0; query_row(QUERY_OPTIONS, i, &o, sizeof(o)); i++)
        printf("%-9s %-14s %-14s %s\n", o.name, o.value, o.standard, o.meaning);
}

void show_files(void)
{
    struct abi_file f;
    uint64_t bytes = 0;
    uint32_t files = 0;

    for (uint32_t i = 0; query_row(QUERY_FILES, i, &f, sizeof(f)); i++) {
        /* The type bits of a mode as in stat: 4 is a folder. */
        bool folder = f.mode >> 12 == 4;
        printf("%06o %9u  %s%s\n", f.mode, f.size, f.path, folder ? "/" : "");
        files += !folder;
        bytes += f.size;
    }
    printf("%u files, %s\n", files, bytes_text(bytes).text);
}

void show_log(void)
{
    char buffer[512];
    uint32_t offset = 0;
    int n;

    while ((n = sys_query(QUERY_LOG, offset, buffer, sizeof(buffer))) > 0) {
        if (write_all(STANDARD_OUTPUT, buffer, (size_t)n) < 0)
            return;
        offset += (uint32_t)n;
    }
}
