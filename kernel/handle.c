/* SPDX-License-Identifier: MIT */
/*
 * Tables of handles. An entry is a word: a pointer to the file, its lowest bit
 * close-on-exec; 0 is free. Most programs have few open: the first FEW entries
 * lie in the table itself, and a frame takes their place when more are needed.
 */
#include "kernel/handle.h"

#include "kernel/abi/linux_file.h"
#include "kernel/limits.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/frame.h"
#include "mm/object.h"
#include "mm/slab.h"

#define CLOSE_ON_EXEC 1u

#define FEW 8u
_Static_assert(HANDLES_MAX * sizeof(uintptr_t) <= PAGE_SIZE, "one frame");

struct handles {
    uint32_t references; /* atomic */
    struct spinlock lock;
    /* Guarded by lock. */
    uint32_t end;     /* no handle from here on is open */
    uintptr_t *entry; /* `few`, or HANDLES_MAX in a low frame: for good */
    uintptr_t few[FEW];
};

static struct slab_cache handles_cache =
    SLAB_CACHE("handles", sizeof(struct handles), 4);

static struct slab_cache file_cache =
    SLAB_CACHE("files", sizeof(struct file), 16);

struct file *file_create(struct object *object, uint32_t mode, uint32_t flags)
{
    struct file *file = slab_alloc_zeroed(&file_cache);
    if (!file) {
        if (object)
            object_put(object);
        return NULL;
    }
    file->object = object;
    file->mode = mode;
    file->flags = flags;
    file->references = 1;
    mutex_init(&file->lock, "file", MUTEX_FILE);
    return file;
}

static void file_get(struct file *file)
{
    __atomic_fetch_add(&file->references, 1, __ATOMIC_RELAXED);
}

void file_put(struct file *file)
{
    if (__atomic_sub_fetch(&file->references, 1, __ATOMIC_ACQ_REL))
        return;
    if (file->object)
        object_put(file->object);
    slab_free(&file_cache, file);
}

static struct file *file_in(uintptr_t entry)
{
    return (struct file *)(entry & ~CLOSE_ON_EXEC);
}

static uintptr_t entry_of(struct file *file, bool close_on_exec)
{
    return (uintptr_t)file | (close_on_exec ? CLOSE_ON_EXEC : 0);
}

/* --- Tables --------------------------------------------------------------- */

static struct handles *create(void)
{
    struct handles *handles = slab_alloc_zeroed(&handles_cache);
    if (!handles)
        return NULL;
    handles->references = 1;
    handles->entry = handles->few;
    spin_init(&handles->lock, "handles", RANK_HANDLES);
    return handles;
}

/*
 * Make the entries of a table, which is locked or nobody else's yet, reach up
 * to `end` at least: false for no memory.
 */
static bool reach(struct handles *handles, uint32_t end)
{
    if (end <= FEW || handles->entry != handles->few)
        return true;
    struct frame *frame = frame_alloc_zeroed(FRAME_LOW);
    if (!frame)
        return false;
    handles->entry = frame_virtual(frame);
    memcpy(handles->entry, handles->few, sizeof(handles->few));
    return true;
}

struct handles *handles_get(struct handles *handles)
{
    __atomic_fetch_add(&handles->references, 1, __ATOMIC_RELAXED);
    return handles;
}

void handles_put(struct handles *handles)
{
    if (!handles ||
        __atomic_sub_fetch(&handles->references, 1, __ATOMIC_ACQ_REL))
        return;
    for (uint32_t i = 0; i < handles->end; i++)
        if (handles->entry[i])
            file_put(file_in(handles->entry[i]));
    if (handles->entry != handles->few)
        frame_put(frame_of_virtual(handles->entry));
    slab_free(&handles_cache, handles);
}

struct handles *handles_create_console(void)
{
    struct handles *handles = create();
    struct file *console =
        handles ? file_create(NULL, ABI_S_IFCHR | 0620, ABI_O_RDWR) : NULL;
    if (!console) {
        handles_put(handles);
        return NULL;
    }
    console->references = 3;
    for (handles->end = 0; handles->end < 3; handles->end++)
        handles->entry[handles->end] = entry_of(console, false);
    return handles;
}

