/* SPDX-License-Identifier: MIT */
/* User memory: range checks around the copying loops of uaccess.asm. */
#include "machine/uaccess.h"

#include "kernel/abi/errno.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "machine/cpu.h"
#include "machine/layout.h"

uint32_t user_copy(void *to, const void *from, uint32_t bytes);
int user_string(char *to, const char *from, uint32_t size);

int user_load(const uint32_t *from, uint32_t *to);
int user_exchange(uint32_t *at, uint32_t *expected, uint32_t new);

static bool in_user_space(user_ptr start, uint32_t bytes)
{
    return start.address < USER_END && bytes <= USER_END - start.address;
}

int copy_from_user(void *to, user_ptr from, uint32_t bytes)
{
    DEBUG_DO(check_no_lock());
    if (!in_user_space(from, bytes))
        return bytes ? -EFAULT : 0;
    return user_copy(to, (const void *)from.address, bytes) ? -EFAULT : 0;
}

int copy_to_user(user_ptr to, const void *from, uint32_t bytes)
{
    DEBUG_DO(check_no_lock());
    if (!in_user_space(to, bytes))
        return bytes ? -EFAULT : 0;
    return user_copy((void *)to.address, from, bytes) ? -EFAULT : 0;
}

uint32_t user_copy_present(user_ptr user, void *kernel, uint32_t bytes,
                           bool out)
{
    void *at = (void *)user.address;
    if (!in_user_space(user, bytes))
        return bytes;
    uint32_t interrupts = interrupts_save(); /* tells the fault's handler */
    uint32_t left =
        out ? user_copy(at, kernel, bytes) : user_copy(kernel, at, bytes);
    interrupts_restore(interrupts);
    return left;
}

int copy_string_from_user(char *to, user_ptr from, uint32_t size)
{
    DEBUG_DO(check_no_lock());
    if (from.address >= USER_END)
        return -EFAULT;
    uint32_t room = USER_END - from.address;
    int length =
        user_string(to, (const char *)from.address, size < room ? size : room);
    if (length == -1)
        return size <= room ? -ENAMETOOLONG : -EFAULT;
    return length < 0 ? -EFAULT : length;
}

int user_peek(user_ptr from, uint32_t *value)
{
    DEBUG_ASSERT(!interrupts_enabled());
    return user_load((const uint32_t *)from.address, value);
}

int user_compare_exchange(user_ptr at, uint32_t *expected, uint32_t new)
{
    return user_exchange((uint32_t *)at.address, expected, new);
}
