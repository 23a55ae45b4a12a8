/* SPDX-License-Identifier: MIT */
/*
 * System calls that move bytes: read and write in all their forms, positions,
 * lengths. User memory is a list of segments, of which read and write have one;
 * bytes pass through a buffer on the stack, because neither a page of an object
 * nor the console's input may be held while user memory faults. What fits in
 * that buffer reaches the console in one piece.
 *
 * A file's lock is held from reading its position to moving it.
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

/* User memory still to be filled or emptied. */
struct segments {
    uint32_t vector, count; /* further ones: an array in user memory */
    uint32_t base, bytes;   /* the one we are in */
    uint32_t total;         /* bytes in all of them */
};

/* The next segment that is not empty; false at the end. */
static bool next_segment(struct segments *s)
{
    while (!s->bytes && s->count) {
        struct abi_iovec v;
        if (copy_from_user(&v, user_ptr_at(s->vector), sizeof(v)))
            v = (struct abi_iovec){.base = UINT32_MAX, .bytes = 1};
        s->vector += sizeof(v);
        s->count--;
        s->base = v.base;
        s->bytes = v.bytes < s->total ? v.bytes : s->total;
    }
    return s->bytes != 0;
}

/*
 * Copy between the segments and a buffer, a user page at a time, so that all
 * up to a bad page counts: how many bytes, or -EFAULT if the first is bad.
 */
static int transfer(struct segments *s, char *buffer, uint32_t bytes, bool out)
{
    uint32_t done = 0;
    while (done < bytes && next_segment(s)) {
        uint32_t count = bytes - done < s->bytes ? bytes - done : s->bytes;
        uint32_t room = PAGE_SIZE - (s->base & PAGE_MASK);
        if (count > room)
            count = room;
        user_ptr at = user_ptr_at(s->base);
        int error = out ? copy_to_user(at, buffer + done, count)
                        : copy_from_user(buffer + done, at, count);
        if (error)
            return done ? (int)done : error;
        s->base += count;
        s->bytes -= count;
        s->total -= count;
        done += count;
    }
    return (int)done;
}

static int one_segment(struct segments *s, uint32_t base, uint32_t bytes)
{
    if (bytes > ABI_BYTES_MAX)
        bytes = ABI_BYTES_MAX;
    *s = (struct segments){.base = base, .bytes = bytes, .total = bytes};
    return (int32_t)bytes;
}

/* Checks all lengths first: a bad one is an error before anything is moved. */
static int many_segments(struct segments *s, uint32_t vector, uint32_t count)
{
    *s = (struct segments){.vector = vector, .count = count};
    if (count > ABI_IOV_MAX)
        return -EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        struct abi_iovec v;
        user_ptr at = user_ptr_at(vector + i * (uint32_t)sizeof(v));
        if (copy_from_user(&v, at, sizeof(v)))
            return -EFAULT;
        if ((int32_t)v.bytes < 0)
            return -EINVAL;
        s->total = v.bytes < ABI_BYTES_MAX - s->total ? s->total + v.bytes
                                                      : ABI_BYTES_MAX;
    }
    return 0;
}

/* The memory is looked at before input is taken, so that none gets lost. */
static int32_t read_console(struct segments *s)
{
    char buffer[BUFFER];
    if (!next_segment(s))
        return 0;
    uint32_t bytes = s->bytes < BUFFER ? s->bytes : BUFFER;
    struct mm *mm = current_task()->mm;
    if (mm_fault(mm, s->base, MAP_WRITE) ||
        mm_fault(mm, s->base + bytes - 1, MAP_WRITE))
        return -EFAULT;
    int count = console_read(buffer, bytes);
    if (count == -EINTR)
        return -ERESTART;
    return count <= 0 ? count : transfer(s, buffer, (uint32_t)count, true);
}

static int32_t write_console(struct segments *s)
{
    char buffer[BUFFER];
    int32_t done = 0;
    while (s->total && !(done && wait_killed())) {
        int count = transfer(s, buffer, BUFFER, false);
        if (count <= 0)
            return done ? done : count;
        console_write(buffer, (uint32_t)count);
        done += count;
    }
    return done;
}

static int32_t read_object(struct object *object, struct segments *s,
                           uint64_t *position)
{
    char buffer[BUFFER];
    int32_t done = 0;
    while (s->total && *position < UINT32_MAX && !(done && wait_killed())) {
        uint32_t bytes = s->total < BUFFER ? s->total : BUFFER;
        int count = object_read(object, (uint32_t)*position, buffer, bytes);
        if (count > 0)
            count = transfer(s, buffer, (uint32_t)count, true);
        if (count <= 0)
            return done ? done : count;
        *position += (uint32_t)count;
        done += count;
    }
    return done;
}

static int32_t write_object(struct object *object, struct segments *s,
                            uint64_t *position)
{
    char buffer[BUFFER];
    int32_t done = 0;
    while (s->total && !(done && wait_killed())) {
        if (*position >= UINT32_MAX)
            return done ? done : -EFBIG;
        int count = transfer(s, buffer, BUFFER, false);
        int error = count < 0 ? count
                              : object_write(object, (uint32_t)*position,
                                             buffer, (uint32_t)count);
        if (error)
            return done ? done : error;
        *position += (uint32_t)count;
        done += count;
    }
    return done;
}

