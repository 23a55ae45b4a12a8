/* SPDX-License-Identifier: MIT */
/*
 * Reader of "newc" cpio archives (cpio(5); magic 070701 and 070702): what
 * `find | cpio -o -H newc` writes, one or several one after another with
 * padding between. Trusts nothing: every number is checked against the source.
 */
#pragma once

#include "kernel/source.h"

#define CPIO_PATH 256

struct cpio_entry {
    char path[CPIO_PATH]; /* without leading "/" or "./" */
    uint32_t mode;        /* as in stat */
    uint32_t inode;       /* the same for all names of one file, */
    uint32_t links;       /* of which there are so many; */
    uint32_t data;        /* offset of its bytes in the archive */
    uint32_t size;        /* bytes; only the last name's is not 0 */
};

/*
 * Read the entry at *position and move *position behind it. Returns 1 when
 * there was one, 0 at the end of all archives, -EINVAL for anything that is
 * not an archive or ends without its trailer (then *position is where), and
 * -ENAMETOOLONG for an entry whose path does not fit, with *position behind it
 * so that the caller can go on. Trailers and the padding behind them are
 * skipped; ".", if present, is returned as an empty path.
 */
int cpio_next(const struct source *archive, uint32_t *position,
              struct cpio_entry *entry);

/* Step over what separates components: slashes and components ".". */
const char *cpio_skip_separators(const char *path);
