/* SPDX-License-Identifier: MIT */
/*
 * SIGBUS: a page of a mapped file that lies wholly beyond its end gives
 * BUS_ADRERR at that address, to reads, writes, and the kernel's own accesses
 * an EFAULT; the rest of the last page reads as zeros.
 */
#include "oracle.h"
#include <setjmp.h>
#include <sys/stat.h>

static sigjmp_buf here;
static siginfo_t got;

static void handler(int number, siginfo_t *info, void *context)
{
    (void)context;
    got = *info;
    siglongjmp(here, number);
}

static void touch(const char *what, volatile char *address, bool write)
{
    int number = sigsetjmp(here, 1);

    if (number == 0) {
        if (write)
            *address = 1;
        say("%s: value %d", what, *address);
    } else {
        say("%s: SIG%s, code %d, address %s", what, sigabbrev_np(got.si_signo),
            got.si_code, got.si_addr == address ? "right" : "WRONG");
    }
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    int file = open("/proc/self/exe", O_RDONLY);
    struct stat64 status;
    size_t pages;
    char *map;

    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
    fstat64(file, &status);
    pages = ((size_t)status.st_size + 4095) / 4096;
    map = mmap(NULL, (pages + 2) * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE,
               file, 0);
    check("mapped two pages beyond the end", map != MAP_FAILED);
    touch("first byte", map, false);
    touch("first byte beyond", map + pages * 4096, false);
    touch("later there, write", map + pages * 4096 + 77, true);
    touch("second page", map + (pages + 1) * 4096 + 4095, false);
    touch("unmapped", (volatile char *)BAD, false);
    expect("the kernel writes there",
           call(__NR_clock_gettime, 0, map + pages * 4096), -EFAULT);
    expect("the kernel reads there",
           call(__NR_nanosleep, map + pages * 4096, NULL), -EFAULT);
    return 0;
}
