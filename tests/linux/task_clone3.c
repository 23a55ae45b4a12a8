/* SPDX-License-Identifier: MIT */
/*
 * clone3: the sizes of its structure that are taken, fields that must be zero,
 * flags that it refuses, and the rules about stack and exit signal.
 */
#include "oracle.h"

/* Longer than the kernel's structure, for sizes beyond it. */
static union {
    struct clone_args args;
    uint64_t words[512];
} u;

/* Calls clone3; a child exits at once. No stack: a fork in effect. */
static long clone3(size_t size)
{
    long tid = call(__NR_clone3, &u, size);

    if (tid == 0)
        call(__NR_exit, 5);
    return tid;
}

static void works(const char *what, size_t size)
{
    long tid = clone3(size);
    char text[16];

    if (tid > 0)
        say_status(what, wait_for(tid));
    else
        say("%s: %s", what, result_text(tid, text));
}

static void plain(uint64_t flags)
{
    memset(&u, 0, sizeof(u));
    u.args.flags = flags;
    u.args.exit_signal = SIGCHLD;
}

static void sizes(void)
{
    plain(0);
    works("size 64", 64);
    works("size 80", 80);
    works("size 88", 88);
    works("longer, zeros at the end", 128);
    works("a page", 4096);
    expect("size 0", clone3(0), -EINVAL);
    expect("size 63", clone3(63), -EINVAL);
    expect("more than a page", clone3(4097), -E2BIG);
    u.words[15] = 1;
    expect("longer, one bit at the end", clone3(128), -E2BIG);
    works("that bit not looked at", 120);
    expect("bad address", call(__NR_clone3, BAD, 64), -EFAULT);
    expect("NULL", call(__NR_clone3, NULL, 64), -EFAULT);
}

static void refused(const char *what, uint64_t flags)
{
    plain(flags);
    expect(what, clone3(64), -EINVAL);
}

static void flags(void)
{
    refused("flag DETACHED", CLONE_DETACHED);
    refused("an exit signal in the flags", SIGCHLD);
    refused("unknown flag, bit 40", 1ull << 40);
    refused("unknown flag, bit 63", 1ull << 63);
    refused("SIGHAND without VM", CLONE_SIGHAND);
    refused("THREAD without SIGHAND", CLONE_THREAD | CLONE_VM);
    refused("THREAD with an exit signal",
            CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
    refused("PARENT with an exit signal", CLONE_PARENT);
    refused("SIGHAND with CLEAR_SIGHAND",
            CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND);
    plain(0);
    u.args.exit_signal = 65;
    expect("exit signal 65", clone3(64), -EINVAL);
    u.args.exit_signal = 0x100;
    expect("exit signal 256", clone3(64), -EINVAL);
    u.args.exit_signal = 64;
    works("exit signal 64", 64);
    u.args.exit_signal = 0;
    works("exit signal 0", 64);
}

static void stacks(void)
{
    plain(0);
    u.args.stack = (uintptr_t)new_stack() - 4096;
    expect("a stack without a size", clone3(64), -EINVAL);
    u.args.stack = 0;
    u.args.stack_size = 4096;
    expect("a size without a stack", clone3(64), -EINVAL);
    u.args.stack = 0xfffffffffffff000ull;
    u.args.stack_size = 0x2000;
    expect("a stack that wraps", clone3(64), -EINVAL);
    u.args.stack = 1ull << 63;
    expect("a stack beyond all memory", clone3(64), -EINVAL);
}

static void tids(void)
{
    static volatile int parent_word, child_word;
    static uint64_t set_tid[1];

    plain(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID);
    u.args.parent_tid = (uintptr_t)&parent_word;
    u.args.child_tid = (uintptr_t)&child_word;
    check("PARENT_SETTID", wait_for(clone3(64)) == 5 << 8 && parent_word > 0);
    expect("CHILD_SETTID in the child only", child_word, 0);
    plain(0);
    u.args.set_tid = (uintptr_t)set_tid;
    expect("set_tid without a count", clone3(80), -EINVAL);
    u.args.set_tid = 0;
    u.args.set_tid_size = 1;
    expect("a count without set_tid", clone3(80), -EINVAL);
    u.args.set_tid_size = 33;
    u.args.set_tid = (uintptr_t)set_tid;
    expect("set_tid, 33 levels", clone3(80), -EINVAL);
}

int main(void)
{
    signal(SIGRTMAX, SIG_IGN);
    sizes();
    flags();
    stacks();
    tids();
    expect("no child is left", call(__NR_wait4, -1, NULL, __WALL, 0), -ECHILD);
    return 0;
}
