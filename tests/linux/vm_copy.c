/* SPDX-License-Identifier: MIT */
/*
 * process_vm_readv and process_vm_writev between a program and a child of its:
 * pages there and not there, all alignments, areas of all rights, copy on
 * write, shared memory, segments that are cut differently on the two sides,
 * and what is moved before a page that is refused.
 *
 * run: tier=quick
 * run: -a lowmem=16M
 * run: -c 1 -m 64M
 */
#include "oracle.h"
#include <sys/uio.h>

#define PAGES 8
#define BYTES (PAGES * 4096)

static pid_t child;
static volatile int *step; /* shared */
static char *memory;       /* the same address in both */
static char *buffer;

static long reach(long number, void *here, void *there, size_t bytes)
{
    struct iovec local = {here, bytes}, remote = {there, bytes};

    return call(number, child, &local, 1, &remote, 1, 0);
}

static long get(void *here, void *there, size_t bytes)
{
    return reach(__NR_process_vm_readv, here, there, bytes);
}

static long put(void *here, void *there, size_t bytes)
{
    return reach(__NR_process_vm_writev, here, there, bytes);
}

static void pattern(char *at, size_t bytes, unsigned seed)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (char)(seed + i * 31 + (i >> 8));
}

static bool is_pattern(const char *at, size_t bytes, unsigned seed)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != (char)(seed + i * 31 + (i >> 8)))
            return false;
    return true;
}

/* Starts a child that does it, waits at each step, and exits with a result. */
static void child_begin(int (*body)(void))
{
    *step = 0;
    child = (pid_t)call(__NR_fork);
    if (child == 0)
        call(__NR_exit_group, body());
    wait_until(step, 1);
}

static void child_end(const char *what)
{
    *step = 2;
    say_status(what, wait_for(child));
}

static void pause_here(void)
{
    *step = 1;
    wait_until(step, 2);
}

/* --- whole and in pieces --- */

static int plain_child(void)
{
    pattern(memory, BYTES, 5);
    pause_here();
    return is_pattern(memory, BYTES, 9) ? 0 : 1;
}

static void plain(void)
{
    static const unsigned sizes[] = {1, 3, 4, 7, 63, 4095, 4096, 4097, 9001};
    bool right = true, around = true;

    pattern(memory, BYTES, 1);
    child_begin(plain_child);
    expect("read all", get(buffer, memory, BYTES), BYTES);
    check("  it is the child's", is_pattern(buffer, BYTES, 5));
    check("  ours is ours", is_pattern(memory, BYTES, 1));
    pattern(memory, BYTES, 5);
    for (unsigned s = 0; s < COUNT(sizes); s++)
        for (unsigned from = 4090; from < 4100; from++)
            for (unsigned to = 4093; to < 4098; to++) {
                memset(buffer, 0x55, BYTES);
                right &=
                    get(buffer + to, memory + from, sizes[s]) == (long)sizes[s];
                right &= !memcmp(buffer + to, memory + from, sizes[s]);
                around &=
                    buffer[to - 1] == 0x55 && buffer[to + sizes[s]] == 0x55;
            }
    check("all alignments", right);
    check("nothing beside it", around);
    pattern(buffer, BYTES, 9);
    expect("write all", put(buffer, memory, BYTES), BYTES);
    check("  ours is ours", is_pattern(memory, BYTES, 5));
    child_end("the child found it");
}

/* --- segments --- */

static void segments(void)
{
    struct iovec local[] = {{buffer, 1},           {BAD, 0},
                            {buffer + 1, 4099},    {buffer + 4100, 10000},
                            {buffer + 20000, 100}, {BAD, 0}};
    struct iovec remote[] = {{BAD, 0},
                             {memory, 5000},
                             {memory + 5000, 1},
                             {NULL, 0},
                             {memory + 5001, 9000}};
    struct iovec one = {buffer, 10}, many[1024];

    child_begin(plain_child);
    memset(buffer, 0, BYTES);
    expect("six segments from five",
           call(__NR_process_vm_readv, child, local, 6, remote, 5, 0), 14001);
    check("  in order", is_pattern(buffer, 14001, 5));
    check("  no further", buffer[14001] == 0 && buffer[20000] == 0);
    expect("ours are shorter",
           call(__NR_process_vm_readv, child, &one, 1, remote, 5, 0), 10);
    for (int i = 0; i < 1024; i++)
        many[i] = (struct iovec){memory + 1023 - i, 1};
    one.iov_len = 2000;
    expect("1024 segments",
           call(__NR_process_vm_readv, child, &one, 1, many, 1024, 0), 1024);
    pattern(memory, BYTES, 5);
    check("  in order", buffer[0] == memory[1023] && buffer[1023] == memory[0]);
    pattern(buffer, BYTES, 9);
    for (int i = 0; i < 1024; i++)
        many[i] = (struct iovec){buffer + i * 32, 32};
    one = (struct iovec){memory, BYTES};
    expect("1024 written to one",
           call(__NR_process_vm_writev, child, many, 1024, &one, 1, 0), BYTES);
    child_end("the child found it");
}

/* --- rights --- */

static int rights_child(void)
{
    static const int rights[PAGES] = {
        PROT_READ | PROT_WRITE,
        PROT_READ,
        PROT_NONE,
        PROT_EXEC,
        PROT_WRITE,
        PROT_READ | PROT_EXEC,
        PROT_READ | PROT_WRITE | PROT_EXEC,
        PROT_NONE,
    };
    pattern(memory, BYTES - 4096, 5);
    for (int i = 0; i < PAGES; i++)
        mprotect(memory + i * 4096, 4096, rights[i]);
    munmap(memory + BYTES - 4096, 4096);
    pause_here();
    return memory[0] * 16 + memory[6 * 4096];
}

