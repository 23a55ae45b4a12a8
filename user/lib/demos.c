/* SPDX-License-Identifier: MIT */
/*
 * The list of demonstrations: the programs that the initrd has in /demo, each
 * with the title that this table gives it, and with the claim that it shows if
 * it is one of those that the kernel is built around.
 */
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/string.h"
#include "user/lib/system.h"

static const struct demo {
    const char *name, *claim, *title;
} demos[] = {
    {"cost", "", "what a system call and a context switch cost"},
    {"share", "c1", "no processes: what tasks share, by clone flags"},
    {"tables", "c8", "what page tables take, by where they lie"},
    {"kmaps", "c9", "what temporary mappings cost, and whom"},
    {"stacks", "c11", "what a task takes, by where its stack lies"},
    {"pools", "c16", "pools of a task, of a CPU, of an MM"},
    {"reach", "c10", "memory of an MM that is not loaded"},
    {"mine", "c2", "the page that was yours: one address, two tasks"},
    {"escape", "c5", "what another MM finds on a kernel stack"},
    {"uarea", "c6", "the u-area of classic Unix, and its end"},
    {"", "", ""},
};

/* The row of that name; if there is none, the empty one at the end. */
static const struct demo *find(const char *name)
{
    const struct demo *d = demos;

    while (d->name[0] && strcmp(d->name, name) != 0)
        d++;
    return d;
}

const char *demo_name(const char *word)
{
    for (const struct demo *d = demos; d->name[0]; d++)
        if (d->claim[0] && strcmp(d->claim, word) == 0)
            return d->name;
    return word;
}

void show_demos(void)
{
    struct abi_file f;
    uint32_t shown = 0;

    for (uint32_t i = 0; query_row(QUERY_FILES, i, &f, sizeof(f)); i++) {
        const char *path = f.path[0] == '/' ? f.path + 1 : f.path;
        if (!string_begins(path, "demo/") || f.mode >> 12 != 8)
            continue;
        const struct demo *d = find(path + 5);
        printf("  %-10s %-3s %s\n", path + 5, d->claim, d->title);
        shown++;
    }
    if (shown)
        printf("run one with `demo NAME`\n");
    else
        printf("there is no program in /demo\n");
}
