/* SPDX-License-Identifier: MIT */
/*
 * Memory objects. The table of frames is a low frame of 1024 pointers to such
 * frames, whose pointers name 1024 pages each; those, and the pages' frames,
 * appear at first use and stay until the object goes. So whoever has an object
 * may go on using what it has once found there.
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

static void *new_table(void)
{
    struct frame *frame = frame_alloc_zeroed(FRAME_LOW);
    return frame ? frame_virtual(frame) : NULL;
}

/* Above all addresses, which futexes' keys have as well. */
static uint64_t last_serial GUARDED_BY(files_lock) = UINT32_MAX;

static struct object *create(uint32_t bytes) REQUIRES(files_lock)
{
    struct object *object = slab_alloc_zeroed(&object_cache);
    if (!object)
        return NULL;
    object->serial = ++last_serial;
    object->table = new_table();
    if (!object->table) {
        slab_free(&object_cache, object);
        return NULL;
    }
    object->references = 1;
    object->bytes = bytes;
    mutex_init(&object->lock, "object", MUTEX_OBJECT);
    return object;
}

struct object *object_create(uint32_t bytes)
{
    spin_lock(&files_lock);
    struct object *object = create(bytes);
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
    } else if ((object = create(file->size))) {
        object->file = *file;
        list_add(&files, object, links);
    }
    spin_unlock(&files_lock);
    return object;
}

void object_get(struct object *object)
{
    __atomic_fetch_add(&object->references, 1, __ATOMIC_RELAXED);
}

static void destroy(struct object *object)
{
    for (uint32_t i = 0; i < TABLE; i++) {
        struct frame **lower = object->table[i];
        if (!lower)
            continue;
        for (uint32_t j = 0; j < TABLE; j++)
            if (lower[j])
                frame_put(lower[j]);
        frame_put(frame_of_virtual(lower));
    }
    frame_put(frame_of_virtual(object->table));
    slab_free(&object_cache, object);
}

/* Under the list's lock: else it could be found once more after the last. */
void object_put(struct object *object)
{
    spin_lock(&files_lock);
    bool last = !__atomic_sub_fetch(&object->references, 1, __ATOMIC_ACQ_REL);
    if (last && object->file.read)
        list_remove(&files, object, links);
    spin_unlock(&files_lock);
    if (last)
        destroy(object);
}

/* The table's place for a page: NULL at the end, or if there is no table. */
static struct frame **place(struct object *object, uint32_t index, bool make)
    REQUIRES(object->lock)
{
    if ((uint64_t)index * PAGE_SIZE >= object->bytes)
        return NULL;
    struct frame ***lower = &object->table[index / TABLE];
    if (!*lower && make)
        *lower = new_table();
    return *lower ? *lower + index % TABLE : NULL;
}

/* A frame with the page's bytes, zeros behind the file's; NULL: no memory. */
static struct frame *fill(struct object *object, uint32_t index)
{
    struct frame *frame = frame_alloc_zeroed(FRAME_ANY);
    if (!frame)
        return NULL;
    if (object->file.read) {
        uint32_t offset = index * PAGE_SIZE, bytes = object->bytes - offset;
        void *page = kmap(frame);
        int error = source_read(&object->file, offset, page,
                                bytes < PAGE_SIZE ? bytes : PAGE_SIZE);
        kunmap(page);
        ASSERT(!error);
    }
    frame->owner = object;
    frame->offset = index;
    return frame;
}

int object_page(struct object *object, uint32_t index, struct frame **frame)
{
    if ((uint64_t)index * PAGE_SIZE >= object->bytes)
        return -ENXIO;
    mutex_lock(&object->lock);
    struct frame **at = place(object, index, true);
    if (at && !*at)
        *at = fill(object, index);
    *frame = at ? *at : NULL;
    if (*frame)
        frame_get(*frame);
    mutex_unlock(&object->lock);
    return *frame ? 0 : -ENOMEM;
}

bool object_has_page(struct object *object, uint32_t index)
{
    mutex_lock(&object->lock);
    struct frame **at = place(object, index, false);
    bool has = at && *at;
    mutex_unlock(&object->lock);
    return has;
}

int object_read(struct object *object, uint64_t offset, void *buffer,
                uint32_t bytes)
{
    struct frame *frame;
    uint32_t in_page = (uint32_t)offset & PAGE_MASK;
    if (offset >= object->bytes)
        return 0;
    if (bytes > object->bytes - offset)
        bytes = object->bytes - (uint32_t)offset;
    if (bytes > PAGE_SIZE - in_page)
        bytes = PAGE_SIZE - in_page;
    int error = object_page(object, (uint32_t)offset / PAGE_SIZE, &frame);
    if (error)
        return error;
    char *page = kmap(frame);
    memcpy(buffer, page + in_page, bytes);
    kunmap(page);
    frame_put(frame);
    return (int)bytes;
}

int object_grow(struct object *object, uint64_t bytes)
{
    if (bytes > (uint64_t)OBJECT_PAGES_MAX * PAGE_SIZE)
        return -EFBIG;
    if (bytes < object->bytes)
        return -EPERM;
    object->bytes = (uint32_t)bytes;
    return 0;
}
