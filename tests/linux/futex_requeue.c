/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_REQUEUE and FUTEX_CMP_REQUEUE: so many are woken, so many move to the
 * other word and are woken there; both return the sum; the value that is
 * compared, and errors.
 */
#include "futex_crew.h"

static volatile int one, two;

static long requeue(int wake, int move)
{
    return call(__NR_futex, &one, FUTEX_REQUEUE, wake, move, &two, 0);
}

static long compare(int wake, int move, int value)
{
    return call(__NR_futex, &one, FUTEX_CMP_REQUEUE, wake, move, &two, value);
}

static long wake(volatile int *word)
{
    return call(__NR_futex, word, FUTEX_WAKE, 100);
}

static void moved(void)
{
    crew_start(0, 6, &one, ~0u);
    expect("REQUEUE wakes 1, moves 2 of 6", requeue(1, 2), 3);
    expect("  awake", crew_awake(1), 1);
    expect("  at the other word", wake(&two), 2);
    expect("  at the first one", wake(&one), 3);
    crew_end(&one, &two);
    crew_start(0, 6, &one, ~0u);
    expect("CMP_REQUEUE wakes 1, moves 2 of 6", compare(1, 2, 0), 3);
    expect("  awake", crew_awake(1), 1);
    expect("  another value", compare(1, 2, 7), -EAGAIN);
    expect("  moves INT_MAX, wakes none", compare(0, 0x7fffffff, 0), 3);
    expect("  at the first one", wake(&one), 0);
    expect("  at the other word", wake(&two), 5);
    crew_end(&one, &two);
    crew_start(0, 3, &one, ~0u);
    expect("wakes 9, moves 9 of 3", compare(9, 9, 0), 3);
    expect("  awake", crew_awake(3), 3);
    crew_end(&one, &two);
    crew_start(0, 3, &one, ~0u);
    expect("to the same word",
           call(__NR_futex, &one, FUTEX_CMP_REQUEUE, 1, 9, &one, 0), 3);
    expect("  awake", crew_awake(1), 1);
    expect("  at that word", wake(&one), 2);
    crew_end(&one, &two);
}

/* Who was moved sleeps on when its old word is woken, and keeps its time. */
static void order(void)
{
    crew_start(0, 3, &one, ~0u);
    crew_start(3, 2, &two, ~0u);
    expect("behind those that wait there", compare(0, 9, 0), 3);
    expect("  wake 2", call(__NR_futex, &two, FUTEX_WAKE, 2), 2);
    expect("  awake", crew_awake(2), 2);
    check("  the old ones", crew[3].done && crew[4].done);
    expect("  the rest", wake(&two), 3);
    crew_end(&one, &two);
}

static void errors(void)
{
    expect("nobody waits", compare(1, 1, 0), 0);
    expect("negative count of wakes", compare(-1, 1, 0), -EINVAL);
    expect("negative count of moves", compare(1, -1, 0), -EINVAL);
    expect("REQUEUE, negative", requeue(-1, 1), -EINVAL);
    expect("first misaligned",
           call(__NR_futex, (char *)&one + 2, FUTEX_REQUEUE, 1, 1, &two, 0),
           -EINVAL);
    expect("other misaligned",
           call(__NR_futex, &one, FUTEX_REQUEUE, 1, 1, (char *)&two + 2, 0),
           -EINVAL);
    expect("first bad", call(__NR_futex, BAD, FUTEX_REQUEUE, 1, 1, &two, 0),
           -EFAULT);
    expect("other bad", call(__NR_futex, &one, FUTEX_REQUEUE, 1, 1, BAD, 0),
           -EFAULT);
    expect("compared word bad, private",
           call(__NR_futex, BAD, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 1,
                &two, 0),
           -EFAULT);
}

int main(void)
{
    moved();
    order();
    errors();
    return 0;
}