static void rights(void)
{
    static const char *const names[PAGES] = {"rw-", "r--", "---", "--x",
                                             "-w-", "r-x", "rwx", "a hole"};
    char what[32], byte = 3;

    child_begin(rights_child);
    for (int i = 0; i < PAGES; i++) {
        char *page = memory + i * 4096, text[2][16];
        long read = get(buffer, page, 1);
        long write = put(&byte, page, 1);
        snprintf(what, sizeof(what), "%s", names[i]);
        say("%s: read %s, write %s", what, result_text(read, text[0]),
            result_text(write, text[1]));
    }
    expect("read up to what may not be", get(buffer, memory, BYTES), 8192);
    expect("write up to what may not be", put(buffer, memory, BYTES), 4096);
    expect("read up to the hole",
           get(buffer, memory + 5 * 4096 + 100, 3 * 4096), 2 * 4096 - 100);
    expect("write to read-only text", put(buffer, (void *)rights, 4), -EFAULT);
    expect("read text", get(buffer, (void *)rights, 64), 64);
    check("  it is the program's", !memcmp(buffer, (void *)rights, 64));
    expect("kernel addresses", get(buffer, (void *)0xffffe000, 1 << 14),
           -EFAULT);
    byte = 3;
    put(&byte, memory, 1);
    put(&byte, memory + 6 * 4096, 1);
    child_end("the child saw two of them");
}

/* --- our side --- */

static void our_side(void)
{
    char *ours = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *zeros = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(ours + 3 * 4096, 4096);
    child_begin(plain_child);
    expect("read into pages not there, up to a hole",
           get(ours + 10, memory, 4 * 4096), 3 * 4096 - 10);
    check("  it is right", is_pattern(ours + 10, 3 * 4096 - 10, 5));
    mprotect(ours + 2 * 4096, 4096, PROT_READ);
    expect("read up to a read-only page", get(ours, memory, 3 * 4096), 8192);
    expect("write from pages up to a hole", put(ours + 4096, memory, 3 * 4096),
           8192);
    expect("write from pages not there", put(zeros, memory, 4096), 4096);
    expect("read into nowhere", get(BAD, memory, 100), -EFAULT);
    expect("write from kernel addresses", put((void *)0xc0000000, memory, 100),
           -EFAULT);
    pattern(buffer, BYTES, 9);
    put(buffer, memory, BYTES);
    child_end("the child found it");
}

/* --- pages not there, copy on write, shared memory --- */

static char *shared;

static int cow_child(void)
{
    long grandchild;

    pause_here();
    grandchild = call(__NR_fork);
    if (grandchild == 0)
        call(__NR_exit_group, memory[0]); /* before the write below */
    int status = wait_for(grandchild);
    *step = 3;
    wait_until(step, 4);
    return WEXITSTATUS(status) == 7 && memory[0] == 8 && memory[4096] == 7 &&
                   shared[0] == 9
               ? 0
               : 1;
}

static void copy_on_write(void)
{
    char byte = 8;

    memset(memory, 7, BYTES);
    shared[0] = 1;
    child_begin(cow_child);
    expect("read a page that is ours, too", get(buffer, memory, 1), 1);
    *step = 2;
    wait_until(step, 3);
    expect("write to it", put(&byte, memory, 1), 1);
    check("  ours is ours", memory[0] == 7);
    byte = 9;
    expect("write to shared memory", put(&byte, shared, 1), 1);
    check("  ours is theirs", shared[0] == 9);
    *step = 4;
    say_status("the child found it", wait_for(child));
    check("  ours is ours", memory[0] == 7);
}

static int absent_child(void)
{
    madvise(memory, BYTES, MADV_DONTNEED);
    pause_here();
    for (int i = 0; i < PAGES; i++)
        if (memory[i * 4096 + 1] || memory[i * 4096] != (i & 1 ? 4 : 0))
            return 1;
    return 0;
}

static void absent(void)
{
    char byte = 4;

    child_begin(absent_child);
    memset(buffer, 1, BYTES);
    expect("read what was never touched", get(buffer, memory, BYTES), BYTES);
    bool zeros = true;
    for (int i = 0; i < BYTES; i++)
        zeros &= !buffer[i];
    check("  zeros", zeros);
    for (int i = 1; i < PAGES; i += 2)
        put(&byte, memory + i * 4096, 1);
    child_end("the child found it");
}

/* --- ourselves, and our threads --- */

static int sleeper(void *unused)
{
    (void)unused;
    wait_until(step, 2);
    return 0;
}

static void ourselves(void)
{
    const int thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                       CLONE_THREAD | CLONE_SYSVSEM;
    char text[8] = "abcdefg";

    child = (pid_t)call(__NR_getpid);
    pattern(memory, BYTES, 5);
    expect("read our own", get(buffer, memory, BYTES), BYTES);
    check("  it is right", is_pattern(buffer, BYTES, 5));
    expect("onto itself", put(memory, memory, BYTES), BYTES);
    check("  unchanged", is_pattern(memory, BYTES, 5));
    expect("overlapping", get(text, text + 2, 5), 5);
    check("  it is moved", !strcmp(text, "cdefgfg"));
    *step = 0;
    child = (pid_t)start_task(thread, sleeper, NULL);
    memset(buffer, 0, BYTES);
    expect("by the number of a thread", get(buffer, memory, BYTES), BYTES);
    check("  it is right", is_pattern(buffer, BYTES, 5));
    *step = 2;
}

int main(void)
{
    step = shared_page();
    shared = shared_page();
    memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    buffer = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    plain();
    segments();
    rights();
    our_side();
    copy_on_write();
    absent();
    ourselves();
    return 0;
}
