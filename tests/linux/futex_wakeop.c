/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_WAKE_OP: each operation on the second word, each comparison of what
 * it was before, and whom that wakes; the shift, signed arguments, errors.
 */
#include "futex_crew.h"

static volatile int one, two;

static long wake_op(int wake, int wake_other, uint32_t code)
{
    return call(__NR_futex, &one, FUTEX_WAKE_OP, wake, wake_other, &two, code);
}

static void operations(void)
{
    static const struct {
        const char *name;
        int code, start, argument;
    } cases[] = {
        {"SET", FUTEX_OP_SET, 5, 9},
        {"SET negative", FUTEX_OP_SET, 5, -3},
        {"ADD", FUTEX_OP_ADD, 5, 9},
        {"ADD negative", FUTEX_OP_ADD, 5, -7},
        {"OR", FUTEX_OP_OR, 0x50, 9},
        {"ANDN", FUTEX_OP_ANDN, 0xff, 0xf},
        {"XOR", FUTEX_OP_XOR, 0xff, 0xf0},
        {"SET shifted", FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 5, 9},
        {"ADD shifted 31", FUTEX_OP_ADD | FUTEX_OP_OPARG_SHIFT, 5, 31},
        {"OR shifted 0", FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 4, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        long result;
        char text[16];

        two = cases[i].start;
        result = wake_op(1, 1,
                         (uint32_t)cases[i].code << 28 | FUTEX_OP_CMP_EQ << 24 |
                             (cases[i].argument & 0xfff) << 12);
        say("%s: %s, word %d", cases[i].name, result_text(result, text), two);
    }
}

static void comparisons(void)
{
    static const char *const names[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};
    static const int values[] = {-2, -1, 0};

    for (uint32_t i = 0; i < COUNT(names); i++)
        for (size_t j = 0; j < COUNT(values); j++) {
            long result;

            two = values[j];
            crew_start(0, 1, &one, ~0u);
            crew_start(1, 1, &two, ~0u);
            /* Add nothing, compare the old value with -1. */
            result = wake_op(1, 1, FUTEX_OP_ADD << 28 | i << 24 | 0xfff);
            say("%d %s -1: woken %ld", values[j], names[i], result);
            crew_end(&one, &two);
        }
}

static void counts(void)
{
    two = 0;
    crew_start(0, 3, &one, ~0u);
    crew_start(3, 3, &two, ~0u);
    expect("2 here, 2 there", wake_op(2, 2, FUTEX_OP_CMP_EQ << 24), 4);
    expect("  awake", crew_awake(4), 4);
    expect("not there", wake_op(2, 2, FUTEX_OP_CMP_NE << 24), 1);
    crew_end(&one, &two);
}

static void errors(void)
{
    const int *constant =
        mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    expect("operation 5", wake_op(1, 1, 5u << 28), -ENOSYS);
    expect("comparison 6", wake_op(1, 1, 6u << 24), -ENOSYS);
    expect("first misaligned",
           call(__NR_futex, (char *)&one + 1, FUTEX_WAKE_OP, 1, 1, &two, 0),
           -EINVAL);
    expect("second misaligned",
           call(__NR_futex, &one, FUTEX_WAKE_OP, 1, 1, (char *)&two + 1, 0),
           -EINVAL);
    expect("second bad", call(__NR_futex, &one, FUTEX_WAKE_OP, 1, 1, BAD, 0),
           -EFAULT);
    expect("second read-only",
           call(__NR_futex, &one, FUTEX_WAKE_OP, 1, 1, constant, 0), -EFAULT);
    expect("both the same",
           call(__NR_futex, &two, FUTEX_WAKE_OP, 1, 1, &two,
                FUTEX_OP_SET << 28 | 77 << 12),
           0);
    expect("  word", two, 77);
}

int main(void)
{
    operations();
    comparisons();
    counts();
    errors();
    return 0;
}
