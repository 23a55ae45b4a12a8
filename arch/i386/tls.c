/* SPDX-License-Identifier: MIT */
/*
 * Thread-local storage as i386 programs know it: three entries of the GDT, 6
 * to 8 as on Linux, belong to the task that runs. A program describes one by
 * set_thread_area or clone and loads GS with its selector; the task's copies
 * go into the CPU's table at each switch (machine/switch.h).
 *
 * Only what Linux allows becomes a descriptor: present 32-bit data segments of
 * ring 3. A base in the kernel's part does no harm: pages there are the
 * supervisor's. All entries of a task are changed by itself only, or by its
 * maker before it runs.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_thread.h"
#include "kernel/string.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/switch.h"
#include "machine/uaccess.h"

/* Bits of a descriptor's high word (SDM vol. 3, 3.4.5). */
#define DATA_ACCESSED 0x00007100u /* data segment of ring 3, accessed */
#define WRITABLE      0x00000200u
#define PRESENT       0x00008000u
#define IS_32BIT      0x00400000u

/* The others' places in abi_user_desc.flags and there differ by so much. */
#define EXPAND_DOWN_SHIFT 9
#define PAGES_SHIFT       19
#define USABLE_SHIFT      14

/* What programs pass to have no segment: two forms of an empty description. */
static bool is_empty(const struct abi_user_desc *d)
{
    uint32_t flags = d->flags & ABI_DESC_ALL;
    return !d->base && !d->limit &&
           (!flags || flags == (ABI_DESC_READ_ONLY | ABI_DESC_NOT_PRESENT));
}

static bool is_allowed(const struct abi_user_desc *d)
{
    return is_empty(d) || (d->flags & (ABI_DESC_32BIT | ABI_DESC_CODE |
                                       ABI_DESC_NOT_PRESENT)) == ABI_DESC_32BIT;
}

static uint64_t to_descriptor(const struct abi_user_desc *d)
{
    if (is_empty(d))
        return 0;
    uint32_t low = (d->limit & 0xffff) | d->base << 16;
    uint32_t high = (d->base & 0xff000000) | (d->base >> 16 & 0xff) |
                    (d->limit & 0xf0000) | DATA_ACCESSED | PRESENT | IS_32BIT |
                    (d->flags & ABI_DESC_READ_ONLY ? 0 : WRITABLE) |
                    (d->flags & ABI_DESC_EXPAND_DOWN) << EXPAND_DOWN_SHIFT |
                    (d->flags & ABI_DESC_PAGES) << PAGES_SHIFT |
                    (d->flags & ABI_DESC_USABLE) << USABLE_SHIFT;
    return (uint64_t)high << 32 | low;
}

static struct abi_user_desc from_descriptor(uint64_t descriptor)
{
    uint32_t low = (uint32_t)descriptor, high = (uint32_t)(descriptor >> 32);
    return (struct abi_user_desc){
        .base = low >> 16 | (high & 0xff) << 16 | (high & 0xff000000),
        .limit = (low & 0xffff) | (high & 0xf0000),
        .flags = (high & IS_32BIT ? ABI_DESC_32BIT : 0) |
                 (high & WRITABLE ? 0 : ABI_DESC_READ_ONLY) |
                 (high & PRESENT ? 0 : ABI_DESC_NOT_PRESENT) |
                 (high >> EXPAND_DOWN_SHIFT & ABI_DESC_EXPAND_DOWN) |
                 (high >> PAGES_SHIFT & ABI_DESC_PAGES) |
                 (high >> USABLE_SHIFT & ABI_DESC_USABLE)};
}

/* Read a description and put it into `m`; `entry` is found if it is -1. */
static int set_entry(struct task_machine *m, user_ptr from, bool allocate)
{
    struct abi_user_desc d;
    if (copy_from_user(&d, from, sizeof(d)))
        return -EFAULT;
    if (!is_allowed(&d))
        return -EINVAL;
    if (d.entry == ~0u && allocate) {
        uint32_t free = 0;
        while (free < TLS_ENTRIES && m->tls[free])
            free++;
        if (free == TLS_ENTRIES)
            return -ESRCH;
        d.entry = TLS_FIRST + free;
        if (copy_to_user(from, &d.entry, sizeof(d.entry)))
            return -EFAULT;
    }
    if (d.entry - TLS_FIRST >= TLS_ENTRIES)
        return -EINVAL;
    m->tls[d.entry - TLS_FIRST] = to_descriptor(&d);
    return 0;
}

int context_set_tls(struct task *child, uint32_t user_desc)
{
    return set_entry(&child->machine, user_ptr_at(user_desc), false);
}

int32_t sys_set_thread_area(const uint32_t *arg)
{
    struct task_machine *m = &current_task()->machine;
    int error = set_entry(m, user_ptr_at(arg[0]), true);
    if (error)
        return error;
    /* The other segment registers are loaded on the way out; GS is here. */
    uint32_t interrupts = interrupts_save();
    fpu_save(m);
    fpu_load(m);
    interrupts_restore(interrupts);
    return 0;
}

int32_t sys_get_thread_area(const uint32_t *arg)
{
    user_ptr at = user_ptr_at(arg[0]);
    uint32_t entry;
    if (copy_from_user(&entry, at, sizeof(entry)))
        return -EFAULT;
    if (entry - TLS_FIRST >= TLS_ENTRIES)
        return -EINVAL;
    struct abi_user_desc d =
        from_descriptor(current_task()->machine.tls[entry - TLS_FIRST]);
    d.entry = entry;
    return copy_to_user(at, &d, sizeof(d));
}
