/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists of structures that carry their own links, newest first:
 *
 *   struct item { LINKS(item) links; };
 *   struct item *all;
 *   list_add(&all, item, links);
 *   for (struct item *i = all; i; i = i->links.next) ...
 *
 * Whoever owns the list has a lock for it.
 */
#pragma once

#include <stddef.h>

#include "kernel/checks.h"

#define LINKS(type)                   \
    struct {                          \
        struct type *next, *previous; \
    }

#define list_add(head, item, links)            \
    do {                                       \
        __typeof__(item) added = (item);       \
        CHECK_SHARED(added);                   \
        added->links.previous = NULL;          \
        added->links.next = *(head);           \
        if (*(head))                           \
            (*(head))->links.previous = added; \
        *(head) = added;                       \
    } while (0)

#define list_remove(head, item, links)                               \
    do {                                                             \
        __typeof__(item) gone = (item);                              \
        if (gone->links.previous)                                    \
            gone->links.previous->links.next = gone->links.next;     \
        else                                                         \
            *(head) = gone->links.next;                              \
        if (gone->links.next)                                        \
            gone->links.next->links.previous = gone->links.previous; \
    } while (0)
