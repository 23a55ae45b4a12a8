/* SPDX-License-Identifier: MIT */
/*
 * The only way to user memory. Every access is range-checked and may fault:
 * the page is brought in if the area allows it (so these functions may sleep),
 * otherwise the result is -EFAULT. No spin lock may be held.
 */
#ifndef MACHINE_UACCESS_H
#define MACHINE_UACCESS_H

#include "kernel/types.h"

/* Copy `bytes` bytes; 0 or -EFAULT. On failure a part may be copied. */
MUST_CHECK int copy_from_user(void *to, user_ptr from, uint32_t bytes);
MUST_CHECK int copy_to_user(user_ptr to, const void *from, uint32_t bytes);

/*
 * Copy a string of at most size-1 characters and its end. Returns its length,
 * -EFAULT, or -ENAMETOOLONG when no end was found in `size` bytes.
 */
MUST_CHECK int copy_string_from_user(char *to, user_ptr from, uint32_t size);

#endif
