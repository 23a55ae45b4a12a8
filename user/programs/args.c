/* SPDX-License-Identifier: MIT */
/*
 * Print everything that the kernel put on the stack of a new program: the
 * arguments, the environment and the auxiliary vector, with their addresses.
 */
#include "kernel/abi/linux.h"
#include "user/lib/print.h"
#include "user/lib/start.h"

static const char *type_name(uint32_t type)
{
    static const struct {
        uint32_t type;
        const char *name;
    } names[] = {
        {ABI_AT_PHDR, "PHDR"},     {ABI_AT_PHENT, "PHENT"},
        {ABI_AT_PHNUM, "PHNUM"},   {ABI_AT_PAGESZ, "PAGESZ"},
        {ABI_AT_ENTRY, "ENTRY"},   {ABI_AT_UID, "UID"},
        {ABI_AT_EUID, "EUID"},     {ABI_AT_GID, "GID"},
        {ABI_AT_EGID, "EGID"},     {ABI_AT_HWCAP, "HWCAP"},
        {ABI_AT_CLKTCK, "CLKTCK"}, {ABI_AT_SECURE, "SECURE"},
        {ABI_AT_RANDOM, "RANDOM"}, {ABI_AT_EXECFN, "EXECFN"},
    };

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].type == type)
            return names[i].name;
    return "";
}

int main(int argc, char **argv)
{
    printf("argc %d, argv at %p\n", argc, (void *)argv);
    for (int i = 0; i < argc; i++)
        printf("argv[%d] %p %s\n", i, (void *)argv[i], argv[i]);
    for (int i = 0; environment[i]; i++)
        printf("envp[%d] %p %s\n", i, (void *)environment[i], environment[i]);
    for (const struct auxiliary *a = auxiliary_vector; a->type; a++)
        printf("aux %2u %-6s %08x\n", a->type, type_name(a->type), a->value);
    return 0;
}
