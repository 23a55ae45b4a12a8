/* SPDX-License-Identifier: MIT */
/*
 * set_robust_list and get_robust_list: sizes, reading one's own list and that
 * of others, and that a new task has none.
 */
#include "oracle.h"

static struct robust_list_head head;

static int own(void *argument)
{
    void *list = BAD;
    size_t size = 0;

    (void)argument;
    call(__NR_get_robust_list, 0, &list, &size);
    return list == NULL;
}

int main(void)
{
    void *list = BAD;
    size_t size = 77;

    expect("set, size 12", call(__NR_set_robust_list, &head, 12), 0);
    expect("set, size 24", call(__NR_set_robust_list, &head, 24), -EINVAL);
    expect("set, size 0", call(__NR_set_robust_list, &head, 0), -EINVAL);
    expect("get of task 0", call(__NR_get_robust_list, 0, &list, &size), 0);
    check("  as set", list == &head && size == 12);
    expect("get by number",
           call(__NR_get_robust_list, call(__NR_gettid), &list, &size), 0);
    expect("get of nobody", call(__NR_get_robust_list, 0x3ffffff, &list, &size),
           -ESRCH);
    expect("list bad", call(__NR_get_robust_list, 0, BAD, &size), -EFAULT);
    expect("size bad", call(__NR_get_robust_list, 0, &list, BAD), -EFAULT);
    in_child("a fork has none", own, NULL);
    say_status("a clone has none",
               wait_for(start_task(CLONE_VM | SIGCHLD, own, NULL)));
    expect("set NULL", call(__NR_set_robust_list, NULL, 12), 0);
    call(__NR_get_robust_list, 0, &list, &size);
    check("  and got", list == NULL);
    expect("set a bad address", call(__NR_set_robust_list, BAD, 12), 0);
    return 0;
}
