/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_WAKE and FUTEX_WAKE_BITSET: how many are woken, first come first
 * served, bits that must meet, and their errors. The value does not matter to
 * who wakes.
 */
#include "futex_crew.h"

static volatile int word, other;

static long wake(int count)
{
    return call(__NR_futex, &word, FUTEX_WAKE, count);
}

static long wake_bits(int count, uint32_t bits)
{
    return call(__NR_futex, &word, FUTEX_WAKE_BITSET, count, NULL, NULL, bits);
}

static void counts(void)
{
    crew_start(0, 5, &word, ~0u);
    expect("another word", call(__NR_futex, &other, FUTEX_WAKE, 9), 0);
    expect("wake 1 of 5", wake(1), 1);
    expect("  awake", crew_awake(1), 1);
    check("  the first that came", crew[0].done);
    expect("  its result", crew[0].result, 0);
    expect("wake 2", wake(2), 2);
    expect("  awake", crew_awake(3), 3);
    check("  in order", crew[1].done && crew[2].done);
    expect("wake 9", wake(9), 2);
    expect("wake 9 again", wake(9), 0);
    crew_end(&word, &other);
    /* Linux wakes one for a count of zero. */
    crew_start(0, 2, &word, ~0u);
    expect("wake 0 of 2", wake(0), 1);
    crew_end(&word, &other);
    crew_start(0, 2, &word, ~0u);
    expect("wake -1 of 2", wake(-1), 1);
    expect("wake INT_MAX", wake(0x7fffffff), 1);
    crew_end(&word, &other);
}

static void bits(void)
{
    crew_start(0, 2, &word, 1);
    crew_start(2, 2, &word, 2);
    crew_start(4, 2, &word, 0x80000001);
    expect("bits 4", wake_bits(9, 4), 0);
    expect("bits 2", wake_bits(9, 2), 2);
    expect("  awake", crew_awake(2), 2);
    check("  the right ones", crew[2].done && crew[3].done);
    expect("bits 0x80000000, one", wake_bits(1, 0x80000000), 1);
    expect("  awake", crew_awake(3), 3);
    check("  the right one", crew[4].done);
    expect("no bits", wake_bits(9, 0), -EINVAL);
    expect("all bits", wake_bits(9, ~0u), 3);
    crew_end(&word, &other);
}

static void errors(void)
{
    int *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    expect("misaligned", call(__NR_futex, (char *)&word + 1, FUTEX_WAKE, 1),
           -EINVAL);
    expect("bad", call(__NR_futex, BAD, FUTEX_WAKE, 1), -EFAULT);
    expect("bad, private",
           call(__NR_futex, BAD, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1), 0);
    expect(
        "misaligned, private",
        call(__NR_futex, (char *)&word + 1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1),
        -EINVAL);
    expect("no access, private",
           call(__NR_futex, none, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1), 0);
}

int main(void)
{
    counts();
    bits();
    errors();
    return 0;
}
