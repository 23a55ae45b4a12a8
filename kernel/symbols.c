/* SPDX-License-Identifier: MIT */
/*
 * Looks names up in the table that tools/symbols wrote: addresses ascending,
 * and for each the place of its name in one run of ended strings. The table is
 * the image's last section, so the second link, which brings it, moves no
 * function. It is empty in the first link and read-only always: no lock.
 */
#include "kernel/symbols.h"

/* From the table. */
extern const uint32_t symbols_count;
extern const uint32_t symbols_end; /* behind the last function */
extern const uint32_t symbols_addresses[], symbols_offsets[];
extern const char symbols_names[];

const char *symbol_name(uintptr_t address, uint32_t *offset)
{
    uint32_t low = 0, high = symbols_count;
    /* The answer, if any, is the last with an address not above `address`. */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (symbols_addresses[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || address >= symbols_end)
        return NULL;
    *offset = address - symbols_addresses[low - 1];
    return symbols_names + symbols_offsets[low - 1];
}
