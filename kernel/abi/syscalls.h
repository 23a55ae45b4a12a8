/* SPDX-License-Identifier: MIT */
/*
 * The system calls, one line each: SYSCALL(number, name, arguments).
 *
 * Everything else is made from this list: numbers for user programs, the
 * kernel's table and its prototypes, and what --strace prints. The handler of
 * `name` is sys_name(). The argument string has one letter an argument:
 *
 *   d signed number    u unsigned number   x flags, in hexadecimal
 *   s path or string   b buffer that the next argument gives the length of
 *   p any other user address               S vector of strings
 *
 * Numbers below 0x1000 are those of Linux on i386, with its meaning, structures
 * and errors; those from 0x1000 on are Quartet's own.
 */
SYSCALL(1, exit, "d")
SYSCALL(3, read, "dpu")
SYSCALL(4, write, "dbu")
SYSCALL(13, time, "p")
SYSCALL(20, getpid, "")
SYSCALL(24, getuid, "")
SYSCALL(43, times, "p")
SYSCALL(45, brk, "p")
SYSCALL(47, getgid, "")
SYSCALL(49, geteuid, "")
SYSCALL(50, getegid, "")
SYSCALL(64, getppid, "")
SYSCALL(65, getpgrp, "")
SYSCALL(75, setrlimit, "up")
SYSCALL(76, getrlimit, "up")
SYSCALL(77, getrusage, "dp")
SYSCALL(78, gettimeofday, "pp")
SYSCALL(88, reboot, "xxxp")
SYSCALL(114, wait4, "dpxp")
SYSCALL(116, sysinfo, "p")
SYSCALL(120, clone, "xpppp")
SYSCALL(122, uname, "p")
SYSCALL(132, getpgid, "d")
SYSCALL(136, personality, "x")
SYSCALL(147, getsid, "d")
SYSCALL(154, sched_setparam, "dp")
SYSCALL(155, sched_getparam, "dp")
SYSCALL(156, sched_setscheduler, "ddp")
SYSCALL(157, sched_getscheduler, "d")
SYSCALL(158, sched_yield, "")
SYSCALL(159, sched_get_priority_max, "d")
SYSCALL(160, sched_get_priority_min, "d")
SYSCALL(161, sched_rr_get_interval, "dp")
SYSCALL(162, nanosleep, "pp")
SYSCALL(172, prctl, "dp")
SYSCALL(191, ugetrlimit, "up")
SYSCALL(199, getuid32, "")
SYSCALL(200, getgid32, "")
SYSCALL(201, geteuid32, "")
SYSCALL(202, getegid32, "")
SYSCALL(224, gettid, "")
SYSCALL(240, futex, "pxupp")
SYSCALL(241, sched_setaffinity, "dup")
SYSCALL(242, sched_getaffinity, "dup")
SYSCALL(243, set_thread_area, "p")
SYSCALL(244, get_thread_area, "p")
SYSCALL(252, exit_group, "d")
SYSCALL(258, set_tid_address, "p")
SYSCALL(265, clock_gettime, "dp")
SYSCALL(266, clock_getres, "dp")
SYSCALL(267, clock_nanosleep, "dxpp")
SYSCALL(311, set_robust_list, "pu")
SYSCALL(312, get_robust_list, "dpp")
SYSCALL(318, getcpu, "pp")
SYSCALL(340, prlimit64, "dupp")
SYSCALL(355, getrandom, "pux")
SYSCALL(375, membarrier, "dx")
SYSCALL(384, arch_prctl, "xp")
SYSCALL(403, clock_gettime64, "dp")
SYSCALL(406, clock_getres_time64, "dp")
SYSCALL(407, clock_nanosleep_time64, "dxpp")
SYSCALL(422, futex_time64, "pxupp")
SYSCALL(423, sched_rr_get_interval_time64, "dp")
/* Start a program: path, argv, envp. Returns the task's number. */
SYSCALL(0x1000, spawn, "sSS")
/* Read a table of the kernel: which, first row, buffer, its size in bytes. */
SYSCALL(0x1001, query, "dupu")
/* Run one in-kernel self-test by its index: 0 passed, -EIO failed. */
SYSCALL(0x1002, selftest, "u")
/* Let the Nth allocation from now on fail, 0: none. Returns what was left. */
SYSCALL(0x1003, fail_alloc, "u")
