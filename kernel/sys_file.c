/* SPDX-License-Identifier: MIT */
/*
 * System calls that move bytes: read and write in all their forms, positions,
 * lengths. Only the console can be written: files are read-only, and memory
 * objects are for mapping. Bytes pass through a buffer on the stack, because
 * the console's input may not be held while user memory faults.
 *
 * A file's lock is held from reading its position to moving it. The console
 * has no position, and who reads it must not keep others from writing.
 */
#include "kernel/abi/errno.h"
#include "kernel/abi/linux_file.h"
#include "kernel/console.h"
#include "kernel/handle.h"
#include "kernel/syscall.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "machine/uaccess.h"
#include "mm/mm.h"
#include "mm/object.h"

#define BUFFER 512u /* bytes */

/* The file of a handle, for file_end(); its lock is held if it has bytes. */
static struct file *file_begin(uint32_t number) UNCHECKED_LOCKING
{
    struct file *file = file_of(number);
    if (file && file->object)
        mutex_lock(&file->lock);
    return file;
}

static void file_end(struct file *file) UNCHECKED_LOCKING
{
    if (file->object)
        mutex_unlock(&file->lock);
    file_put(file);
}

/*
 * As much as goes through the buffer and ends with a page of user memory, so
 * that a bad page stops a call after all that was good: how many bytes.
 */
static int move_some(struct file *file, uint64_t position, uint32_t at,
                     uint32_t bytes, bool out)
{
    char buffer[BUFFER];
    uint32_t in_page = PAGE_SIZE - (at & PAGE_MASK);
    bytes = bytes < in_page ? bytes : in_page;
    bytes = bytes < BUFFER ? bytes : BUFFER;
    if (!out) {
        if (copy_from_user(buffer, user_ptr_at(at), bytes))
            return -EFAULT;
        console_write(buffer, bytes);
        return (int)bytes;
    }
    /* The memory is looked at before input is taken, so that none gets lost. */
    if (!file->object && mm_fault(current_task()->mm, at, MAP_WRITE))
        return -EFAULT;
    int count = file->object
                    ? object_read(file->object, position, buffer, bytes)
                    : console_read(buffer, bytes);
    if (count > 0 && copy_to_user(user_ptr_at(at), buffer, (uint32_t)count))
        return -EFAULT;
    return count == -EINTR ? -ERESTART : count;
}

/* Out of the file to user memory, or in. An error after some bytes is none. */
static int32_t move(struct file *file, uint64_t *position, uint32_t at,
                    uint32_t bytes, bool out)
{
    int32_t done = 0;
    if (!out && file->object)
        return file->flags & ABI_O_RDWR ? -EINVAL : -EBADF;
    if ((file->mode & ABI_S_IFMT) == ABI_S_IFDIR)
        return -EISDIR;
    if (bytes > ABI_BYTES_MAX)
        bytes = ABI_BYTES_MAX;
    while ((uint32_t)done < bytes && !(done && wait_killed())) {
        int count = move_some(file, *position, at + (uint32_t)done,
                              bytes - (uint32_t)done, out);
        if (count <= 0)
            return done ? done : count;
        *position += (uint32_t)count;
        done += count;
        if (out && !file->object) /* a line; there may be no other to come */
            break;
    }
    return done;
}

/* Read and write have one segment, all others a vector in user memory. */
static int segment_at(const uint32_t *arg, bool many, uint32_t index,
                      struct abi_iovec *v)
{
    *v = (struct abi_iovec){.base = arg[1], .bytes = arg[2]};
    if (!many)
        return 0;
    user_ptr at = user_ptr_at(arg[1] + index * (uint32_t)sizeof(*v));
    if (copy_from_user(v, at, sizeof(*v)))
        return -EFAULT;
    return (int32_t)v->bytes < 0 ? -EINVAL : 0;
}

