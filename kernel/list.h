/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists whose links lie inside the linked structures, so that
 * adding and removing never allocate. The head is a link of the same type;
 * the list is a ring through it, and an empty list or a link in no list points
 * at itself. Whoever owns the head says which lock guards the ring. Links of
 * anything that another MM may follow must not lie on a kernel stack.
 */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include "kernel/types.h"

struct list {
    struct list *next, *prev;
};

/* For a static head: struct list all = LIST_EMPTY(all); */
#define LIST_EMPTY(head) \
    {                    \
        &(head), &(head) \
    }

/* Make an empty list, or a link that is in no list. */
static inline void list_init(struct list *list)
{
    list->next = list->prev = list;
}

/* An empty head; a link that is in no list. */
static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

/* Insert the unlinked `link` in front of `where`, a link or the head. */
static inline void list_insert_before(struct list *where, struct list *link)
{
    link->next = where;
    link->prev = where->prev;
    where->prev->next = link;
    where->prev = link;
}

static inline void list_push_front(struct list *head, struct list *link)
{
    list_insert_before(head->next, link);
}

static inline void list_push_back(struct list *head, struct list *link)
{
    list_insert_before(head, link);
}

/* Take a link out of its list; harmless if it is in none. */
static inline void list_remove(struct list *link)
{
    link->next->prev = link->prev;
    link->prev->next = link->next;
    list_init(link);
}

/* Remove and return the first link, NULL if the list is empty. */
static inline struct list *list_pop_front(struct list *head)
{
    struct list *link = head->next;
    if (link == head)
        return NULL;
    list_remove(link);
    return link;
}

/* The structure that `link` is the member `member` of. */
#define list_item(link, type, member) container_of(link, type, member)

/* The first structure of a list, NULL if it is empty. */
#define list_first(head, type, member) \
    (list_is_empty(head) ? NULL : list_item((head)->next, type, member))

/*
 * Visit each structure in order: `item` is a pointer of the structure's type.
 * The body must not remove `item`; to empty a list, pop until it is empty.
 */
#define list_for_each(item, head, member)                               \
    for ((item) = list_item((head)->next, __typeof__(*(item)), member); \
         &(item)->member != (head);                                     \
         (item) = list_item((item)->member.next, __typeof__(*(item)), member))

#endif
