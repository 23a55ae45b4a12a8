/* SPDX-License-Identifier: MIT */
/*
 * The list of demonstrations: the programs that the initrd has in /demo, each
 * with the title that this table gives it.
 */
#include "user/lib/print.h"
#include "user/lib/show.h"
#include "user/lib/string.h"
#include "user/lib/system.h"

static const struct {
    const char *name, *title;
} titles[] = {
    {"cost", "what a system call and a context switch cost"},
};

static const char *title_of(const char *name)
{
    for (uint32_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (strcmp(titles[i].name, name) == 0)
            return titles[i].title;
    return "";
}

void show_demos(void)
{
    struct abi_file f;
    uint32_t shown = 0;

    for (uint32_t i = 0; query_row(QUERY_FILES, i, &f, sizeof(f)); i++) {
        const char *path = f.path[0] == '/' ? f.path + 1 : f.path;
        if (!string_begins(path, "demo/") || f.mode >> 12 != 8)
            continue;
        printf("  %-10s %s\n", path + 5, title_of(path + 5));
        shown++;
    }
    if (shown)
        printf("run one with `demo NAME`\n");
    else
        printf("there is no program in /demo\n");
}
