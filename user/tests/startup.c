/* SPDX-License-Identifier: MIT */
/*
 * What a program finds when it starts: its arguments and environment as they
 * were given, empty and odd ones too, an auxiliary vector that is true, an
 * aligned stack, and FPU registers in their initial state.
 *
 * run: cpus=1 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

static char *const words[] = {
    "startup",      "--child", "", "two words", "tab\tand \"quotes\"",
    "\xc3\xa9\x01", NULL};
static char *const settings[] = {"EMPTY=", "A=1", "LONG=0123456789abcdef",
                                 NULL};

static void check_strings(int argc, char **argv)
{
    CHECK_EQUAL(argc, 6);
    for (int i = 0; i < argc && words[i]; i++)
        CHECK(strcmp(argv[i], words[i]) == 0);
    CHECK(argv[argc] == NULL);
    int count = 0;
    for (; environment[count] && settings[count]; count++)
        CHECK(strcmp(environment[count], settings[count]) == 0);
    CHECK_EQUAL(count, 3);
    CHECK(environment[3] == NULL);
    CHECK(strcmp(environment_value("A"), "1") == 0);
}

static void check_auxiliary(void)
{
    extern void _start(void);
    /* The ELF header is the first thing of the image; e_phoff is at 28. */
    const uint8_t *image = (const uint8_t *)0x08048000;
    uint32_t headers = (uint32_t)image + *(const uint32_t *)(image + 28);

    CHECK_EQUAL(auxiliary_value(ABI_AT_PAGESZ, 0), 4096);
    CHECK_EQUAL(auxiliary_value(ABI_AT_ENTRY, 0), (uint32_t)&_start);
    CHECK_EQUAL(auxiliary_value(ABI_AT_PHENT, 0), 32);
    CHECK_EQUAL(auxiliary_value(ABI_AT_PHDR, 0), headers);
    CHECK_EQUAL(auxiliary_value(ABI_AT_PHNUM, 0),
                *(const uint16_t *)(image + 44));
    CHECK_EQUAL(auxiliary_value(ABI_AT_SECURE, 0), 0);
    const uint8_t *random = (const uint8_t *)auxiliary_value(ABI_AT_RANDOM, 0);
    if (CHECK(random != NULL)) {
        uint32_t sum = 0;
        for (int i = 0; i < 16; i++)
            sum |= random[i];
        CHECK(sum != 0);
    }
    CHECK(program_self() != NULL);
}

static void check_machine(void)
{
    uint16_t control;
    uint16_t selectors[4];
    uint32_t stack = (uint32_t)__builtin_frame_address(0);

    __asm__ volatile("fnstcw %0" : "=m"(control));
    CHECK_EQUAL(control, 0x37f);
    __asm__ volatile("movw %%cs, %0; movw %%ds, %1; movw %%es, %2; movw %%ss, "
                     "%3"
                     : "=m"(selectors[0]), "=m"(selectors[1]),
                       "=m"(selectors[2]), "=m"(selectors[3]));
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(selectors[i] & 3, 3);
    CHECK(stack > 0x08048000 && stack < 0xc0000000);
    /* The argument block begins 16-byte aligned (System V ABI). */
    CHECK_EQUAL(((uint32_t)environment - 4 * 8) % 16, 0);
}

/* Many and long arguments arrive whole. */
static int check_many(int argc, char **argv)
{
    uint32_t wrong = argc != 202;

    for (int i = 2; i < argc; i++)
        wrong += strlen(argv[i]) != 99 || argv[i][0] != 'a' + i % 26;
    return wrong ? 1 : 0;
}

static void run_many(void)
{
    static char text[200][100];
    static char *argv[203] = {"startup", "--many"};
    int status = 0;

    for (int i = 2; i < 202; i++) {
        memset(text[i - 2], 'a' + i % 26, 99);
        argv[i] = text[i - 2];
    }
    int pid = sys_spawn(program_self(), argv, environment);
    CHECK_EQUAL(sys_wait4(pid, &status, 0, NULL), pid);
    CHECK_EXIT("200 long arguments", status, 0);
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc > 1 && strcmp(argv[1], "--many") == 0)
        return check_many(argc, argv);
    if (argc > 1 && strcmp(argv[1], "--child") == 0) {
        check_strings(argc, argv);
        check_auxiliary();
        check_machine();
        return check_result();
    }
    int pid = sys_spawn(program_self(), words, settings);
    CHECK(pid > 0);
    CHECK_EQUAL(sys_wait4(pid, &status, 0, NULL), pid);
    CHECK_EXIT("the child's checks", status, 0);
    run_many();
    return check_result();
}
