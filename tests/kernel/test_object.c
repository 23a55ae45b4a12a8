/* SPDX-License-Identifier: MIT */
/*
 * Memory objects: a page is one frame for all who ask, a file's last page ends
 * in zeros, reading ends where the object does, and memory may run out
 * anywhere. Frames that stay behind are found by whoever runs the tests.
 */
#include "kernel/abi/errno.h"
#include "kernel/string.h"
#include "mm/fail.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/object.h"
#include "mm/settle.h"
#include "tests/kernel/crew.h"

#define FILE_BYTES (PAGE_SIZE + 904)

static char bytes[FILE_BYTES];
static struct object *object;

/* Whether bytes [from, to) of a frame are all `c`. */
static bool is_filled(struct frame *frame, uint32_t from, uint32_t to, char c)
{
    const char *page = kmap(frame);
    while (from < to && page[from] == c)
        from++;
    kunmap((void *)page);
    return from == to;
}

/* A page's frame, without a reference. */
static struct frame *page(uint32_t index)
{
    struct frame *frame;
    if (object_page(object, index, &frame))
        return NULL;
    frame_put(frame);
    return frame;
}

SELFTEST(object_pages, "a page appears zeroed at first use and stays the same")
{
    static const uint32_t index[] = {0, 1023, 1024, OBJECT_PAGES_MAX - 1};
    struct frame *frame[ARRAY_LENGTH(index)], *none;
    object = object_create(OBJECT_PAGES_MAX * PAGE_SIZE);
    CHECK(object);
    for (uint32_t i = 0; i < ARRAY_LENGTH(index); i++) {
        CHECK_GOTO(!object_has_page(object, index[i]), out);
        frame[i] = page(index[i]);
        CHECK_GOTO(frame[i] && is_filled(frame[i], 0, PAGE_SIZE, 0), out);
        CHECK_GOTO(frame[i]->owner == object && frame[i]->references == 1, out);
        CHECK_GOTO(frame[i]->offset == index[i], out);
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(index); i++)
        CHECK_GOTO(page(index[i]) == frame[i], out);
    CHECK_GOTO(!object_has_page(object, 1), out);
    CHECK_GOTO(object_page(object, OBJECT_PAGES_MAX, &none) == -ENXIO, out);
out:
    object_put(object);
}

SELFTEST(object_file, "a file has one object, its pages the file's bytes")
{
    struct source file = source_of_buffer(bytes, FILE_BYTES);
    memset(bytes, 'f', FILE_BYTES);
    object = object_of_file(&file);
    CHECK(object && object->bytes == FILE_BYTES);
    struct object *again = object_of_file(&file);
    CHECK_GOTO(again == object && object->references == 2, out);
    CHECK_GOTO(page(0) && page(1) && !page(2), out);
    CHECK_GOTO(is_filled(page(0), 0, PAGE_SIZE, 'f'), out);
    CHECK_GOTO(is_filled(page(1), 0, FILE_BYTES % PAGE_SIZE, 'f'), out);
    CHECK_GOTO(is_filled(page(1), FILE_BYTES % PAGE_SIZE, PAGE_SIZE, 0), out);
out:
    if (again)
        object_put(again);
    object_put(object);
}

SELFTEST(object_fails, "memory may run out at any point of using an object")
{
    uint64_t before = frames_free_settled();
    bool failed = true;
    uint32_t n = 1;
    for (; failed && n < 20; n++) {
        memory_settle();
        fail_set(n);
        object = object_create(3000 * PAGE_SIZE);
        bool ok = object && page(5) && page(2999) && page(1500);
        failed = fail_set(0) == 0;
        CHECK(failed != ok);
        if (object)
            object_put(object);
        CHECK(frames_free_settled() == before);
    }
    /* The object, three pages, and the nodes of a tree of three levels. */
    CHECK(n >= 9 && !failed);
}

#define ASKERS 8
#define ASKED  300 /* pages, with the end of a table among them */

static struct frame *first[ASKED]; /* that any thread got */

static void ask_for_pages(uint32_t index)
{
    (void)index;
    atomic_add(&crew.there, 1);
    CREW_CHECK(comes_true_busy(atomic_get(&crew.there) == ASKERS));
    for (uint32_t i = 0; i < ASKED; i++) {
        struct frame *frame, *nobody = NULL;
        if (object_page(object, 900 + i, &frame)) {
            CREW_CHECK(!"a frame");
            return;
        }
        __atomic_compare_exchange_n(&first[i], &nobody, frame, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        CREW_CHECK(frame == first[i]);
        frame_put(frame);
    }
}

SELFTEST(object_crew, "threads that want the same page get the same frame")
{
    memset(first, 0, sizeof(first));
    object = object_create(3000 * PAGE_SIZE);
    CHECK(object);
    bool ok = crew_run(ASKERS, ask_for_pages);
    for (uint32_t i = 0; i < ASKED; i++)
        ok &= first[i] && first[i]->references == 1;
    object_put(object);
    CHECK(ok);
}
