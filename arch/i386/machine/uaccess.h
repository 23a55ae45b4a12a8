/* SPDX-License-Identifier: MIT */
/*
 * The only way to user memory. Every access is range-checked and may fault:
 * the page is brought in if the area allows it (so these functions may sleep),
 * otherwise the result is -EFAULT. No spin lock may be held, but for the two
 * functions at the end.
 */
#pragma once

#include "kernel/types.h"

/* Copy `bytes` bytes; 0 or -EFAULT. On failure a part may be copied. */
MUST_CHECK int copy_from_user(void *to, user_ptr from, uint32_t bytes);
MUST_CHECK int copy_to_user(user_ptr to, const void *from, uint32_t bytes);

/*
 * Copy what is present, within a page of user memory, and return how many bytes
 * are left: `out` to user memory, else from it. Does not sleep, so the caller
 * may hold a temporary mapping.
 */
uint32_t user_copy_present(user_ptr user, void *kernel, uint32_t bytes,
                           bool out);

/*
 * Copy a string of at most size-1 characters and its end. Returns its length,
 * -EFAULT, or -ENAMETOOLONG when no end was found in `size` bytes.
 */
MUST_CHECK int copy_string_from_user(char *to, user_ptr from, uint32_t size);

/*
 * Words of user memory, aligned and below USER_END: the caller has checked. A
 * page that is not there, or may not be written yet, is brought in only if
 * interrupts are on; with interrupts off, so under a spin lock too, the result
 * is -EFAULT without sleeping, and mm_fault() is the caller's. user_peek() is
 * always called so.
 */
MUST_CHECK int user_peek(user_ptr from, uint32_t *value);

/*
 * If the word is *expected it becomes `new`, in one go; *expected is what it
 * was. 0, or -EFAULT.
 */
MUST_CHECK int user_compare_exchange(user_ptr at, uint32_t *expected,
                                     uint32_t new);
