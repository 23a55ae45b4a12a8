/* SPDX-License-Identifier: MIT */
/*
 * The system calls as C functions. Each returns what the kernel returns: a
 * negative error number of kernel/abi/errno.h when it failed. There is no
 * errno. Numbers come from kernel/abi/syscalls.h and are nowhere repeated.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/abi/query.h"

enum system_call_number {
#define SYSCALL(number, name, arguments) SYS_##name = number,
#include "kernel/abi/syscalls.h"
#undef SYSCALL
};

/* The list as data, ended by a row without a name. */
struct system_call_row {
    uint32_t number;
    const char *name;
    const char *arguments; /* one letter each, see kernel/abi/syscalls.h */
};
extern const struct system_call_row system_calls[];

/* Any call by number. */
int32_t system_call(uint32_t number, const uint32_t arguments[6]);

/* Ends. exit ends the calling thread, exit_group all of its group. */
__attribute__((noreturn)) void sys_exit(int status);
__attribute__((noreturn)) void sys_exit_group(int status);

int sys_read(int file, void *buffer, uint32_t bytes);
int sys_write(int file, const void *buffer, uint32_t bytes);

int sys_fork(void);
int sys_execve(const char *path, char *const argv[], char *const envp[]);
int sys_getpid(void);
int sys_gettid(void);
int sys_getppid(void);
int sys_wait4(int pid, int *status, int options, void *usage);
int sys_uname(struct abi_utsname *name);
int sys_reboot(uint32_t magic1, uint32_t magic2, uint32_t command,
               const void *argument);

/* The new end of the heap, or the old one when it could not be moved. */
uint32_t sys_brk(uint32_t end);
int32_t sys_mmap2(uint32_t address, uint32_t bytes, uint32_t protection,
                  uint32_t flags, int handle, uint32_t page);
int sys_munmap(uint32_t start, uint32_t bytes);
int sys_mprotect(uint32_t start, uint32_t bytes, uint32_t protection);
int32_t sys_mremap(uint32_t start, uint32_t old_bytes, uint32_t new_bytes,
                   uint32_t flags, uint32_t target);

int sys_dup2(int from, int to);

int sys_sched_yield(void);
int sys_sched_setaffinity(int tid, uint32_t bytes, const uint32_t *mask);
/* Returns how many bytes of the mask were written. */
int sys_sched_getaffinity(int tid, uint32_t bytes, uint32_t *mask);

int sys_nanosleep(const struct abi_timespec32 *how_long,
                  struct abi_timespec32 *left);
int sys_clock_gettime(int clock, struct abi_timespec32 *time);
int sys_clock_getres(int clock, struct abi_timespec32 *resolution);
int sys_clock_gettime64(int clock, struct abi_timespec64 *time);
int sys_clock_getres_time64(int clock, struct abi_timespec64 *resolution);
int sys_clock_nanosleep_time64(int clock, int flags,
                               const struct abi_timespec64 *how_long,
                               struct abi_timespec64 *left);

/* Start the program at `path` as a child; returns its number. */
int sys_spawn(const char *path, char *const argv[], char *const envp[]);
/* Rows of a kernel table, see kernel/abi/query.h. */
int sys_query(int which, uint32_t first, void *buffer, uint32_t bytes);
/* Run the in-kernel self-test `index`. */
int sys_selftest(uint32_t index);
/* Make the nth allocation from now on fail, 0: none. */
int sys_fail_alloc(uint32_t nth);
