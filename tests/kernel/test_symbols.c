/* SPDX-License-Identifier: MIT */
/*
 * The table of function names, asked about functions of this very image. What
 * an empty table answers is tested with tools/symbols.
 */
#include "kernel/string.h"
#include "kernel/symbols.h"
#include "tests/kernel/selftest.h"

SELFTEST(symbols_found, "functions have names")
{
    uint32_t offset = 99;
    uintptr_t address = (uintptr_t)memcpy;
    const char *name = symbol_name(address, &offset);
    CHECK(name && !strcmp(name, "memcpy") && offset == 0);
    name = symbol_name(address + 1, &offset);
    CHECK(name && !strcmp(name, "memcpy") && offset == 1);
}

SELFTEST(symbols_not_found, "what is no function has no name")
{
    uint32_t offset;
    static uint32_t data;
    CHECK(symbol_name(0, &offset) == NULL);
    CHECK(symbol_name(UINTPTR_MAX, &offset) == NULL);
    CHECK(symbol_name((uintptr_t)&data, &offset) == NULL);
}

SELFTEST(symbols_ascending, "every byte of a function gives the same name")
{
    uint32_t offset, steps = 0;
    uintptr_t start = (uintptr_t)symbol_name;
    const char *name;
    do {
        name = symbol_name(start + ++steps, &offset);
    } while (name && !strcmp(name, "symbol_name") && offset == steps &&
             steps < 0x10000);
    CHECK(steps > 8 && steps < 0x10000);
    CHECK(!name || offset == 0); /* the next function begins there */
}
