/* SPDX-License-Identifier: MIT */
/*
 * Programs that cannot be started: the caller gets the reason, no child is left
 * behind and no frame is lost.
 *
 * run: cpus=1,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"
#include "user/lib/system.h"

static char *const no_strings[] = {NULL};

static int spawn(const char *path)
{
    char *const argv[] = {(char *)(uintptr_t)path, NULL};

    return sys_spawn(path, argv, no_strings);
}

/* A file of the initrd that is no program, and a folder; "" if none. */
static void find_others(char *text_file, char *folder, uint32_t size)
{
    struct abi_file f;

    text_file[0] = folder[0] = '\0';
    for (uint32_t i = 0; query_row(QUERY_FILES, i, &f, sizeof(f)); i++) {
        const char *path = f.path[0] == '/' ? f.path + 1 : f.path;
        if (f.mode >> 12 == 4 && path[0])
            format_to(folder, size, "/%s", path);
        /* Programs of ours have no dot in their names. */
        if (f.mode >> 12 == 8 && strchr(path, '.'))
            format_to(text_file, size, "/%s", path);
    }
}

static void bad_paths(void)
{
    static char text_file[128], folder[128], long_path[8192];

    CHECK_EQUAL(spawn("/bin/no-such-program"), -ENOENT);
    /* An archive need not list its own top folder. */
    CHECK(spawn("/") == -EACCES || spawn("/") == -ENOENT);
    CHECK_EQUAL(spawn(""), -ENOENT);
    find_others(text_file, folder, sizeof(folder));
    if (folder[0])
        CHECK_EQUAL(spawn(folder), -EACCES);
    else
        printf("no folder in the initrd to try\n");
    if (text_file[0])
        CHECK(spawn(text_file) == -ENOEXEC || spawn(text_file) == -EACCES);
    else
        printf("no text file in the initrd to try\n");
    memset(long_path, 'a', sizeof(long_path) - 1);
    CHECK_EQUAL(spawn(long_path), -ENAMETOOLONG);
}

static void bad_vectors(void)
{
    static char huge[200000];
    static char *many[24576]; /* of 100 bytes: more than 2 MiB */
    char *wild[] = {"x", (char *)0xc0000000, NULL};
    char *one_huge[] = {"x", huge, NULL};
    const char *self = program_self();

    memset(huge, 'h', sizeof(huge) - 1);
    CHECK_EQUAL(sys_spawn(self, one_huge, no_strings), -E2BIG);
    CHECK_EQUAL(sys_spawn(self, no_strings, one_huge), -E2BIG);
    for (uint32_t i = 0; i < sizeof(many) / sizeof(many[0]) - 1; i++)
        many[i] = huge + sizeof(huge) - 100;
    CHECK_EQUAL(sys_spawn(self, many, no_strings), -E2BIG);
    CHECK_EQUAL(sys_spawn(self, wild, no_strings), -EFAULT);
    CHECK_EQUAL(sys_spawn(self, no_strings, wild), -EFAULT);
}

int main(int argc, char **argv)
{
    int status;

    if (argc == 0)
        return 0; /* started without a single word: that is allowed */
    (void)argv;
    bad_paths();
    bad_vectors();

    uint32_t frames = check_frames_at_rest();
    bad_paths();
    bad_vectors();
    CHECK_EQUAL(sys_wait4(-1, &status, 0, NULL), -ECHILD);
    CHECK_FRAMES(frames);
    return check_result();
}
