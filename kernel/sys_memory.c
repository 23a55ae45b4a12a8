/* SPDX-License-Identifier: MIT */
/*
 * System calls about memory: Linux's arguments on one side, areas (mm/map.h)
 * on the other.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux.h"
#include "kernel/abi/linux_file.h"
#include "kernel/handle.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/area.h"
#include "mm/map.h"
#include "mm/mm.h"
#include "mm/object.h"

_Static_assert(ABI_PROT_ALL == AREA_ACCESS, "areas have Linux's bits");

int32_t sys_brk(const uint32_t *arg)
{
    return (int32_t)mm_set_break(current_task()->mm, arg[0]);
}

/* What a mapping of a handle shows; takes a reference. */
static int object_of_handle(uint32_t handle, uint32_t protection, bool shared,
                            struct area *like)
{
    struct file *file = file_of(handle);
    if (!file)
        return -EBADF;
    bool no_write = shared && !(file->flags & ABI_O_RDWR);
    int error = no_write && protection & AREA_WRITE        ? -EACCES
                : (file->mode & ABI_S_IFMT) != ABI_S_IFREG ? -ENODEV
                                                           : 0;
    if (no_write)
        like->flags |= AREA_NO_WRITE;
    if (!error) {
        like->object = file->object;
        object_get(file->object);
    }
    file_put(file);
    return error;
}

static bool handle_is_open(uint32_t handle)
{
    struct file *file = file_of(handle);
    if (file)
        file_put(file);
    return file != NULL;
}

/* What is to be mapped: a reference to like->object unless that is NULL. */
static int what_to_map(const uint32_t *arg, uint32_t bytes, struct area *like)
{
    uint32_t type = arg[3] & ABI_MAP_TYPE;
    bool shared = type != ABI_MAP_PRIVATE;
    bool anonymous = arg[3] & ABI_MAP_ANONYMOUS;
    if (type != ABI_MAP_PRIVATE && type != ABI_MAP_SHARED &&
        (type != ABI_MAP_SHARED_VALIDATE || anonymous))
        return -EINVAL;
    if (type == ABI_MAP_SHARED_VALIDATE && arg[3] & ~ABI_MAP_KNOWN)
        return -EOPNOTSUPP;
    if (arg[3] & ABI_MAP_HUGETLB ||
        (anonymous && shared && arg[3] & ABI_MAP_GROWSDOWN))
        return -EINVAL;
    like->flags = (arg[2] & ABI_PROT_ALL) | (shared ? AREA_SHARED : 0);
    if (!anonymous)
        return object_of_handle(arg[4], arg[2], shared, like);
    if (!shared) {
        if (arg[3] & ABI_MAP_GROWSDOWN)
            like->flags |= AREA_STACK;
        return 0;
    }
    like->offset = 0; /* nobody else can show other parts of it */
    like->object = object_create(bytes);
    return like->object ? 0 : -ENOMEM;
}

/* address, length, protection, flags, handle, offset in pages */
int32_t sys_mmap2(const uint32_t *arg)
{
    struct mm *mm = current_task()->mm;
    struct area like = {.offset = arg[5]};
    uint32_t bytes = round_up(arg[1], PAGE_SIZE);
    enum map_place place = arg[3] & ABI_MAP_FIXED_NOREPLACE ? MAP_IF_FREE
                           : arg[3] & ABI_MAP_FIXED         ? MAP_FIXED
                                                            : MAP_HINT;
    if (!(arg[3] & ABI_MAP_ANONYMOUS) && !handle_is_open(arg[4]))
        return -EBADF;
    if (!arg[1])
        return -EINVAL;
    if (!bytes || bytes > USER_END)
        return -ENOMEM;
    if (arg[5] + (bytes >> PAGE_SHIFT) < arg[5])
        return -EOVERFLOW;
    int error = what_to_map(arg, bytes, &like);
    if (error)
        return error;
    int32_t at = mm_map(mm, arg[0], bytes, place, &like);
    if (like.object)
        object_put(like.object);
    if (!IS_ERROR(at) && arg[3] & ABI_MAP_POPULATE && like.flags & AREA_ACCESS)
        mm_populate(mm, (uint32_t)at, bytes);
    return at;
}

/* The same from a structure, with the offset in bytes. */
int32_t sys_mmap(const uint32_t *arg)
{
    uint32_t inner[6];
    if (copy_from_user(inner, user_ptr_at(arg[0]), sizeof(inner)))
        return -EFAULT;
    if (inner[5] & PAGE_MASK)
        return -EINVAL;
    inner[5] >>= PAGE_SHIFT;
    return sys_mmap2(inner);
}

