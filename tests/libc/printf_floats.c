/* SPDX-License-Identifier: MIT */
/*
 * Floating point in decimal, both ways: what printf() makes of a double and of
 * a long double, and what strtod() makes of a text, to the last bit. Both
 * libraries round correctly, so bits and digits are fixed.
 */
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double values[] = {
    0.0,         -0.0,
    1.0,         -1.5,
    0.1,         1.0 / 3.0,
    123456.789,  1e10,
    1e15,        1e16,
    1e21,        1e-5,
    1e-4,        9.995,
    0.5,         2.5,
    1e300,       DBL_MAX,
    DBL_MIN,     4.9406564584124654e-324,
    DBL_EPSILON, 3.141592653589793,
};

static const char *const texts[] = {
    "0",
    "-0",
    "1",
    "0.1",
    "1e1",
    "-1.5e-3",
    "1e308",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "2.2250738585072011e-308",
    "4.9e-324",
    "2e-324",
    "9007199254740993",
    "0x1.8p3",
    "0x.8",
    "inf",
    "-INFINITY",
    "nan",
    "  7x",
    "",
    "x",
    ".",
    "1e",
    "1e+",
    ".5",
    "5.",
    "123456789012345678901234567890",
    "0.30000000000000004",
    "6.02214076e23",
};

static uint64_t bits(double value)
{
    uint64_t word;

    memcpy(&word, &value, sizeof(word));
    return word;
}

static void print_all(void)
{
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        double v = values[i];
        if (fabs(v) < 1e30)
            printf("[%f] [%.0f] [%.12f] ", v, v, v);
        printf("[%e] [%g] [%.17g] [%+.3e] [%#.3g]\n", v, v, v, v, v);
        printf("[%12.3g] [%-12.3g] [%012.3g] [%a]\n", v, v, v, v);
    }
    printf("[%f] [%F] [%e] [%5.1f]\n", INFINITY, -INFINITY, NAN, INFINITY);
    printf("[%Lf] [%.20Lg] [%Le]\n", 1.0L / 3.0L, 1.0L / 3.0L, LDBL_MAX);
    printf("[%.50f]\n", 0.1);
    printf("[%.3f] [%.2f] [%.0f] [%.0f] [%.0f]\n", 1.0005, 2.675, 0.5, 1.5,
           2.5);
}

static void read_all(void)
{
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *end;
        errno = 0;
        double value = strtod(texts[i], &end);
        if (isnan(value))
            printf("[%s] is no number", texts[i]);
        else
            printf("[%s] %016llx", texts[i], (unsigned long long)bits(value));
        printf(", rest [%s]%s\n", end, errno == ERANGE ? ", range" : "");
    }
    printf("%.9g %.21Lg %d\n", (double)strtof("0.1", NULL),
           strtold("0.1", NULL), atoi("-12x"));
    printf("%ld %lu %lld\n", strtol("-0x7f", NULL, 0), strtoul("777", NULL, 8),
           strtoll("zz", NULL, 36));
}

/* Each double survives the way to 17 digits and back. */
static void round_trips(void)
{
    uint64_t state = 88172645463325252ull;
    int wrong = 0;

    for (int i = 0; i < 2000; i++) {
        char text[40];
        double value, back;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(&value, &state, sizeof(value));
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof(text), "%.17g", value);
        back = strtod(text, NULL);
        wrong += bits(back) != bits(value);
    }
    printf("%d of 2000 random numbers do not come back\n", wrong);
}

/* The rounding mode is the task's own register. */
static void rounding(void)
{
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD,
                                FE_TOWARDZERO};

    for (int i = 0; i < 4; i++) {
        fesetround(modes[i]);
        printf("mode %d: %ld %ld\n", i, lrint(2.5), lrint(-2.5));
    }
    fesetround(FE_TONEAREST);
}

int main(void)
{
    print_all();
    read_all();
    round_trips();
    rounding();
    return 0;
}
