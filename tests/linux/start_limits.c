/* SPDX-License-Identifier: MIT */
/*
 * prlimit64, getrlimit, ugetrlimit and setrlimit: the same numbers through all
 * of them, what a child takes over, infinity in both widths, and errors.
 */
#include "oracle.h"

static int in_child_same(void *argument)
{
    struct rlimit *wanted = argument, limit;

    call(__NR_ugetrlimit, RLIMIT_NOFILE, &limit);
    return limit.rlim_cur == wanted->rlim_cur;
}

static void all_calls(void)
{
    struct rlimit narrow, old_call;
    struct rlimit64 wide, new;

    expect("prlimit64", call(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, &wide), 0);
    expect("ugetrlimit", call(__NR_ugetrlimit, RLIMIT_NOFILE, &narrow), 0);
    expect("getrlimit (76)", call(76, RLIMIT_NOFILE, &old_call), 0);
    check("  all the same", narrow.rlim_cur == wide.rlim_cur &&
                                narrow.rlim_cur == old_call.rlim_cur);
    check("soft not above hard", wide.rlim_cur <= wide.rlim_max);
    narrow.rlim_cur = 100;
    expect("setrlimit", call(__NR_setrlimit, RLIMIT_NOFILE, &narrow), 0);
    call(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, &new);
    check("  read back", new.rlim_cur == 100 && new.rlim_max == wide.rlim_max);
    in_child("  a child has it", in_child_same, &narrow);
    new.rlim_cur = 90;
    expect("prlimit64, own number, both",
           call(__NR_prlimit64, getpid(), RLIMIT_NOFILE, &new, &wide), 0);
    expect("  the old one", (long)wide.rlim_cur, 100);
    call(__NR_ugetrlimit, RLIMIT_NOFILE, &narrow);
    expect("  the new one", (long)narrow.rlim_cur, 90);
}

static void infinity(void)
{
    struct rlimit narrow;
    struct rlimit64 wide, zero = {0, 0};

    call(__NR_prlimit64, 0, RLIMIT_CORE, &zero, NULL);
    call(__NR_prlimit64, 0, RLIMIT_CORE, NULL, &wide);
    check("RLIMIT_CORE is 0", wide.rlim_cur == 0 && wide.rlim_max == 0);
    call(__NR_prlimit64, 0, RLIMIT_AS, NULL, &wide);
    check("RLIMIT_AS is infinite, 64 bits", wide.rlim_cur == ~0ull);
    call(__NR_ugetrlimit, RLIMIT_AS, &narrow);
    check("  32 bits", narrow.rlim_cur == 0xffffffffu);
    call(76, RLIMIT_AS, &narrow);
    check("  and 31 in the old call", narrow.rlim_cur == 0x7fffffff);
    call(__NR_prlimit64, 0, RLIMIT_STACK, NULL, &wide);
    check("RLIMIT_STACK is 8 MiB or more", wide.rlim_cur >= 8 << 20);
}

static void errors(void)
{
    struct rlimit64 limit = {20, 10};

    expect("soft above hard",
           call(__NR_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL), -EINVAL);
    expect("kind 16", call(__NR_prlimit64, 0, 16, NULL, &limit), -EINVAL);
    expect("getrlimit, kind 16", call(__NR_ugetrlimit, 16, &limit), -EINVAL);
    expect("setrlimit, kind 16", call(__NR_setrlimit, 16, &limit), -EINVAL);
    expect("new bad", call(__NR_prlimit64, 0, RLIMIT_NOFILE, BAD, NULL),
           -EFAULT);
    expect("old bad", call(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, BAD),
           -EFAULT);
    expect("getrlimit bad", call(__NR_ugetrlimit, RLIMIT_NOFILE, BAD), -EFAULT);
    expect("setrlimit bad", call(__NR_setrlimit, RLIMIT_NOFILE, BAD), -EFAULT);
    expect("nobody",
           call(__NR_prlimit64, 0x3ffffff, RLIMIT_NOFILE, NULL, &limit),
           -ESRCH);
    expect("neither", call(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, NULL), 0);
}

int main(void)
{
    all_calls();
    infinity();
    errors();
    return 0;
}
