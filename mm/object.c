/* SPDX-License-Identifier: MIT */
/*
 * Memory objects. The table of frames is a low frame of 1024 pointers; when a
 * page behind the first 1024 is used it becomes the first of up to 1024 such
 * tables, under a table of them. Frames and tables appear at first use.
 *
 * The invariant that frees memory safely: only this file takes a reference to
 * a frame out of the table, under the object's lock. So a frame found there
 * with one reference, the object's, is mapped nowhere.
 */
#include "mm/object.h"

#include "kernel/abi/errno.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"

#define TABLE 1024u /* pointers in a frame */

static struct slab_cache object_cache =
    SLAB_CACHE("objects", sizeof(struct object), 16);

static struct spinlock files_lock = SPINLOCK("file objects", RANK_OBJECTS);
static struct object *files GUARDED_BY(files_lock);

static uint32_t pages_of(uint32_t bytes)
{
    return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0);
}

/* Above all addresses, which futexes' keys have as well. */
static uint64_t last_serial GUARDED_BY(files_lock) = UINT32_MAX;

static struct object *create(uint32_t bytes) REQUIRES(files_lock)
{
    struct object *object = slab_alloc_zeroed(&object_cache);
    if (!object)
        return NULL;
    object->serial = ++last_serial;
    object->references = 1;
    object->bytes = bytes;
    object->pages = pages_of(bytes);
    mutex_init(&object->lock, "object", MUTEX_OBJECT);
    return object;
}

struct object *object_create(uint32_t pages)
{
    ASSERT(pages <= OBJECT_PAGES_MAX);
    spin_lock(&files_lock);
    struct object *object = create(pages * PAGE_SIZE);
    spin_unlock(&files_lock);
    return object;
}

struct object *object_of_file(const struct source *file)
{
    spin_lock(&files_lock);
    struct object *object = files;
    while (object && (object->file.start != file->start ||
                      object->file.size != file->size))
        object = object->links.next;
    if (object) {
        object_get(object);
    } else if (file->size <= OBJECT_PAGES_MAX * PAGE_SIZE &&
               (object = create(file->size))) {
        object->is_file = true;
        object->file = *file;
        list_add(&files, object, links);
    }
    spin_unlock(&files_lock);
    return object;
}

void object_get(struct object *object)
{
    DEBUG_ASSERT(object->references > 0);
    __atomic_fetch_add(&object->references, 1, __ATOMIC_RELAXED);
}

static bool was_last(struct object *object)
{
    DEBUG_ASSERT(object->references > 0);
    return !__atomic_sub_fetch(&object->references, 1, __ATOMIC_ACQ_REL);
}

/* Under the list's lock: else it could be found once more after the last. */
static bool was_last_of_file(struct object *object)
{
    spin_lock(&files_lock);
    bool last = was_last(object);
    if (last)
        list_remove(&files, object, links);
    spin_unlock(&files_lock);
    return last;
}

static void *new_table(void)
{
    struct frame *frame = frame_alloc_zeroed(FRAME_LOW);
    return frame ? frame_virtual(frame) : NULL;
}

static void free_table(void *table)
{
    if (table)
        frame_put(frame_of_virtual(table));
}

/*
 * The table's entry for a page. NULL if it has none, or with `make` if memory
 * is out. Locked, or nobody else knows the object: so are all below.
 */
static struct frame **entry(struct object *object, uint32_t index, bool make)
{
    if (index >= TABLE && !object->deep) {
        if (!make)
            return NULL;
        void **top = new_table();
        if (!top)
            return NULL;
        top[0] = object->table;
        object->table = top;
        object->deep = true;
    }
    void **table = (void **)&object->table;
    if (object->deep)
        table = &object->table[index / TABLE];
    if (!*table && make)
        *table = new_table();
    return *table ? (struct frame **)*table + index % TABLE : NULL;
}

/* The next entry with a frame, from *index on; moves *index there. */
static struct frame **next_entry(struct object *object, uint32_t *index)
{
    uint32_t end = object->deep ? TABLE * TABLE : TABLE;
    for (; *index < end; ++*index) {
        struct frame **e = entry(object, *index, false);
        if (e && *e)
            return e;
        if (!e)
            *index |= TABLE - 1;
    }
    return NULL;
}

/* Free the frames from page `first` on; with `unmapped` only those. */
static uint32_t drop(struct object *object, uint32_t first, bool unmapped)
{
    uint32_t count = 0;
    struct frame **e;
    for (; (e = next_entry(object, &first)); first++) {
        if (unmapped &&
            __atomic_load_n(&(*e)->references, __ATOMIC_ACQUIRE) > 1)
            continue;
        frame_put(*e);
        *e = NULL;
        count++;
    }
    return count;
}

void object_put(struct object *object)
{
    if (!(object->is_file ? was_last_of_file(object) : was_last(object)))
        return;
    drop(object, 0, false);
    for (uint32_t i = 0; object->deep && i < TABLE; i++)
        free_table(object->table[i]);
    free_table(object->table);
    slab_free(&object_cache, object);
}

