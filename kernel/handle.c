/* SPDX-License-Identifier: MIT */
/*
 * Tables of handles. An entry is a word: a pointer to the file, its lowest bit
 * close-on-exec; 0 is free. The first 32 lie in the table's record, since most
 * tasks have no more; then the entries are in frames of 1024, which are only
 * added, never moved, but for those first ones.
 */
#include "kernel/handle.h"

#include "kernel/abi/linux_file.h"
#include "kernel/limits.h"
#include "kernel/panic.h"
#include "kernel/path.h"
#include "kernel/string.h"
#include "kernel/task.h"
#include "machine/cpu.h"
#include "mm/frame.h"
#include "mm/object.h"
#include "mm/slab.h"

#define FIRST 32u
#define CHUNK (PAGE_SIZE / sizeof(uintptr_t))

#define CLOSE_ON_EXEC 1u

struct handles {
    uint32_t references; /* atomic */
    uint32_t umask;      /* atomic */
    struct spinlock lock;
    /* Guarded by lock. */
    uint32_t capacity; /* entries that there is room for */
    uintptr_t *chunk[HANDLES_MAX / CHUNK];
    uintptr_t first[FIRST];
};

static struct slab_cache handles_cache =
    SLAB_CACHE("handle tables", sizeof(struct handles), 16);
static struct slab_cache file_cache =
    SLAB_CACHE("files", sizeof(struct file), 16);

struct file *file_create(const struct file *wanted)
{
    struct file *file = slab_alloc(&file_cache);
    if (!file) {
        if (wanted->object)
            object_put(wanted->object);
        path_free(wanted->path);
        return NULL;
    }
    *file = *wanted;
    file->references = 1;
    mutex_init(&file->lock, "file", MUTEX_FILE);
    return file;
}

void file_get(struct file *file)
{
    __atomic_fetch_add(&file->references, 1, __ATOMIC_RELAXED);
}

void file_put(struct file *file)
{
    if (__atomic_sub_fetch(&file->references, 1, __ATOMIC_ACQ_REL))
        return;
    if (file->object)
        object_put(file->object);
    path_free(file->path);
    slab_free(&file_cache, file);
}

bool file_readable(const struct file *file)
{
    return !(file->flags & ABI_O_PATH) &&
           (file->flags & ABI_O_ACCESS) != ABI_O_WRONLY;
}

bool file_writable(const struct file *file)
{
    return !(file->flags & ABI_O_PATH) &&
           (file->flags & ABI_O_ACCESS) != ABI_O_RDONLY;
}

int file_object(struct file *file, struct object **object)
{
    if (file->flags & ABI_O_PATH)
        return -EBADF;
    if (!file_readable(file))
        return -EACCES;
    if (!file->object)
        return -ENODEV;
    *object = file->object;
    object_get(*object);
    return 0;
}

/* --- A table. Locked, or known to nobody else ------------------------------
 */

static struct handles *create(void)
{
    struct handles *handles = slab_alloc_zeroed(&handles_cache);
    if (!handles)
        return NULL;
    handles->references = 1;
    handles->umask = 022;
    spin_init(&handles->lock, "handles", RANK_HANDLES);
    handles->capacity = FIRST;
    handles->chunk[0] = handles->first;
    return handles;
}

static uintptr_t *entry(struct handles *handles, uint32_t number)
{
    return number < handles->capacity
               ? &handles->chunk[number / CHUNK][number % CHUNK]
               : NULL;
}

static struct file *file_in(uintptr_t entry)
{
    return (struct file *)(entry & ~CLOSE_ON_EXEC);
}

/* Make room for handle `number`. */
static int grow(struct handles *handles, uint32_t number)
{
    while (number >= handles->capacity) {
        struct frame *frame = frame_alloc_zeroed(FRAME_LOW);
        if (!frame)
            return -ENOMEM;
        uintptr_t *chunk = frame_virtual(frame);
        if (handles->capacity == FIRST) {
            memcpy(chunk, handles->first, sizeof(handles->first));
            handles->capacity = 0;
        }
        handles->chunk[handles->capacity / CHUNK] = chunk;
        handles->capacity += CHUNK;
    }
    return 0;
}

struct handles *handles_get(struct handles *handles)
{
    if (handles)
        __atomic_fetch_add(&handles->references, 1, __ATOMIC_RELAXED);
    return handles;
}

void handles_put(struct handles *handles)
{
    if (!handles ||
        __atomic_sub_fetch(&handles->references, 1, __ATOMIC_ACQ_REL))
        return;
    for (uint32_t i = 0; i < handles->capacity; i++) {
        struct file *file = file_in(*entry(handles, i));
        if (file)
            file_put(file);
    }
    for (uint32_t i = 0;
         handles->capacity > FIRST && i < handles->capacity / CHUNK; i++)
        frame_put(frame_of_virtual(handles->chunk[i]));
    slab_free(&handles_cache, handles);
}

