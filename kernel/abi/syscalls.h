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
SYSCALL(20, getpid, "")
SYSCALL(27, alarm, "u")
SYSCALL(29, pause, "")
SYSCALL(37, kill, "dd")
SYSCALL(45, brk, "p")
SYSCALL(48, signal, "dp")
SYSCALL(64, getppid, "")
SYSCALL(67, sigaction, "dpp")
SYSCALL(72, sigsuspend, "xxx")
SYSCALL(73, sigpending, "p")
SYSCALL(88, reboot, "xxxp")
SYSCALL(104, setitimer, "dpp")
SYSCALL(105, getitimer, "dp")
SYSCALL(114, wait4, "dpxp")
SYSCALL(119, sigreturn, "")
SYSCALL(120, clone, "xpppp")
SYSCALL(122, uname, "p")
SYSCALL(126, sigprocmask, "dpp")
SYSCALL(158, sched_yield, "")
SYSCALL(162, nanosleep, "pp")
SYSCALL(173, rt_sigreturn, "")
SYSCALL(174, rt_sigaction, "dppu")
SYSCALL(175, rt_sigprocmask, "dppu")
SYSCALL(176, rt_sigpending, "pu")
SYSCALL(177, rt_sigtimedwait, "pppu")
SYSCALL(178, rt_sigqueueinfo, "ddp")
SYSCALL(179, rt_sigsuspend, "pu")
SYSCALL(186, sigaltstack, "pp")
SYSCALL(224, gettid, "")
SYSCALL(238, tkill, "dd")
SYSCALL(241, sched_setaffinity, "dup")
SYSCALL(242, sched_getaffinity, "dup")
SYSCALL(252, exit_group, "d")
SYSCALL(265, clock_gettime, "dp")
SYSCALL(266, clock_getres, "dp")
SYSCALL(270, tgkill, "ddd")
SYSCALL(335, rt_tgsigqueueinfo, "dddp")
SYSCALL(403, clock_gettime64, "dp")
SYSCALL(406, clock_getres_time64, "dp")
SYSCALL(407, clock_nanosleep_time64, "dxpp")
SYSCALL(421, rt_sigtimedwait_time64, "pppu")
/* Start a program: path, argv, envp. Returns the task's number. */
SYSCALL(0x1000, spawn, "sSS")
/* Read a table of the kernel: which, first row, buffer, its size in bytes. */
SYSCALL(0x1001, query, "dupu")
/* Run one in-kernel self-test by its index: 0 passed, -EIO failed. */
SYSCALL(0x1002, selftest, "u")
/* Let the Nth allocation from now on fail, 0: none. Returns what was left. */
SYSCALL(0x1003, fail_alloc, "u")