/* A frame with the page's bytes, or zeros. */
static int fill(struct object *object, uint32_t index, struct frame **frame)
{
    uint32_t offset = index * PAGE_SIZE, bytes = 0;
    int error = 0;
    *frame = frame_alloc(FRAME_ANY);
    if (!*frame)
        return -ENOMEM;
    char *page = kmap(*frame);
    if (object->is_file) {
        bytes = object->bytes - offset;
        if (bytes > PAGE_SIZE)
            bytes = PAGE_SIZE;
        error = source_read(&object->file, offset, page, bytes);
    }
    memset(page + bytes, 0, PAGE_SIZE - bytes);
    kunmap(page);
    if (error) {
        frame_put(*frame);
        return error;
    }
    (*frame)->owner = object;
    (*frame)->offset = index;
    return 0;
}

/* The page's frame, which the object keeps; made at first use. */
static int present(struct object *object, uint32_t index, struct frame **frame)
{
    struct frame **e = entry(object, index, true);
    if (!e)
        return -ENOMEM;
    int error = *e ? 0 : fill(object, index, e);
    if (error)
        *e = NULL;
    *frame = *e;
    return error;
}

int object_page(struct object *object, uint32_t index, struct frame **frame)
{
    mutex_lock(&object->lock);
    int error = index < object->pages ? present(object, index, frame) : -ENXIO;
    if (!error)
        frame_get(*frame);
    mutex_unlock(&object->lock);
    return error;
}

bool object_has_page(struct object *object, uint32_t index)
{
    mutex_lock(&object->lock);
    struct frame **e =
        index < object->pages ? entry(object, index, false) : NULL;
    bool has = e && *e;
    mutex_unlock(&object->lock);
    return has;
}

/* Bytes from `offset` to the end of its page, at most `bytes`. */
static uint32_t in_page(uint32_t offset, uint32_t bytes)
{
    uint32_t room = PAGE_SIZE - (offset & PAGE_MASK);
    return room < bytes ? room : bytes;
}

static int read_page(struct object *object, uint32_t offset, void *buffer,
                     uint32_t bytes)
{
    struct frame **e = entry(object, offset / PAGE_SIZE, false);
    if (e && *e) {
        char *page = kmap(*e);
        memcpy(buffer, page + (offset & PAGE_MASK), bytes);
        kunmap(page);
    } else if (object->is_file) {
        return source_read(&object->file, offset, buffer, bytes);
    } else {
        memset(buffer, 0, bytes);
    }
    return 0;
}

int object_read(struct object *object, uint32_t offset, void *buffer,
                uint32_t bytes)
{
    uint32_t done = 0;
    int error = 0;
    mutex_lock(&object->lock);
    if (offset >= object->bytes)
        bytes = 0;
    else if (bytes > object->bytes - offset)
        bytes = object->bytes - offset;
    while (!error && done < bytes) {
        uint32_t count = in_page(offset + done, bytes - done);
        error = read_page(object, offset + done, (char *)buffer + done, count);
        done += count;
    }
    mutex_unlock(&object->lock);
    return error ? error : (int)bytes;
}

/* Zeros from `offset` to the table's end, or no frame where none is mapped. */
static void clear_from(struct object *object, uint32_t offset)
{
    uint32_t index = offset / PAGE_SIZE, skip = offset % PAGE_SIZE;
    struct frame **e;
    drop(object, pages_of(offset), true);
    for (; (e = next_entry(object, &index)); index++) {
        if (index != offset / PAGE_SIZE)
            skip = 0;
        char *page = kmap(*e);
        memset(page + skip, 0, PAGE_SIZE - skip);
        kunmap(page);
    }
}

/*
 * When it grows, what is behind the old end is cleared too: mappings that
 * outlived a cut may have written there.
 */
static int resize(struct object *object, uint64_t bytes)
{
    if (bytes > (uint64_t)OBJECT_PAGES_MAX * PAGE_SIZE)
        return -EFBIG;
    uint32_t old = object->bytes;
    clear_from(object, bytes < old ? (uint32_t)bytes : old);
    object->bytes = (uint32_t)bytes;
    object->pages = pages_of(object->bytes);
    return 0;
}

int object_resize(struct object *object, uint64_t bytes)
{
    ASSERT(!object->is_file);
    mutex_lock(&object->lock);
    int error = resize(object, bytes);
    mutex_unlock(&object->lock);
    return error;
}

static int write_page(struct object *object, uint32_t offset,
                      const void *buffer, uint32_t bytes)
{
    struct frame *frame;
    int error = present(object, offset / PAGE_SIZE, &frame);
    if (error)
        return error;
    char *page = kmap(frame);
    memcpy(page + (offset & PAGE_MASK), buffer, bytes);
    kunmap(page);
    return 0;
}

int object_write(struct object *object, uint32_t offset, const void *buffer,
                 uint32_t bytes)
{
    uint32_t done = 0, old;
    int error = 0;
    ASSERT(!object->is_file);
    mutex_lock(&object->lock);
    old = object->bytes;
    if (offset + (uint64_t)bytes > old)
        error = resize(object, offset + (uint64_t)bytes);
    while (!error && done < bytes) {
        uint32_t count = in_page(offset + done, bytes - done);
        error = write_page(object, offset + done, (const char *)buffer + done,
                           count);
        done += count;
    }
    if (error && object->bytes > old)
        (void)resize(object, old);
    mutex_unlock(&object->lock);
    return error;
}

uint32_t object_release_pages(struct object *object)
{
    mutex_lock(&object->lock);
    uint32_t count = object->is_file ? drop(object, 0, true) : 0;
    mutex_unlock(&object->lock);
    return count;
}
