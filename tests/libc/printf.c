/* SPDX-License-Identifier: MIT */
/*
 * printf() and its relatives: integers of every length, flags, width and
 * precision, strings, characters, positions, %n; both libraries agree on all
 * that the standard fixes, and only that is printed here.
 *
 * run: tier=quick
 */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static void integers(void)
{
    printf("[%d] [%i] [%u]\n", INT_MIN, INT_MAX, UINT_MAX);
    printf("[%hhd] [%hd] [%ld] [%lld]\n", (signed char)-128, (short)-32768,
           LONG_MIN, LLONG_MIN);
    printf("[%hhu] [%hu] [%lu] [%llu]\n", (unsigned char)255,
           (unsigned short)65535, ULONG_MAX, ULLONG_MAX);
    printf("[%x] [%X] [%o] [%#x] [%#X] [%#o]\n", 0xbeef, 0xbeef, 0755, 0xbeef,
           0xbeef, 0755);
    printf("[%zu] [%td] [%jd]\n", (size_t)-1, (ptrdiff_t)-5, (intmax_t)1 << 62);
    printf("[%" PRId64 "] [%" PRIx64 "] [%" PRIu32 "]\n", INT64_MIN, UINT64_MAX,
           UINT32_MAX);
    printf("[%#x] [%#o] [%.0d] [%.0x]\n", 0, 0, 0, 0);
}

static void layout(void)
{
    static const int widths[] = {0, 1, 5, -5, 12, -12};

    for (unsigned i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
        printf("[%*d] [%*s]\n", widths[i], -42, widths[i], "abc");
    printf("[%5d] [%-5d] [%05d] [%+d] [% d] [%+5d] [%-+5d]\n", 42, 42, 42, 42,
           42, 42, 42);
    printf("[%.5d] [%8.5d] [%-8.5d] [%08d] [%.*d]\n", 42, 42, 42, -42, 7, 42);
    printf("[%.3s] [%8.3s] [%-8.3s] [%.*s]\n", "abcdef", "abcdef", "abcdef", 2,
           "abcdef");
    printf("[%c%c%c] [%5c] [%-5c]\n", 'x', 'y', 'z', 'a', 'b');
    printf("[%%] [%5s] [%s]\n", "", "");
    printf("[%2$s %1$s] [%1$s]\n", "one", "two");
}

static int count(const char *format, ...)
{
    char text[8];
    va_list list;

    va_start(list, format);
    int length = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    printf("[%s] would be %d long\n", text, length);
    return length;
}

static void buffers(void)
{
    char text[64];
    int so_far = 0;

    count("%s", "short");
    count("%s", "seven++");
    count("%s and %d more", "longer", 3);
    printf("nothing: %d\n", snprintf(NULL, 0, "%d-%d", 12, 345));
    sprintf(text, "12345%n678", &so_far);
    printf("%s: %d before the sign\n", text, so_far);
    printf("%d characters\n", printf("%s\n", "this line has twenty-seven"));
    memset(text, 'x', sizeof(text));
    snprintf(text, 1, "gone");
    printf("[%s] then [%c]\n", text, text[1]);
    printf("[%ls] [%lc]\n", L"wide", (wint_t)L'w');
}

static void scanned(void)
{
    int a = 0, b = 0, n = 0;
    unsigned x = 0;
    char word[16] = "", set[16] = "";
    long long big = 0;

    int found = sscanf(" 12 -7 0xff word abc123 9000000000",
                       "%d%d%x%15s%15[a-c]", &a, &b, &x, word, set);
    printf("%d found: %d %d %x %s [%s]\n", found, a, b, x, word, set);
    found = sscanf("9000000000;rest", "%lld;%n", &big, &n);
    printf("%d found: %lld, %d read\n", found, big, n);
    printf("none: %d, end: %d\n", sscanf("x", "%d", &a), sscanf("", "%d", &a));
}

int main(void)
{
    integers();
    layout();
    buffers();
    scanned();
    return 0;
}
