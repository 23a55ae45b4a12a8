/* SPDX-License-Identifier: MIT */
/*
 * Floating point in twelve threads that give way all the time: x87, SSE and
 * rounding modes belong to the thread. Each computes series of its own and
 * compares with what it got alone; a register lost in a switch would show.
 *
 * run: -c 4
 * run: -c 1
 */
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>

#include "libc.h"

#define THREADS 12
#define ROUNDS  25

static volatile double disturbed;

/* A handler that uses the FPU itself, in whatever thread it comes. */
static void handler(int number)
{
    disturbed = sqrt((double)number) * 1.5;
}

static long double series(int seed, int give_way)
{
    long double sum = 0, term = 1.0L + seed;

    for (int i = 1; i < 400; i++) {
        sum += term / i;
        term = -term * 0.97L;
        if (give_way && i % 40 == 0)
            sched_yield();
    }
    return sum;
}

/* The result goes through memory: callers do not know of SSE registers. */
__attribute__((target("sse2,fpmath=sse"), noinline)) static void
calculate(int seed, int give_way, double *result)
{
    volatile double start = seed * 0.125;
    double a = start, b = start + 1, c = start + 2, d = start + 3;

    for (int i = 1; i < 400; i++) {
        a = sqrt(a * a + 1e-3);
        b = b * 0.999 + a;
        c = c * 0.5 + b / i;
        d = d + c * 1e-6;
        if (give_way && i % 40 == 0)
            sched_yield();
    }
    *result = a + b + c + d;
}

static double squares(int seed, int give_way)
{
    double result;

    calculate(seed, give_way, &result);
    return result;
}

static long rounded(int seed)
{
    volatile double half = seed + 0.5;

    return lrint(half);
}

static void *work(void *argument)
{
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD,
                                FE_TOWARDZERO};
    int seed = (int)(uintptr_t)argument;
    intptr_t wrong = 0;

    fesetround(modes[seed % 4]);
    long double one = series(seed, 0);
    double two = squares(seed, 0);
    long whole = rounded(seed);
    for (int i = 0; i < ROUNDS; i++) {
        wrong += series(seed, 1) != one;
        wrong += squares(seed, 1) != two;
        wrong += rounded(seed) != whole;
        wrong += fegetround() != modes[seed % 4];
    }
    wrong += whole != seed + (seed % 4 == 1); /* half to even, up, down, cut */
    return (void *)wrong;
}

int main(void)
{
    struct itimerval often = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
    pthread_t threads[THREADS];
    int wrong = 0;

    signal(SIGALRM, handler);
    setitimer(ITIMER_REAL, &often, NULL);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        wrong += (int)(intptr_t)result;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(!wrong, "%d threads, %d rounds", THREADS, ROUNDS);
    CHECK(fegetround() == FE_TONEAREST, "the first thread rounds as before");
    printf("%.17Lg %.15g\n", series(3, 0), squares(3, 0));
    return check_sum();
}
