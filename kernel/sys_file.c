/* SPDX-License-Identifier: MIT */
/*
 * System calls that move bytes: read and write in all their forms, positions,
 * lengths. Bytes pass through a buffer on the stack, because neither a page of
 * an object nor the console's input may be held while user memory faults.
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
static struct file *file_begin(uint32_t number)
{
    struct file *file = file_of(number);
    if (file && file->object)
        mutex_lock(&file->lock);
    return file;
}

static void file_end(struct file *file)
{
    if (file->object)
        mutex_unlock(&file->lock);
    file_put(file);
}

/*
 * Copy between user memory and a buffer: how many bytes, which is up to the
 * page's end if the next one is bad, or -EFAULT if this one is.
 */
static int user_copy(uint32_t at, char *buffer, uint32_t bytes, bool out)
{
    uint32_t in_page = PAGE_SIZE - (at & PAGE_MASK);
    for (;;) {
        int error = out ? copy_to_user(user_ptr_at(at), buffer, bytes)
                        : copy_from_user(buffer, user_ptr_at(at), bytes);
        if (!error || bytes <= in_page)
            return error ? error : (int)bytes;
        bytes = in_page;
    }
}

/* The memory is looked at before input is taken, so that none gets lost. */
static int read_console(char *buffer, uint32_t at, uint32_t bytes)
{
    struct mm *mm = current_task()->mm;
    if (mm_fault(mm, at, MAP_WRITE) || mm_fault(mm, at + bytes - 1, MAP_WRITE))
        return -EFAULT;
    int count = console_read(buffer, bytes);
    return count == -EINTR ? -ERESTART : count;
}

static int write_object(struct file *file, uint64_t position, char *buffer,
                        uint32_t bytes)
{
    int error = 0;
    if (position + bytes > file->object->bytes)
        error = object_grow(file->object, position + bytes);
    return error ? error
                 : object_copy(file->object, position, buffer, bytes, false);
}

/* A bufferful; how many bytes, 0 at the end. */
static int move_some(struct file *file, uint64_t position, uint32_t at,
                     uint32_t bytes, bool out)
{
    char buffer[BUFFER];
    int count;
    if (bytes > BUFFER)
        bytes = BUFFER;
    if (out) {
        count = file->object
                    ? object_copy(file->object, position, buffer, bytes, true)
                    : read_console(buffer, at, bytes);
        return count > 0 ? user_copy(at, buffer, (uint32_t)count, true) : count;
    }
    count = user_copy(at, buffer, bytes, false);
    if (count > 0 && file->object)
        return write_object(file, position, buffer, (uint32_t)count);
    if (count > 0)
        console_write(buffer, (uint32_t)count);
    return count;
}

/* What is there is enough: waiting for more could take for ever. */
static bool is_terminal_read(const struct file *file, bool out)
{
    return out && !file->object;
}

/* Out of the file to user memory, or in. An error after some bytes is none. */
static int32_t move(struct file *file, uint64_t *position, uint32_t at,
                    uint32_t bytes, bool out)
{
    int32_t done = 0;
    if (!out && !(file->flags & ABI_O_RDWR))
        return -EBADF;
    if ((file->mode & ABI_S_IFMT) == ABI_S_IFDIR)
        return -EISDIR;
    if (bytes > ABI_BYTES_MAX)
        bytes = ABI_BYTES_MAX;
    if (!out && file->object && file->flags & ABI_O_APPEND)
        *position = file->object->bytes;
    while (bytes && !(done && wait_killed())) {
        int count = move_some(file, *position, at, bytes, out);
        if (count <= 0)
            return done ? done : count;
        *position += (uint32_t)count;
        at += (uint32_t)count;
        bytes -= (uint32_t)count;
        done += count;
        if (is_terminal_read(file, out))
            break;
    }
    return done;
}

/* fd, buffer, bytes */
static int32_t move_one(const uint32_t *arg, bool out)
{
    struct file *file = file_begin(arg[0]);
    if (!file)
        return -EBADF;
    int32_t done = move(file, &file->position, arg[1], arg[2], out);
    file_end(file);
    return done;
}

int32_t sys_read(const uint32_t *arg)
{
    return move_one(arg, true);
}

int32_t sys_write(const uint32_t *arg)
{
    return move_one(arg, false);
}

static int segment_at(uint32_t vector, uint32_t index, struct abi_iovec *v)
{
    user_ptr at = user_ptr_at(vector + index * (uint32_t)sizeof(*v));
    if (copy_from_user(v, at, sizeof(*v)))
        return -EFAULT;
    return (int32_t)v->bytes < 0 ? -EINVAL : 0;
}

static int32_t move_segments(struct file *file, uint32_t vector, uint32_t count,
                             bool out)
{
    struct abi_iovec v;
    int32_t done = 0;
    if (count > ABI_IOV_MAX)
        return -EINVAL;
    /* A bad length is an error before anything is moved. */
    for (uint32_t i = 0; i < count; i++) {
        int error = segment_at(vector, i, &v);
        if (error)
            return error;
    }
    for (uint32_t i = 0; i < count; i++) {
        int32_t moved = segment_at(vector, i, &v);
        if (v.bytes > ABI_BYTES_MAX - (uint32_t)done)
            v.bytes = ABI_BYTES_MAX - (uint32_t)done;
        if (!moved)
            moved = move(file, &file->position, v.base, v.bytes, out);
        if (moved < 0)
            return done ? done : moved;
        done += moved;
        if ((uint32_t)moved < v.bytes || (moved && is_terminal_read(file, out)))
            break;
    }
    return done;
}

/* fd, vector, count */
static int32_t move_many(const uint32_t *arg, bool out)
{
    struct file *file = file_begin(arg[0]);
    if (!file)
        return -EBADF;
    int32_t done = move_segments(file, arg[1], arg[2], out);
    file_end(file);
    return done;
}

int32_t sys_readv(const uint32_t *arg)
{
    return move_many(arg, true);
}

int32_t sys_writev(const uint32_t *arg)
{
    return move_many(arg, false);
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

static int32_t grow(uint32_t number, uint64_t bytes)
{
    struct file *file = file_begin(number);
    if (!file)
        return -EBADF;
    int error =
        (int64_t)bytes < 0 || !file->object || !(file->flags & ABI_O_RDWR)
            ? -EINVAL
            : object_grow(file->object, bytes);
    file_end(file);
    return error;
}

int32_t sys_ftruncate(const uint32_t *arg)
{
    return grow(arg[0], (uint64_t)(int32_t)arg[1]);
}

int32_t sys_ftruncate64(const uint32_t *arg)
{
    return grow(arg[0], arg[1] | (uint64_t)arg[2] << 32);
}