static int32_t move(struct file *file, struct segments *s, bool out,
                    uint64_t *position)
{
    if (out ? !file_readable(file) : !file_writable(file))
        return -EBADF;
    if ((file->mode & ABI_S_IFMT) == ABI_S_IFDIR)
        return -EISDIR;
    if (!file->object)
        return out ? read_console(s) : write_console(s);
    return out ? read_object(file->object, s, position)
               : write_object(file->object, s, position);
}

/* At the file's position, which moves; the console has none. */
static int32_t move_on(uint32_t number, struct segments *s, int32_t error,
                       bool out)
{
    struct file *file = file_of(number);
    if (!file)
        return -EBADF;
    if (error < 0) {
        file_put(file);
        return error;
    }
    if (file->object) {
        mutex_lock(&file->lock);
        if (!out && file->flags & ABI_O_APPEND)
            file->position = file->object->bytes;
        error = move(file, s, out, &file->position);
        mutex_unlock(&file->lock);
    } else {
        error = move(file, s, out, NULL);
    }
    file_put(file);
    return error;
}

/* fd, buffer, bytes */
int32_t sys_read(const uint32_t *arg)
{
    struct segments s;
    int error = one_segment(&s, arg[1], arg[2]);
    return move_on(arg[0], &s, error, true);
}

int32_t sys_write(const uint32_t *arg)
{
    struct segments s;
    int error = one_segment(&s, arg[1], arg[2]);
    return move_on(arg[0], &s, error, false);
}

/* fd, vector, count */
int32_t sys_readv(const uint32_t *arg)
{
    struct segments s;
    int error = many_segments(&s, arg[1], arg[2]);
    return move_on(arg[0], &s, error, true);
}

int32_t sys_writev(const uint32_t *arg)
{
    struct segments s;
    int error = many_segments(&s, arg[1], arg[2]);
    return move_on(arg[0], &s, error, false);
}

/* fd, buffer, bytes, offset in two words */
static int32_t move_at(const uint32_t *arg, bool out)
{
    struct segments s;
    uint64_t position = arg[3] | (uint64_t)arg[4] << 32;
    if ((int64_t)position < 0)
        return -EINVAL;
    struct file *file = file_of(arg[0]);
    if (!file)
        return -EBADF;
    one_segment(&s, arg[1], arg[2]);
    bool console = (file->mode & ABI_S_IFMT) == ABI_S_IFCHR;
    int32_t result = console ? -ESPIPE : move(file, &s, out, &position);
    file_put(file);
    return result;
}

int32_t sys_pread64(const uint32_t *arg)
{
    return move_at(arg, true);
}

int32_t sys_pwrite64(const uint32_t *arg)
{
    return move_at(arg, false);
}

static int seek(struct file *file, int64_t offset, uint32_t whence,
                int64_t *position)
{
    int64_t base = 0;
    if (file->flags & ABI_O_PATH)
        return -EBADF;
    if ((file->mode & ABI_S_IFMT) == ABI_S_IFCHR)
        return -ESPIPE;
    mutex_lock(&file->lock);
    if (whence == ABI_SEEK_CUR)
        base = (int64_t)file->position;
    else if (whence == ABI_SEEK_END && file->object)
        base = file->object->bytes;
    /* A sum that wraps is negative, too: the base is not. */
    *position = (int64_t)((uint64_t)base + (uint64_t)offset);
    int error = whence > ABI_SEEK_END || *position < 0 ? -EINVAL : 0;
    if (!error)
        file->position = (uint64_t)*position;
    mutex_unlock(&file->lock);
    return error;
}

/* fd, offset, whence */
int32_t sys_lseek(const uint32_t *arg)
{
    int64_t position;
    struct file *file = file_of(arg[0]);
    if (!file)
        return -EBADF;
    int error = seek(file, (int32_t)arg[1], arg[2], &position);
    file_put(file);
    if (error)
        return error;
    return position > INT32_MAX ? -EOVERFLOW : (int32_t)position;
}

/* fd, offset high, offset low, where to put the position, whence */
int32_t sys__llseek(const uint32_t *arg)
{
    int64_t position;
    struct file *file = file_of(arg[0]);
    if (!file)
        return -EBADF;
    int error = seek(file, (int64_t)((uint64_t)arg[1] << 32 | arg[2]), arg[4],
                     &position);
    file_put(file);
    return error
               ? error
               : copy_to_user(user_ptr_at(arg[3]), &position, sizeof(position));
}

static int32_t resize(uint32_t number, uint64_t bytes)
{
    if ((int64_t)bytes < 0)
        return -EINVAL;
    struct file *file = file_of(number);
    if (!file)
        return -EBADF;
    int error = file->flags & ABI_O_PATH ? -EBADF
                : !file->object || !file_writable(file)
                    ? -EINVAL
                    : object_resize(file->object, bytes);
    file_put(file);
    return error;
}

int32_t sys_ftruncate(const uint32_t *arg)
{
    return resize(arg[0], (uint64_t)(int32_t)arg[1]);
}

int32_t sys_ftruncate64(const uint32_t *arg)
{
    return resize(arg[0], arg[1] | (uint64_t)arg[2] << 32);
}
