/* SPDX-License-Identifier: MIT */
/*
 * What threads of a C library use beside clone: descriptions of thread-local
 * storage, futexes, robust lists; laid out as Linux on i386 does.
 */
#ifndef ABI_LINUX_THREAD_H
#define ABI_LINUX_THREAD_H

#include <stdint.h>

/* set_thread_area, get_thread_area, clone's TLS */
struct abi_user_desc {
    uint32_t entry, base, limit, flags;
};

#define ABI_DESC_32BIT       0x01u
#define ABI_DESC_EXPAND_DOWN 0x02u
#define ABI_DESC_CODE        0x04u
#define ABI_DESC_READ_ONLY   0x08u
#define ABI_DESC_PAGES       0x10u /* the limit counts pages */
#define ABI_DESC_NOT_PRESENT 0x20u
#define ABI_DESC_USABLE      0x40u
#define ABI_DESC_ALL         0x7fu

#endif
