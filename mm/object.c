/* SPDX-License-Identifier: MIT */
/*
 * Memory objects. The frames hang on a tree of nodes with 16 pointers each,
 * which is as high as the highest page used needs: of a single page the root
 * is its frame. Nodes and frames appear at first use and stay until the object
 * goes. But page-out may take a frame to which the object has the only
 * reference: a file's is filled anew, in place of another's pointer stands an
 * odd number, its swap slot.
 */
#include "mm/object.h"

#include "kernel/abi/errno.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "mm/swap.h"

#define NODE_SHIFT 4u
#define NODE_SLOTS (1u << NODE_SHIFT)

/* Pointers to nodes, or to frames in the lowest level. */
struct node {
    void *slot[NODE_SLOTS];
};

static struct slab_cache node_cache =
    SLAB_CACHE("object nodes", sizeof(struct node), 4);
static struct slab_cache object_cache =
    SLAB_CACHE("objects", sizeof(struct object), 16);

static struct spinlock files_lock = SPINLOCK("file objects", RANK_OBJECTS);
static struct object *files GUARDED_BY(files_lock);

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

/* What stands in the table for a page that is paged out. */
static struct frame *of_slot(uint32_t slot)
{
    return (struct frame *)(slot << 1 | 1);
}

static bool is_slot(const struct frame *frame)
{
    return (uintptr_t)frame & 1;
}

static uint32_t slot_of(const struct frame *frame)
{
    return (uintptr_t)frame >> 1;
}

/* Give back what lies below a pointer; at most five levels. */
static void free_below(void *below, uint32_t height)
{
    if (below && height) {
        struct node *node = below;
        for (uint32_t i = 0; i < NODE_SLOTS; i++)
            free_below(node->slot[i], height - 1);
        slab_free(&node_cache, node);
    } else if (is_slot(below)) {
        swap_put(slot_of(below));
    } else if (below) {
        frame_put(below);
    }
}

/* Under the list's lock: else it could be found once more after the last. */
void object_put(struct object *object)
{
    spin_lock(&files_lock);
    bool last = !__atomic_sub_fetch(&object->references, 1, __ATOMIC_ACQ_REL);
    if (last && object->file.read)
        list_remove(&files, object, links);
    spin_unlock(&files_lock);
    if (last) {
        free_below(object->root, object->height);
        slab_free(&object_cache, object);
    }
}

/*
 * The page's place in the tree. NULL: there is no node for it or, if the tree
 * is to grow, no memory for one.
 */
static struct frame **place(struct object *object, uint32_t index, bool grow)
    REQUIRES(object->lock)
{
    while (index >> (object->height * NODE_SHIFT)) {
        struct node *root = grow ? slab_alloc_zeroed(&node_cache) : NULL;
        if (!root)
            return NULL;
        root->slot[0] = object->root;
        object->root = root;
        object->height++;
    }
    void **at = &object->root;
    for (uint32_t height = object->height; height--;) {
        if (!*at && grow)
            *at = slab_alloc_zeroed(&node_cache);
        if (!*at)
            return NULL;
        struct node *node = *at;
        at = &node->slot[index >> (height * NODE_SHIFT) & (NODE_SLOTS - 1)];
    }
    return (struct frame **)at;
}

static void own(struct object *object, uint32_t index, struct frame *frame)
{
    frame->owner = object;
    frame->offset = index;
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
    own(object, index, frame);
    return frame;
}

/* The frame of a page that was paged out: the slot had no other user. */
static int page_back(struct object *object, uint32_t index, struct frame **at)
{
    struct frame *frame;
    int error = swap_in(slot_of(*at), &frame);
    if (error)
        return error;
    own(object, index, frame);
    *at = frame;
    return 0;
}

int object_page(struct object *object, uint32_t index, struct frame **frame)
{
    if ((uint64_t)index * PAGE_SIZE >= object->bytes)
        return -ENXIO;
    mutex_lock(&object->lock);
    struct frame **at = place(object, index, true);
    if (at && !*at)
        *at = fill(object, index);
    int error = !at || !*at    ? -ENOMEM
                : is_slot(*at) ? page_back(object, index, at)
                               : 0;
    if (!error) {
        *frame = *at;
        frame_get(*frame);
    }
    mutex_unlock(&object->lock);
    return error;
}

/* A frame that only the object has: nobody can get another one meanwhile. */
static bool is_idle(const struct frame *frame)
{
    return frame && !is_slot(frame) &&
           __atomic_load_n(&frame->references, __ATOMIC_ACQUIRE) == 1 &&
           !__atomic_load_n(&frame->pins, __ATOMIC_ACQUIRE);
}

uint32_t object_page_out(struct object *object, uint32_t index, uint32_t count,
                         uint32_t *slot, uint32_t room,
                         uint32_t *freed) UNCHECKED_LOCKING
{
    uint32_t slots = 0;
    if (!mutex_trylock(&object->lock))
        return 0;
    for (uint32_t end = index + count; index < end && slots < room; index++) {
        struct frame **at = place(object, index, false);
        struct frame *frame = at ? *at : NULL;
        if (!is_idle(frame))
            continue;
        if (object->file.read) {
            *at = NULL;
            ++*freed;
        } else {
            slot[slots] = swap_take(frame);
            if (slot[slots] == SWAP_NONE)
                break;
            *at = of_slot(slot[slots++]);
        }
        frame_put(frame);
    }
    mutex_unlock(&object->lock);
    return slots;
}

bool object_has_page(struct object *object, uint32_t index)
{
    mutex_lock(&object->lock);
    struct frame **at = place(object, index, false);
    bool has = at && *at && !is_slot(*at);
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