static int32_t move_segments(struct file *file, const uint32_t *arg, bool many,
                             bool out)
{
    struct abi_iovec v;
    uint32_t count = many ? arg[2] : 1;
    int32_t done = 0, moved = count > ABI_IOV_MAX ? -EINVAL : 0;
    /* A bad length is an error before anything is moved. */
    for (uint32_t i = 0; !moved && i < count; i++)
        moved = segment_at(arg, many, i, &v);
    for (uint32_t i = 0; moved >= 0 && i < count; i++) {
        moved = segment_at(arg, many, i, &v);
        if (v.bytes > ABI_BYTES_MAX - (uint32_t)done)
            v.bytes = ABI_BYTES_MAX - (uint32_t)done;
        if (!moved)
            moved = move(file, &file->position, v.base, v.bytes, out);
        if (moved > 0)
            done += moved;
        if ((uint32_t)moved < v.bytes || (moved && out && !file->object))
            break;
    }
    return done ? done : moved;
}

/* fd, buffer, bytes; or fd, vector, count */
static int32_t move_all(const uint32_t *arg, bool many, bool out)
{
    struct file *file = file_begin(arg[0]);
    if (!file)
        return -EBADF;
    int32_t done = move_segments(file, arg, many, out);
    file_end(file);
    return done;
}

int32_t sys_read(const uint32_t *arg)
{
    return move_all(arg, false, true);
}

int32_t sys_write(const uint32_t *arg)
{
    return move_all(arg, false, false);
}

int32_t sys_readv(const uint32_t *arg)
{
    return move_all(arg, true, true);
}

int32_t sys_writev(const uint32_t *arg)
{
    return move_all(arg, true, false);
}

/* fd, buffer, bytes, offset in two words */
int32_t sys_pread64(const uint32_t *arg)
{
    uint64_t position = arg[3] | (uint64_t)arg[4] << 32;
    if ((int64_t)position < 0)
        return -EINVAL;
    struct file *file = file_begin(arg[0]);
    if (!file)
        return -EBADF;
    int32_t done =
        file->object ? move(file, &position, arg[1], arg[2], true) : -ESPIPE;
    file_end(file);
    return done;
}

/* The new position or an error. */
static int64_t seek(uint32_t number, int64_t offset, uint32_t whence)
{
    struct file *file = file_begin(number);
    if (!file)
        return -EBADF;
    int64_t position = -ESPIPE;
    if (file->object) {
        uint64_t base = whence == ABI_SEEK_CUR   ? file->position
                        : whence == ABI_SEEK_END ? file->object->bytes
                                                 : 0;
        /* A sum that wraps is negative, too: the base is not. */
        position = (int64_t)(base + (uint64_t)offset);
        if (whence > ABI_SEEK_END || position < 0)
            position = -EINVAL;
        else
            file->position = (uint64_t)position;
    }
    file_end(file);
    return position;
}

/* fd, offset, whence */
int32_t sys_lseek(const uint32_t *arg)
{
    int64_t position = seek(arg[0], (int32_t)arg[1], arg[2]);
    return position > INT32_MAX ? -EOVERFLOW : (int32_t)position;
}

/* fd, offset high, offset low, where to put the position, whence */
int32_t sys__llseek(const uint32_t *arg)
{
    int64_t offset = (int64_t)((uint64_t)arg[1] << 32 | arg[2]);
    int64_t position = seek(arg[0], offset, arg[4]);
    if (position < 0)
        return (int32_t)position;
    return copy_to_user(user_ptr_at(arg[3]), &position, sizeof(position));
}

/* fd, bytes in two words */
int32_t sys_ftruncate64(const uint32_t *arg)
{
    uint64_t bytes = arg[1] | (uint64_t)arg[2] << 32;
    struct file *file = file_begin(arg[0]);
    if (!file)
        return -EBADF;
    bool can = file->object && file->flags & ABI_O_RDWR && !(bytes >> 63);
    int error = can ? object_grow(file->object, bytes) : -EINVAL;
    file_end(file);
    return error;
}

int32_t sys_ftruncate(const uint32_t *arg)
{
    return sys_ftruncate64(
        (uint32_t[]){arg[0], arg[1], (int32_t)arg[1] < 0 ? UINT32_MAX : 0});
}