int handles_copy(struct handles *from, struct handles **copy)
{
    struct handles *to = create();
    if (!to)
        return -ENOMEM;
    spin_lock(&from->lock);
    bool fits = reach(to, from->end);
    to->end = fits ? from->end : 0;
    for (uint32_t i = 0; i < to->end; i++) {
        to->entry[i] = from->entry[i];
        if (to->entry[i])
            file_get(file_in(to->entry[i]));
    }
    spin_unlock(&from->lock);
    if (fits)
        *copy = to;
    else
        handles_put(to);
    return fits ? 0 : -ENOMEM;
}

int handles_exec(void)
{
    struct task *self = current_task();
    struct handles *old = self->handles;
    if (__atomic_load_n(&old->references, __ATOMIC_ACQUIRE) > 1) {
        struct handles *own;
        int error = handles_copy(old, &own);
        if (error)
            return error;
        self->handles = own;
        handles_put(old);
    }
    for (uint32_t i = 0; i < self->handles->end; i++)
        if (self->handles->entry[i] & CLOSE_ON_EXEC)
            handle_close(i);
    return 0;
}

/* --- The current task's --------------------------------------------------- */

static uint32_t limit(void)
{
    uint64_t handles = limit_of(ABI_RLIMIT_NOFILE);
    return handles < HANDLES_MAX ? (uint32_t)handles : HANDLES_MAX;
}

struct file *file_of(uint32_t number)
{
    struct handles *handles = current_task()->handles;
    struct file *file = NULL;
    spin_lock(&handles->lock);
    if (number < handles->end && (file = file_in(handles->entry[number])))
        file_get(file);
    spin_unlock(&handles->lock);
    return file;
}

/*
 * Change an entry below HANDLES_MAX: 0 and the file that it was, or -ENOMEM.
 * Only what is beyond all that is open needs room, so closing cannot fail.
 */
static int change(struct handles *handles, uint32_t number, uintptr_t entry,
                  struct file **old) REQUIRES(handles->lock)
{
    *old = number < handles->end ? file_in(handles->entry[number]) : NULL;
    if (number >= handles->end && entry) {
        if (!reach(handles, number + 1))
            return -ENOMEM;
        handles->end = number + 1;
    }
    if (number < handles->end)
        handles->entry[number] = entry;
    return 0;
}

int handle_replace(struct file *file, uint32_t number, bool close_on_exec)
{
    struct handles *handles = current_task()->handles;
    struct file *old;
    int error = -EBADF;
    if (number < limit()) {
        spin_lock(&handles->lock);
        error = change(handles, number, entry_of(file, close_on_exec), &old);
        spin_unlock(&handles->lock);
    }
    if (error)
        old = file;
    if (old)
        file_put(old);
    return error ? error : (int)number;
}

int handle_close(uint32_t number)
{
    struct handles *handles = current_task()->handles;
    struct file *old;
    spin_lock(&handles->lock);
    (void)change(handles, number, 0, &old);
    spin_unlock(&handles->lock);
    if (old)
        file_put(old);
    return old ? 0 : -EBADF;
}

int handle_add(struct file *file, uint32_t lowest, bool close_on_exec)
{
    struct handles *handles = current_task()->handles;
    struct file *old;
    uint32_t number = lowest, end = limit();
    int error = lowest < end ? -EMFILE : -EINVAL;
    spin_lock(&handles->lock);
    while (number < handles->end && handles->entry[number])
        number++;
    if (number < end)
        error = change(handles, number, entry_of(file, close_on_exec), &old);
    spin_unlock(&handles->lock);
    if (error)
        file_put(file);
    return error ? error : (int)number;
}

bool handle_close_on_exec(uint32_t number)
{
    return current_task()->handles->entry[number] & CLOSE_ON_EXEC;
}
