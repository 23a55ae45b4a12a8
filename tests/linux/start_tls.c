/* SPDX-License-Identifier: MIT */
/*
 * set_thread_area and get_thread_area: an entry is found free, reads back as
 * written, is the task's own, and is what GS then reads through; CLONE_SETTLS
 * gives a thread its own; entries and descriptors that are refused; and a
 * descriptor over the kernel's memory, which gives no access to it.
 */
#include "oracle.h"
#include <asm/ldt.h>
#include <setjmp.h>

static volatile uint32_t memory[4] = {0x11111111, 0x22222222, 0x33333333,
                                      0x44444444};

static long set(struct user_desc *entry)
{
    return call(__NR_set_thread_area, entry);
}

/* A flat data segment that starts at an address, 4 GiB or `bytes` long. */
static struct user_desc segment(uint32_t base, uint32_t bytes)
{
    struct user_desc entry = {
        .entry_number = (unsigned)-1,
        .base_addr = base,
        .limit = bytes ? bytes - 1 : 0xfffff,
        .seg_32bit = 1,
        .limit_in_pages = bytes == 0,
        .useable = 1,
    };

    return entry;
}

static uint32_t read_through(unsigned number, uint32_t offset)
{
    uint32_t value, selector = number * 8 + 3;

    /* FS is nobody's here: the library uses GS. */
    __asm__ volatile("mov %1, %%fs; mov %%fs:(%2), %0; mov %3, %%fs"
                     : "=&r"(value)
                     : "r"(selector), "r"(offset), "r"(0));
    return value;
}

static void write_through(unsigned number, uint32_t offset, uint32_t value)
{
    uint32_t selector = number * 8 + 3;

    __asm__ volatile("mov %0, %%fs; mov %1, %%fs:(%2); mov %3, %%fs"
                     :
                     : "r"(selector), "r"(value), "r"(offset), "r"(0)
                     : "memory");
}

static sigjmp_buf here;

static void handler(int number)
{
    siglongjmp(here, number);
}

static void try(const char *what, unsigned number, uint32_t offset, bool write)
{
    int caught = sigsetjmp(here, 1);
    uint32_t value = 0;

    if (caught == 0) {
        if (write)
            write_through(number, offset, 0x55555555);
        else
            value = read_through(number, offset);
        say("%s: %#x", what, value);
    } else {
        __asm__ volatile("mov %0, %%fs" : : "r"(0));
        say("%s: SIG%s", what, sigabbrev_np(caught));
    }
}

static unsigned entries(void)
{
    struct user_desc first = segment((uint32_t)memory, 0), second = first;
    struct user_desc third = first, got;
    unsigned number;

    expect("a free entry", set(&first), 0);
    expect("another", set(&second), 0);
    expect("  is the next",
           (long)second.entry_number - (long)first.entry_number, 1);
    expect("no third one, the library has one", set(&third), -ESRCH);
    number = first.entry_number;
    memset(&got, 0xff, sizeof(got));
    got.entry_number = number;
    expect("get_thread_area", call(__NR_get_thread_area, &got), 0);
    check("  base", got.base_addr == (uint32_t)memory);
    expect("  limit", got.limit, 0xfffff);
    say("  32-bit %u, contents %u, read-only %u, pages %u, absent %u, free %u",
        got.seg_32bit, got.contents, got.read_exec_only, got.limit_in_pages,
        got.seg_not_present, got.useable);
    second = (struct user_desc){.entry_number = second.entry_number,
                                .read_exec_only = 1,
                                .seg_not_present = 1};
    expect("cleared", set(&second), 0);
    expect("  read back", call(__NR_get_thread_area, &second), 0);
    say("  base %#x, limit %u, absent %u", second.base_addr, second.limit,
        second.seg_not_present);
    return number;
}

static void accesses(unsigned number)
{
    struct user_desc entry = segment((uint32_t)memory, 8);

    entry.entry_number = number;
    try("whole, offset 4", number, 4, false);
    try("  write", number, 8, true);
    say("  memory now %#x", memory[2]);
    set(&entry);
    /* Emulators do not check limits and write permission: no test does. */
    try("8 bytes long, offset 4", number, 4, false);
    entry = segment(0xfffff000u, 0);
    entry.entry_number = number;
    expect("over the kernel's memory", set(&entry), 0);
    try("  read", number, 0, false);
    try("  write", number, 16, true);
    try("  that wraps to ours", number, 0x1000 + (uint32_t)memory, false);
}

static void errors(unsigned number)
{
    struct user_desc entry = segment(0, 0);

    expect("set bad", call(__NR_set_thread_area, BAD), -EFAULT);
    expect("get bad", call(__NR_get_thread_area, BAD), -EFAULT);
    entry.entry_number = 0;
    expect("entry 0", set(&entry), -EINVAL);
    expect("get entry 0", call(__NR_get_thread_area, &entry), -EINVAL);
    entry.entry_number = 2;
    expect("entry 2", set(&entry), -EINVAL);
    entry.entry_number = 100;
    expect("entry 100", set(&entry), -EINVAL);
    entry.entry_number = number;
    entry.seg_32bit = 0;
    expect("a 16-bit segment", set(&entry), -EINVAL);
    entry.seg_32bit = 1;
    entry.contents = 2;
    expect("a code segment", set(&entry), -EINVAL);
    entry.contents = 3;
    expect("a conforming one", set(&entry), -EINVAL);
    entry.contents = 1;
    expect("one that expands down", set(&entry), 0);
    entry.contents = 0;
    entry.seg_not_present = 1;
    expect("one that is absent", set(&entry), -EINVAL);
}

int main(void)
{
    unsigned number;

    signal(SIGSEGV, handler);
    number = entries();
    accesses(number);
    errors(number);
    return 0;
}
