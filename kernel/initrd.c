/* SPDX-License-Identifier: MIT */
/*
 * Files of the boot modules. What boot learns of a module is only how far it
 * is a good archive; a lookup walks the headers anew, which for some hundred
 * files costs less than one page fault would be worth remembering. The modules
 * never change after boot, so there is no lock.
 */
#include "kernel/initrd.h"

#include "kernel/abi/errno.h"
#include "kernel/abi/query.h"
#include "kernel/cpio.h"
#include "kernel/log.h"
#include "kernel/string.h"
#include "machine/boot.h"

struct module {
    struct source archive;
    uint32_t good; /* entries from here on are not looked at */
};

static struct module modules[BOOT_MODULES]; /* fixed after initrd_init() */
static uint32_t module_count;

/* The next entry of a module's good part: true if there was one. */
static bool next_entry(const struct module *module, uint32_t *position,
                       struct cpio_entry *entry)
{
    while (*position < module->good) {
        int result = cpio_next(&module->archive, position, entry);
        if (result == 1)
            return true;
        if (result != -ENAMETOOLONG)
            break;
    }
    return false;
}

/* Walk a module once: find its good part and report what is wrong. */
static void check_module(uint32_t number, struct module *module)
{
    uint32_t files = 0, too_long = 0, position = 0;
    struct cpio_entry entry;
    int result;
    do {
        module->good = position;
        result = cpio_next(&module->archive, &position, &entry);
        files += result == 1;
        too_long += result == -ENAMETOOLONG;
    } while (result == 1 || result == -ENAMETOOLONG);

    if (too_long)
        log_warn("initrd: boot module %u: %u paths of %u and more characters "
                 "left out",
                 number, too_long, CPIO_PATH);
    if (result == 0)
        log_info("initrd: boot module %u: %u entries, %u bytes", number, files,
                 module->archive.size);
    else if (module->good == 0)
        log_warn("initrd: boot module %u (%u bytes) is not a newc cpio "
                 "archive, it is left out",
                 number, module->archive.size);
    else
        log_warn("initrd: boot module %u is broken at byte %u of %u; the %u "
                 "entries before are used",
                 number, position, module->archive.size, files);
}

void initrd_init(void)
{
    for (uint32_t i = 0; i < boot_info.modules; i++) {
        const struct boot_range *range = &boot_info.module[i];
        struct module *module = &modules[module_count++];
        module->archive = source_of_memory(
            range->start, (uint32_t)(range->end - range->start));
        check_module(i, module);
    }
    if (!module_count)
        log_warn("initrd: the boot loader brought no module, so no files");
}

static bool same_path(const char *a, const char *b)
{
    a = cpio_skip_separators(a);
    b = cpio_skip_separators(b);
    for (;;) {
        while (*a && *a != '/' && *a == *b) {
            a++;
            b++;
        }
        if ((*a && *a != '/') || (*b && *b != '/'))
            return false; /* a component differs, or is longer in one */
        a = cpio_skip_separators(a);
        b = cpio_skip_separators(b);
        if (!*a || !*b)
            return *a == *b;
    }
}

/* A file of several names has its bytes with the last of them: find those. */
static void find_linked(const struct module *module, struct cpio_entry *found)
{
    uint32_t inode = found->inode, position = 0;
    struct cpio_entry entry;
    while (next_entry(module, &position, &entry)) {
        if (entry.links > 1 && entry.inode == inode && entry.size) {
            found->data = entry.data;
            found->size = entry.size;
        }
    }
}

#define MODE_TYPE    0170000u
#define MODE_REGULAR 0100000u

/* The last entry of that path in the module. */
static bool find_in_module(const struct module *module, const char *path,
                           struct cpio_entry *found)
{
    bool any = false;
    uint32_t position = 0;
    struct cpio_entry entry;
    while (next_entry(module, &position, &entry)) {
        if (same_path(entry.path, path)) {
            *found = entry;
            any = true;
        }
    }
    if (!any)
        return false;
    if (!found->size && found->links > 1 &&
        (found->mode & MODE_TYPE) == MODE_REGULAR)
        find_linked(module, found);
    return true;
}

int initrd_find(const char *path, struct source *file, uint32_t *mode)
{
    struct cpio_entry entry = {.links = 0};
    for (uint32_t i = module_count; i-- > 0;) {
        if (!find_in_module(&modules[i], path, &entry))
            continue;
        *file = source_part(&modules[i].archive, entry.data, entry.size);
        *mode = entry.mode;
        return 0;
    }
    return -ENOENT;
}

bool initrd_row(uint32_t index, struct abi_file *row)
{
    for (uint32_t i = 0; i < module_count; i++) {
        uint32_t position = 0;
        struct cpio_entry entry;
        while (next_entry(&modules[i], &position, &entry)) {
            if (index-- > 0)
                continue;
            memset(row, 0, sizeof(*row));
            string_copy(row->path, entry.path, sizeof(row->path));
            row->size = entry.size;
            row->mode = entry.mode;
            return true;
        }
    }
    return false;
}
