/* SPDX-License-Identifier: MIT */
/*
 * The kernel's self-tests from user mode: names by query(), one call a test. A
 * test that leaks frames or has a false check is answered with -EIO; the
 * kernel's log says which check it was.
 */
#include "user/lib/selftests.h"

#include "user/lib/error.h"
#include "user/lib/print.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

struct tally {
    uint32_t passed, failed;
};

static void run_one(uint32_t index, const struct abi_selftest *row,
                    struct tally *tally)
{
    int result = sys_selftest(index);

    if (result == 0) {
        tally->passed++;
        printf("ok %s\n", row->name);
    } else {
        tally->failed++;
        printf("FAILED %s: %s (%s; see `log`)\n", row->name, row->meaning,
               error_name(result));
    }
}

/*
 * Run those whose name is `name`, or else all that begin with it, without the
 * ones that must be asked for: they do not come back, or take long.
 */
static void run_matching(const char *name, struct tally *tally)
{
    struct abi_selftest row;
    uint32_t ran = 0;

    for (int exact = 1; exact >= 0 && !ran; exact--)
        for (uint32_t i = 0; query_row(QUERY_SELFTESTS, i, &row, sizeof(row));
             i++)
            if (exact ? strcmp(row.name, name) == 0
                      : string_begins(row.name, name) && !row.by_name) {
                run_one(i, &row, tally);
                ran++;
            }
    if (!ran) {
        tally->failed++;
        printf("FAILED %s: there is no such test\n", name);
    }
}

bool selftests_run(int count, char **names)
{
    struct tally tally = {0, 0};

    if (count == 0)
        run_matching("", &tally);
    for (int i = 0; i < count; i++)
        run_matching(names[i], &tally);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.passed && !tally.failed;
}

void selftests_list(void)
{
    struct abi_selftest row;

    for (uint32_t i = 0; query_row(QUERY_SELFTESTS, i, &row, sizeof(row)); i++)
        printf("  %-24s %s\n", row.name, row.meaning);
}