int handles_create_console(struct handles **handles)
{
    struct file *console = file_create(&(struct file){
        .mode = ABI_S_IFCHR | 0620, .inode = 1, .flags = ABI_O_RDWR});
    *handles = console ? create() : NULL;
    if (!*handles) {
        if (console)
            file_put(console);
        return -ENOMEM;
    }
    console->references = 3;
    for (uint32_t i = 0; i < 3; i++)
        (*handles)->first[i] = (uintptr_t)console;
    return 0;
}

int handles_copy(struct handles *from, struct handles **copy)
{
    *copy = from ? create() : NULL;
    if (!from || !*copy)
        return from ? -ENOMEM : 0;
    (*copy)->umask = from->umask;
    spin_lock(&from->lock);
    int error = from->capacity > FIRST ? grow(*copy, from->capacity - 1) : 0;
    for (uint32_t i = 0; !error && i < from->capacity; i++) {
        uintptr_t word = *entry(from, i);
        if (word)
            file_get(file_in(word));
        *entry(*copy, i) = word;
    }
    spin_unlock(&from->lock);
    if (error) {
        handles_put(*copy);
        *copy = NULL;
    }
    return error;
}

int handles_exec(void)
{
    struct task *self = current_task();
    struct handles *old = self->handles, *handles = old;
    if (__atomic_load_n(&old->references, __ATOMIC_ACQUIRE) > 1) {
        int error = handles_copy(old, &handles);
        if (error)
            return error;
        self->handles = handles;
        handles_put(old);
    }
    for (uint32_t i = 0; i < handles->capacity; i++)
        if (*entry(handles, i) & CLOSE_ON_EXEC)
            handle_close(i);
    return 0;
}

uint32_t handles_umask(uint32_t mask)
{
    return __atomic_exchange_n(&current_task()->handles->umask, mask,
                               __ATOMIC_RELAXED);
}

/* --- The current task's ----------------------------------------------------
 */

static uint32_t limit(void)
{
    uint64_t handles = limit_of(ABI_RLIMIT_NOFILE);
    return handles < HANDLES_MAX ? (uint32_t)handles : HANDLES_MAX;
}

struct file *file_of(uint32_t number)
{
    struct handles *handles = current_task()->handles;
    spin_lock(&handles->lock);
    uintptr_t *e = entry(handles, number);
    struct file *file = e ? file_in(*e) : NULL;
    if (file)
        file_get(file);
    spin_unlock(&handles->lock);
    return file;
}

int handle_add(struct file *file, uint32_t lowest, bool close_on_exec)
{
    struct handles *handles = current_task()->handles;
    uint32_t number = lowest, end = limit();
    int result = lowest < end ? 0 : -EINVAL;
    uintptr_t *e;
    spin_lock(&handles->lock);
    while (!result && number < end && (e = entry(handles, number)) && *e)
        number++;
    if (!result)
        result = number < end ? grow(handles, number) : -EMFILE;
    if (!result) {
        *entry(handles, number) =
            (uintptr_t)file | (close_on_exec ? CLOSE_ON_EXEC : 0);
        result = (int)number;
    }
    spin_unlock(&handles->lock);
    if (result < 0)
        file_put(file);
    return result;
}

int handle_replace(struct file *file, uint32_t number, bool close_on_exec)
{
    struct handles *handles = current_task()->handles;
    int error = number < limit() ? 0 : -EBADF;
    spin_lock(&handles->lock);
    if (!error)
        error = grow(handles, number);
    if (!error) {
        uintptr_t *e = entry(handles, number);
        struct file *old = file_in(*e);
        *e = (uintptr_t)file | (close_on_exec ? CLOSE_ON_EXEC : 0);
        file = old;
    }
    spin_unlock(&handles->lock);
    if (file)
        file_put(file);
    return error ? error : (int)number;
}

int handle_close(uint32_t number)
{
    struct handles *handles = current_task()->handles;
    struct file *file = NULL;
    spin_lock(&handles->lock);
    uintptr_t *e = entry(handles, number);
    if (e) {
        file = file_in(*e);
        *e = 0;
    }
    spin_unlock(&handles->lock);
    if (!file)
        return -EBADF;
    file_put(file);
    return 0;
}

int handle_close_on_exec(uint32_t number, bool set, bool value)
{
    struct handles *handles = current_task()->handles;
    int result = -EBADF;
    spin_lock(&handles->lock);
    uintptr_t *e = entry(handles, number);
    if (e && *e) {
        if (set)
            *e = (*e & ~CLOSE_ON_EXEC) | (value ? CLOSE_ON_EXEC : 0);
        result = *e & CLOSE_ON_EXEC;
    }
    spin_unlock(&handles->lock);
    return result;
}
