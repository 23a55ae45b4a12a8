/* SPDX-License-Identifier: MIT */
/*
 * The shell: the first program, unless init= names another. Words of its own
 * are in one table; any other first word is a program, given by its path or
 * looked up in /bin, /demo and /tests. It reads the console or a script on
 * standard input, or takes its commands from `shell -c 'command; command'`.
 * The machine turns itself off when the first program ends, hence `exit`.
 */
#include "user/lib/command.h"
#include "user/lib/error.h"
#include "user/lib/line.h"
#include "user/lib/print.h"
#include "user/lib/program.h"
#include "user/lib/selftests.h"
#include "user/lib/show.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

#define LINE_BYTES 1024
#define PATH_BYTES 128

/* A built-in prints a table, or gets its words and returns a status. */
struct builtin {
    const char *name, *usage, *meaning;
    void (*show)(void); /* or */
    int (*run)(int argc, char **argv);
};

static const struct builtin builtins[];
static int last_status; /* what the last command ended with */

static void show_help(void)
{
    for (const struct builtin *b = builtins; b->name; b++)
        printf("  %-8s %-12s %s\n", b->name, b->usage, b->meaning);
    printf("\nAny other word runs a program: a path, or a name in /bin, /demo "
           "or /tests.\nPROGRAM & runs it in the background; ; separates "
           "commands; '...' quotes.\nCtrl-U clears the line, Ctrl-D ends the "
           "input, Ctrl-T shows every CPU.\n");
}

static int do_counters(int argc, char **argv)
{
    const char *prefix = "";
    bool only_used = false;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-z") == 0)
            only_used = true;
        else
            prefix = argv[i];
    show_counters(prefix, only_used);
    return 0;
}

static int do_test(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "-l") == 0) {
        selftests_list();
        return 0;
    }
    return selftests_run(argc - 1, argv + 1) ? 0 : 1;
}

static int do_exit(int argc, char **argv)
{
    uint32_t status = (uint32_t)last_status;

    if (argc > 1 && !string_to_number(argv[1], &status)) {
        print_to(STANDARD_ERROR, "exit: %s is not a number\n", argv[1]);
        return 2;
    }
    sys_exit_group((int)(status & 0xff));
}

/* The path of the program `name`: as it is if it has a slash. */
static int start_program(char **argv)
{
    static const char *const folders[] = {"/bin/", "/demo/", "/tests/"};
    char path[PATH_BYTES];
    int pid = -ENOENT;

    if (strchr(argv[0], '/'))
        return sys_spawn(argv[0], argv, environment);
    for (uint32_t i = 0; i < 3 && pid == -ENOENT; i++) {
        int length = format_to(path, sizeof(path), "%s%s", folders[i], argv[0]);
        if (length >= PATH_BYTES)
            return -ENAMETOOLONG;
        pid = sys_spawn(path, argv, environment);
    }
    return pid;
}

#define JOBS 32
static int jobs[JOBS]; /* programs in the background; 0: free */

static int run_program(char **argv, bool background)
{
    int status = 0, pid = start_program(argv);

    if (pid < 0) {
        if (pid == -ENOENT && !strchr(argv[0], '/'))
            print_to(STANDARD_ERROR,
                     "%s: no such command or program; try "
                     "help\n",
                     argv[0]);
        else
            print_to(STANDARD_ERROR, "%s: %s (%s)\n", argv[0], error_text(pid),
                     error_name(pid));
        return pid == -ENOENT ? 127 : 126;
    }
    if (background) {
        printf("[%d]\n", pid);
        for (uint32_t i = 0; i < JOBS; i++)
            if (!jobs[i]) {
                jobs[i] = pid;
                break;
            }
        return 0;
    }
    int result = sys_wait4(pid, &status, 0, NULL);
    if (result < 0) {
        print_to(STANDARD_ERROR, "wait: %s\n", error_text(result));
        return 126;
    }
    if (status)
        print_to(STANDARD_ERROR, "%s\n", status_text(status).text);
    return status_exited(status) ? status_code(status)
                                 : 128 + status_signal(status);
}

static int do_demo(int argc, char **argv)
{
    char path[PATH_BYTES];

    if (argc == 1) {
        show_demos();
        return 0;
    }
    format_to(path, sizeof(path), "/demo/%s", demo_name(argv[1]));
    argv[1] = path;
    return run_program(argv + 1, false);
}

static const struct builtin builtins[] = {
    {"help", "", "this list", show_help, NULL},
    {"tasks", "", "tasks: their group, MM, CPU and state", show_tasks, NULL},
    {"mm", "", "address spaces: who uses them and what they hold", show_mms,
     NULL},
    {"mem", "", "frames and what the kernel uses", show_memory, NULL},
    {"cpus", "", "CPUs and what runs on them", show_cpus, NULL},
    {"counters", "[-z] [NAME]", "counters (-z: only those that are not zero)",
     NULL, do_counters},
    {"demo", "[NAME]", "list the demonstrations, or run one", NULL, do_demo},
    {"test", "[-l] [NAME]", "run the kernel's self-tests (-l: list them)", NULL,
     do_test},
    {"log", "", "the kernel's log", show_log, NULL},
    {"options", "", "boot options and their values", show_options, NULL},
    {"files", "", "files of the initial RAM disk", show_files, NULL},
    {"exit", "[STATUS]", "leave; the machine turns off", NULL, do_exit},
    {NULL, NULL, NULL, NULL, NULL},
};

static int run_command(struct command *command)
{
    for (const struct builtin *b = builtins; b->name; b++)
        if (strcmp(command->argv[0], b->name) == 0) {
            if (b->run)
                return b->run(command->argc, command->argv);
            b->show();
            return 0;
        }
    return run_program(command->argv, command->background);
}

static void run_line(char *line)
{
    struct command command;
    const char *why;
    int result;

    while ((result = command_next(&line, &command, &why)) > 0)
        if (command.argc)
            last_status = run_command(&command);
    if (result < 0) {
        print_to(STANDARD_ERROR, "%s\n", why);
        last_status = 2;
    }
}

/* Whether it was one of ours; orphans come to us, too. Forget it. */
static bool was_job(int pid)
{
    for (uint32_t i = 0; i < JOBS; i++)
        if (jobs[i] == pid) {
            jobs[i] = 0;
            return true;
        }
    return false;
}

/* Say which background programs have ended, and forget them. */
static void reap(void)
{
    int pid, status;

    while ((pid = sys_wait4(-1, &status, ABI_WNOHANG, NULL)) > 0)
        if (was_job(pid))
            printf("[%d] %s\n", pid, status_text(status).text);
}

int main(int argc, char **argv)
{
    static struct line_reader input = {.file = STANDARD_INPUT};
    static char line[LINE_BYTES];
    bool cut;

    if (argc > 1 && strcmp(argv[1], "-c") == 0) {
        if (argc != 3) {
            print_to(STANDARD_ERROR, "usage: shell [-c COMMANDS]\n");
            return 2;
        }
        run_line(argv[2]);
        return last_status;
    }
    show_banner();
    for (;;) {
        reap();
        printf("quartet$ ");
        if (!line_read(&input, line, sizeof(line), &cut))
            break;
        if (cut)
            print_to(STANDARD_ERROR, "the line is too long\n");
        else
            run_line(line);
    }
    printf("\n");
    return last_status;
}
