/* SPDX-License-Identifier: MIT */
/*
 * Structures and constants of the calls about files, as Linux on i386 lays
 * them out. Numbers are octal where Linux's manual pages have them so.
 */
#pragma once

#include <stdint.h>

/* open */
#define ABI_O_ACCESS    03u
#define ABI_O_RDWR      02u
#define ABI_O_CREAT     0100u
#define ABI_O_EXCL      0200u
#define ABI_O_TRUNC     01000u
#define ABI_O_APPEND    02000u
#define ABI_O_NONBLOCK  04000u
#define ABI_O_LARGEFILE 0100000u
#define ABI_O_DIRECTORY 0200000u
#define ABI_O_CLOEXEC   02000000u

#define ABI_AT_FDCWD            (-100)
#define ABI_AT_SYMLINK_NOFOLLOW 0x100u
#define ABI_AT_EMPTY_PATH       0x1000u
#define ABI_AT_KNOWN            0x7900u /* with what has no meaning here */

#define ABI_F_DUPFD         0
#define ABI_F_GETFD         1
#define ABI_F_SETFD         2
#define ABI_F_GETFL         3
#define ABI_F_SETFL         4
#define ABI_F_DUPFD_CLOEXEC 1030

#define ABI_MFD_CLOEXEC 1u
#define ABI_MFD_NAME    249 /* characters */

#define ABI_SEEK_CUR 1
#define ABI_SEEK_END 2

/* st_mode */
#define ABI_S_IFMT  0170000u
#define ABI_S_IFCHR 0020000u
#define ABI_S_IFDIR 0040000u
#define ABI_S_IFREG 0100000u
#define ABI_S_IFLNK 0120000u

struct abi_iovec {
    uint32_t base, bytes;
};
#define ABI_IOV_MAX   1024
#define ABI_BYTES_MAX 0x7ffff000u /* that one call moves */

struct abi_stat64 {
    uint64_t device;
    uint32_t pad0;
    uint32_t old_inode;
    uint32_t mode, links, owner, group;
    uint64_t special_device;
    uint32_t pad1;
    int64_t size;
    uint32_t block_bytes;
    uint64_t blocks;   /* of 512 bytes */
    uint32_t times[6]; /* access, change, status: seconds, nanoseconds */
    uint64_t inode;
};
_Static_assert(sizeof(struct abi_stat64) == 96, "as in Linux");

#define ABI_STATX_BASIC 0x7ffu

struct abi_statx {
    uint32_t mask, block_bytes;
    uint64_t attributes;
    uint32_t links, owner, group;
    uint16_t mode, pad;
    uint64_t inode, size, blocks, attributes_mask;
    uint64_t times[8];
    uint32_t special_major, special_minor, device_major, device_minor;
    uint64_t spare[14];
};
_Static_assert(sizeof(struct abi_statx) == 256, "as in Linux");

/* ioctl */
#define ABI_TCGETS     0x5401
#define ABI_TIOCGWINSZ 0x5413

struct abi_termios {
    uint32_t input, output, control, local;
    uint8_t discipline, characters[19];
};

struct abi_window {
    uint16_t rows, columns, x_pixels, y_pixels;
};