int32_t sys_munmap(const uint32_t *arg)
{
    return mm_unmap(current_task()->mm, arg[0], arg[1]);
}

/* start, length, protection */
int32_t sys_mprotect(const uint32_t *arg)
{
    uint32_t grows = arg[2] & (ABI_PROT_GROWSDOWN | ABI_PROT_GROWSUP);
    if (arg[2] & ~(ABI_PROT_ALL | grows) || grows)
        return -EINVAL;
    return mm_protect(current_task()->mm, arg[0], arg[1], arg[2]);
}

/* old address, old length, new length, flags, new address */
int32_t sys_mremap(const uint32_t *arg)
{
    return mm_remap(current_task()->mm, arg[0], arg[1], arg[2], arg[3], arg[4]);
}

/* start, length, advice */
int32_t sys_madvise(const uint32_t *arg)
{
    return mm_advise(current_task()->mm, arg[0], arg[1], arg[2]);
}

#define MINCORE_PAGES 256 /* looked at at once */

/* start, length, vector: a byte a page */
int32_t sys_mincore(const uint32_t *arg)
{
    uint8_t present[MINCORE_PAGES];
    uint32_t bytes = round_up(arg[1], PAGE_SIZE), done = 0;
    if (arg[0] & PAGE_MASK)
        return -EINVAL;
    if (arg[0] > USER_END || arg[1] > USER_END - arg[0])
        return -ENOMEM;
    while (done < bytes) {
        uint32_t part = bytes - done, pages;
        if (part > MINCORE_PAGES * PAGE_SIZE)
            part = MINCORE_PAGES * PAGE_SIZE;
        pages = part >> PAGE_SHIFT;
        int error =
            mm_covered(current_task()->mm, arg[0] + done, part, present);
        if (error)
            return error;
        if (copy_to_user(user_ptr_at(arg[2] + (done >> PAGE_SHIFT)), present,
                         pages))
            return -EFAULT;
        done += part;
    }
    return 0;
}

/* All of mlock but that the pages are brought in; or its opposite. */
static int32_t set_locked(uint32_t start, uint32_t length, bool locked)
{
    struct mm *mm = current_task()->mm;
    uint32_t from = round_down(start, PAGE_SIZE);
    uint32_t bytes = round_up(start - from + length, PAGE_SIZE);
    if (length && (bytes < length || from + bytes < from))
        return -EINVAL;
    int error = mm_covered(mm, from, bytes, NULL);
    return error ? error : mm_set_locked(mm, from, bytes, locked);
}

int32_t sys_mlock(const uint32_t *arg)
{
    int error = set_locked(arg[0], arg[1], true);
    if (!error)
        mm_populate(current_task()->mm, round_down(arg[0], PAGE_SIZE),
                    arg[1] + (arg[0] & PAGE_MASK));
    return error;
}

/* start, length, flags: MLOCK_ONFAULT */
int32_t sys_mlock2(const uint32_t *arg)
{
    if (arg[2] & ~1u)
        return -EINVAL;
    return arg[2] ? set_locked(arg[0], arg[1], true) : sys_mlock(arg);
}

int32_t sys_munlock(const uint32_t *arg)
{
    return set_locked(arg[0], arg[1], false);
}

/*
 * flags: MCL_CURRENT 1, MCL_FUTURE 2, which is not kept, MCL_ONFAULT 4, which
 * means nothing alone. What is not in memory now is not brought in.
 */
int32_t sys_mlockall(const uint32_t *arg)
{
    if (!arg[0] || arg[0] == 4 || arg[0] & ~7u)
        return -EINVAL;
    if (arg[0] & 1)
        (void)mm_set_locked(current_task()->mm, 0, USER_END, true);
    return 0;
}

int32_t sys_munlockall(const uint32_t *arg)
{
    (void)arg;
    (void)mm_set_locked(current_task()->mm, 0, USER_END, false);
    return 0;
}

/* start, length, flags: there is no store behind memory to write to. */
int32_t sys_msync(const uint32_t *arg)
{
    uint32_t bytes = round_up(arg[1], PAGE_SIZE);
    if (arg[2] & ~(ABI_MS_ASYNC | ABI_MS_INVALIDATE | ABI_MS_SYNC) ||
        arg[0] & PAGE_MASK ||
        (arg[2] & (ABI_MS_ASYNC | ABI_MS_SYNC)) == (ABI_MS_ASYNC | ABI_MS_SYNC))
        return -EINVAL;
    if ((arg[1] && !bytes) || arg[0] + bytes < arg[0])
        return -ENOMEM;
    return mm_covered(current_task()->mm, arg[0], bytes, NULL);
}
