/* SPDX-License-Identifier: MIT */
/*
 * Buffers of standard output: full, by line, none, of our own; long lines,
 * zero bytes, all byte values; writing by several threads, whole lines each;
 * streams in memory; standard input at its end; errors of a closed stream.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "libc.h"

static void modes(void)
{
    static char own[100];

    setvbuf(stdout, NULL, _IONBF, 0);
    printf("no buffer, ");
    write(1, "write between\n", 14);
    setvbuf(stdout, own, _IOLBF, sizeof(own));
    printf("by line\n");
    write(1, "write after\n", 12);
    setvbuf(stdout, NULL, _IOFBF, 4096);
    printf("full, ");
    fflush(stdout);
    write(1, "write after flush\n", 18);
}

static void many_bytes(void)
{
    for (int i = 0; i < 256; i++)
        putchar(i);
    putchar('\n');
    for (int i = 0; i < 300; i++)
        printf("%0*d\n", i % 90 + 1, i);
    char *line = malloc(20000);
    memset(line, '=', 19999);
    line[19999] = 0;
    puts(line);
    fflush(stdout);
    struct iovec parts[3] = {{"one ", 4}, {"two ", 4}, {"three\n", 6}};
    CHECK(writev(1, parts, 3) == 14, "writev");
    free(line);
}

static int turn;

/* A line is written whole; the threads take turns, so their order is fixed. */
static void *writer(void *argument)
{
    int self = (int)(uintptr_t)argument;

    for (int i = 0; i < 20; i++) {
        while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) % 4 != self)
            sched_yield();
        printf("thread %d, line %d\n", self, i);
        __atomic_fetch_add(&turn, 1, __ATOMIC_ACQ_REL);
    }
    return NULL;
}

/* All at once into one stream in memory: every line is whole. */
static FILE *common;

static void *crowd(void *argument)
{
    for (int i = 0; i < 100; i++)
        fprintf(common, "<%d %d>\n", (int)(uintptr_t)argument, i);
    return NULL;
}

static void threads(void *(*work)(void *))
{
    pthread_t list[4];

    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&list[i], NULL, work, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_join(list[i], NULL);
    fflush(stdout);
}

static void in_memory(void)
{
    char *text = NULL, *line = NULL, last;
    size_t bytes = 0, room = 0;
    int whole = 0, a, b;

    common = open_memstream(&text, &bytes);
    threads(crowd);
    fclose(common);
    FILE *in = fmemopen(text, bytes, "r");
    while (getline(&line, &room, in) > 0)
        whole += sscanf(line, "<%d %d%c", &a, &b, &last) == 3 && last == '>';
    fclose(in);
    CHECK(whole == 400, "%d whole lines of four threads", whole);
    free(line);
    free(text);
}

int main(void)
{
    modes();
    many_bytes();
    threads(writer);
    in_memory();
    CHECK(getchar() == EOF && feof(stdin), "standard input is at its end");
    FILE *none = fopen("/no/such/file", "r");
    CHECK(!none && errno == ENOENT, "no such file");
    CHECK(fprintf(stderr, "to standard error\n") == 18, "standard error");
    int status = check_sum();
    fclose(stdout);
    return write(1, "x", 1) == -1 && errno == EBADF ? status : 9;
}
