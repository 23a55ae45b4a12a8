/* SPDX-License-Identifier: MIT */
/*
 * What threads of a C library use beside clone: descriptions of thread-local
 * storage, futexes, robust lists; laid out as Linux on i386 does.
 */
#pragma once

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

/* futex: the operation and its flags */
#define ABI_FUTEX_WAIT           0u
#define ABI_FUTEX_WAKE           1u
#define ABI_FUTEX_REQUEUE        3u
#define ABI_FUTEX_CMP_REQUEUE    4u
#define ABI_FUTEX_WAKE_OP        5u
#define ABI_FUTEX_WAIT_BITSET    9u
#define ABI_FUTEX_WAKE_BITSET    10u
#define ABI_FUTEX_PRIVATE        128u
#define ABI_FUTEX_CLOCK_REALTIME 256u

/* WAKE_OP: operation, shift of its operand, comparison of the old value */
#define ABI_FUTEX_OP_SET   0u
#define ABI_FUTEX_OP_ADD   1u
#define ABI_FUTEX_OP_OR    2u
#define ABI_FUTEX_OP_ANDN  3u
#define ABI_FUTEX_OP_XOR   4u
#define ABI_FUTEX_OP_SHIFT 8u
#define ABI_FUTEX_CMP_EQ   0u
#define ABI_FUTEX_CMP_NE   1u
#define ABI_FUTEX_CMP_LT   2u
#define ABI_FUTEX_CMP_LE   3u
#define ABI_FUTEX_CMP_GT   4u
#define ABI_FUTEX_CMP_GE   5u

/* The head of a robust list: addresses; the list ends where it began. */
struct abi_robust_list {
    uint32_t next;    /* each entry begins with its next one's address */
    int32_t offset;   /* of the futex word from an entry */
    uint32_t pending; /* an entry that is being put in or taken out */
};

#define ABI_ROBUST_LIMIT   2048u       /* entries looked at */
#define ABI_ROBUST_PI      1u          /* bit of an entry's address */
#define ABI_FUTEX_WAITERS  0x80000000u /* bits of a robust futex word */
#define ABI_FUTEX_DIED     0x40000000u /* its owner has */
#define ABI_FUTEX_TID_MASK 0x3fffffffu
