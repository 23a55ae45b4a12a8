/* SPDX-License-Identifier: MIT */
/* Names and meanings of the error numbers, from kernel/abi/errno.h. */
#include "user/lib/error.h"

#include <stddef.h>

#include "kernel/abi/errno.h"

struct error_row {
    int number;
    const char *name, *text;
};

static const struct error_row errors[] = {
#define ROW(error, number, text) {number, #error, text},
    ERROR_LIST(ROW)
#undef ROW
};

static const struct error_row *find(int error)
{
    static const struct error_row unknown = {0, "?", "unknown error"};

    if (error < 0)
        error = -error;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].number == error)
            return &errors[i];
    return &unknown;
}

const char *error_name(int error)
{
    return find(error)->name;
}

const char *error_text(int error)
{
    return find(error)->text;
}
