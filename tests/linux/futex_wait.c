/* SPDX-License-Identifier: MIT */
/*
 * Waiting on a futex: FUTEX_WAIT with relative times and FUTEX_WAIT_BITSET
 * with absolute ones, on both clocks and in both time formats; the value that
 * changed meanwhile; and what is not an address or a time.
 */
#include "oracle.h"

#define FUTEX_TIME64 422

static int word = 5;

/* `number` decides the format of the time: 32-bit or 64-bit seconds. */
static long timed(long number, int operation, int64_t seconds, int64_t ns,
                  uint32_t bits)
{
    int32_t narrow[2] = {(int32_t)seconds, (int32_t)ns};
    int64_t wide[2] = {seconds, ns};

    return call(number, &word, operation, 5,
                number == FUTEX_TIME64 ? (void *)wide : (void *)narrow, NULL,
                bits);
}

/* The time from now on a clock, as FUTEX_WAIT_BITSET wants it. */
static long until(long number, int operation, int clock, long ms)
{
    struct timespec now;
    int64_t ns;

    call(__NR_clock_gettime, clock, &now);
    /* One second more and less keeps the nanoseconds positive. */
    ns = now.tv_nsec + (ms + 1000) * 1000000ll;
    return timed(number, operation, now.tv_sec - 1 + ns / 1000000000,
                 ns % 1000000000, FUTEX_BITSET_MATCH_ANY);
}

static long elapsed_ms(const struct timespec *from)
{
    struct timespec now;

    call(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
    return (now.tv_sec - from->tv_sec) * 1000 +
           (now.tv_nsec - from->tv_nsec) / 1000000;
}

static void format(long number, int private)
{
    int wait = FUTEX_WAIT | private, bitset = FUTEX_WAIT_BITSET | private;
    struct timespec start;
    int realtime = FUTEX_CLOCK_REALTIME;

    say("call %ld%s:", number, private ? ", private" : "");
    call(__NR_clock_gettime, CLOCK_MONOTONIC, &start);
    expect("  10 ms", timed(number, wait, 0, 10000000, 0), -ETIMEDOUT);
    check("  not less", elapsed_ms(&start) >= 9);
    expect("  no time", timed(number, wait, 0, 0, 0), -ETIMEDOUT);
    expect("  another value", call(number, &word, wait, 6, NULL), -EAGAIN);
    expect("  other value, bad time", timed(number, wait, 0, -1, 0), -EINVAL);
    expect("  negative", timed(number, wait, -1, 0, 0), -EINVAL);
    expect("  too many ns", timed(number, wait, 0, 1000000000, 0), -EINVAL);
    expect("  time bad", call(number, &word, wait, 5, BAD), -EFAULT);
    call(__NR_clock_gettime, CLOCK_MONOTONIC, &start);
    expect("  until 10 ms from now", until(number, bitset, CLOCK_MONOTONIC, 10),
           -ETIMEDOUT);
    check("  not less", elapsed_ms(&start) >= 9);
    expect("  until a moment ago", until(number, bitset, CLOCK_MONOTONIC, -10),
           -ETIMEDOUT);
    expect("  on the real clock",
           until(number, bitset | realtime, CLOCK_REALTIME, 10), -ETIMEDOUT);
    expect("  its past", until(number, bitset | realtime, CLOCK_REALTIME, -10),
           -ETIMEDOUT);
    expect("  until 1970", timed(number, bitset, 0, 0, 1), -ETIMEDOUT);
    expect("  no bits", timed(number, bitset, 0, 0, 0), -EINVAL);
    expect("  other value, until", call(number, &word, bitset, 6, NULL, 0, 1),
           -EAGAIN);
    expect("  WAIT on the real clock",
           timed(number, wait | realtime, 0, 5000000, 0), -ENOSYS);
}

static void addresses(void)
{
    char *bytes = (char *)&word;
    int *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    for (int private = 0; private <= FUTEX_PRIVATE_FLAG;
         private += FUTEX_PRIVATE_FLAG) {
        int wait = FUTEX_WAIT | private;

        say(private ? "private:" : "shared:");
        expect("  misaligned", call(__NR_futex, bytes + 1, wait, 5, 0),
               -EINVAL);
        expect("  misaligned by 2", call(__NR_futex, bytes + 2, wait, 5, 0),
               -EINVAL);
        expect("  bad", call(__NR_futex, BAD, wait, 5, 0), -EFAULT);
        expect("  NULL", call(__NR_futex, NULL, wait, 5, 0), -EFAULT);
        expect("  no access", call(__NR_futex, none, wait, 5, 0), -EFAULT);
        expect("  kernel's", call(__NR_futex, 0xfffff000u, wait, 5, 0),
               -EFAULT);
    }
}

static void operations(void)
{
    expect("operation 64", call(__NR_futex, &word, 64, 5, 0), -ENOSYS);
    expect("operation 77", call(__NR_futex, &word, 77, 5, 0), -ENOSYS);
    expect("FUTEX_FD", call(__NR_futex, &word, FUTEX_FD, 0, 0), -ENOSYS);
    expect("WAKE on the real clock",
           call(__NR_futex, &word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1),
           -ENOSYS);
}

int main(void)
{
    format(__NR_futex, 0);
    format(__NR_futex, FUTEX_PRIVATE_FLAG);
    format(FUTEX_TIME64, FUTEX_PRIVATE_FLAG);
    addresses();
    operations();
    return 0;
}
