/* SPDX-License-Identifier: MIT */
/*
 * What lies on a new program's stack: argc, argv, envp and the auxiliary
 * vector, in that order and each ended by a zero; the entries that a C library
 * needs, and that they tell the truth about the program.
 */
#include "oracle.h"
#include <elf.h>
#include <link.h>

extern char **environ;
extern char __ehdr_start[];
extern void _start(void);

static Elf32_auxv_t *vector;

static const Elf32_auxv_t *find(uint32_t type)
{
    for (Elf32_auxv_t *entry = vector; entry->a_type != AT_NULL; entry++)
        if (entry->a_type == type)
            return entry;
    return NULL;
}

static uint32_t value(uint32_t type)
{
    const Elf32_auxv_t *entry = find(type);

    return entry ? entry->a_un.a_val : 0xdeadbeef;
}

static void entries(void)
{
    const Elf32_Ehdr *header = (const Elf32_Ehdr *)__ehdr_start;
    const uint8_t *random = (const uint8_t *)value(AT_RANDOM);
    int zeros = 0;

    expect("AT_PAGESZ", value(AT_PAGESZ), 4096);
    check("AT_PHDR points at the program headers",
          value(AT_PHDR) == (uint32_t)__ehdr_start + header->e_phoff);
    expect("AT_PHENT", value(AT_PHENT), sizeof(Elf32_Phdr));
    check("AT_PHNUM", value(AT_PHNUM) == header->e_phnum);
    check("AT_ENTRY", value(AT_ENTRY) == (uint32_t)_start);
    check("AT_RANDOM is there", find(AT_RANDOM) != NULL);
    for (int i = 0; i < 16; i++)
        zeros += random[i] == 0;
    check("  16 bytes, not all zero", zeros < 16);
    check("AT_HWCAP has FPU, TSC, CX8 and SSE2",
          (value(AT_HWCAP) & (1 | 1 << 4 | 1 << 8 | 1 << 26)) ==
              (1 | 1 << 4 | 1 << 8 | 1 << 26));
    check("AT_UID and its like agree",
          value(AT_UID) == getuid() && value(AT_EUID) == geteuid() &&
              value(AT_GID) == getgid() && value(AT_EGID) == getegid());
    expect("AT_SECURE", value(AT_SECURE), 0);
    check("AT_EXECFN", find(AT_EXECFN) != NULL &&
                           strlen((const char *)value(AT_EXECFN)) > 0);
    check("AT_CLKTCK", value(AT_CLKTCK) == 100);
    check("AT_SYSINFO and AT_SYSINFO_EHDR: both or neither",
          (find(AT_SYSINFO) == NULL) == (find(AT_SYSINFO_EHDR) == NULL));
}

static void order(int argc, char **argv)
{
    char **end = environ;

    while (*end)
        end++;
    vector = (Elf32_auxv_t *)(end + 1);
    expect("argc lies before argv", ((int *)argv)[-1], argc);
    check("it starts at 16 bytes", ((uintptr_t)(argv - 1) & 15) == 0);
    check("argv ends with NULL", argv[argc] == NULL);
    check("envp follows", environ == argv + argc + 1);
    check("strings lie above all that",
          (char *)argv[0] > (char *)vector &&
              (char *)argv[0] < (char *)vector + 65536);
}

int main(int argc, char **argv)
{
    char *self[] = {"self", "one", "", "three", NULL};
    char *environment[] = {"A=b", NULL};

    order(argc, argv);
    entries();
    if (argc == 4) {
        say("arguments \"%s\" \"%s\" \"%s\" \"%s\"", argv[0], argv[1], argv[2],
            argv[3]);
        say("environment \"%s\", then %s", environ[0],
            environ[1] ? "MORE" : "nothing");
        return 0;
    }
    return (int)-call(__NR_execve, "/proc/self/exe", self, environment);
}
