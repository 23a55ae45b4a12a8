/* SPDX-License-Identifier: MIT */
/*
 * From the start-up stack to main() and on to the exit. The stack holds, from
 * its top: argc, argv[0..argc-1], NULL, envp..., NULL, auxiliary vector.
 */
#include "user/lib/start.h"

#include "kernel/abi/linux.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

char **environment;
const struct auxiliary *auxiliary_vector;

__attribute__((noreturn)) void program_begin(uint32_t *stack);

__attribute__((noreturn)) void program_begin(uint32_t *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    char **end;

    environment = argv + argc + 1;
    for (end = environment; *end; end++)
        ;
    auxiliary_vector = (const struct auxiliary *)(end + 1);
    sys_exit_group(main(argc, argv));
}

uint32_t auxiliary_value(uint32_t type, uint32_t otherwise)
{
    for (const struct auxiliary *a = auxiliary_vector; a->type; a++)
        if (a->type == type)
            return a->value;
    return otherwise;
}

const char *environment_value(const char *name)
{
    size_t length = strlen(name);

    for (char **e = environment; *e; e++)
        if (strncmp(*e, name, length) == 0 && (*e)[length] == '=')
            return *e + length + 1;
    return NULL;
}
