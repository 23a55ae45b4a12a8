/* SPDX-License-Identifier: MIT */
/*
 * What a program asks about its system: uname, sysinfo, getrandom, the user's
 * and group's numbers, and numbers that no call has.
 */
#include "oracle.h"
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void names(void)
{
    struct utsname name;

    memset(&name, 0xff, sizeof(name));
    expect("uname", call(__NR_uname, &name), 0);
    check("  sysname", memchr(name.sysname, 0, 65) && name.sysname[0]);
    check("  nodename", memchr(name.nodename, 0, 65) && name.nodename[0]);
    check("  release starts with a digit", memchr(name.release, 0, 65) &&
                                               name.release[0] >= '1' &&
                                               name.release[0] <= '9');
    check("  version", memchr(name.version, 0, 65) && name.version[0]);
    check("  machine", memchr(name.machine, 0, 65) && name.machine[0]);
    check("  domain ends", memchr(name.domainname, 0, 65));
    expect("uname bad", call(__NR_uname, BAD), -EFAULT);
}

static void system_info(void)
{
    struct sysinfo info;

    memset(&info, 0xff, sizeof(info));
    expect("sysinfo", call(__NR_sysinfo, &info), 0);
    check("  some memory", info.totalram > 0 && info.mem_unit > 0);
    check("  free is not more", info.freeram <= info.totalram);
    check("  tasks", info.procs > 0);
    check("  up since a while", info.uptime >= 0);
    expect("sysinfo bad", call(__NR_sysinfo, BAD), -EFAULT);
}

static void random_bytes(void)
{
    uint8_t one[64], two[64];
    int zeros = 0;

    memset(one, 0, sizeof(one));
    memset(two, 0, sizeof(two));
    expect("getrandom", call(__NR_getrandom, one, 64, 0), 64);
    expect("  again", call(__NR_getrandom, two, 64, GRND_NONBLOCK), 64);
    check("  not the same", memcmp(one, two, 64) != 0);
    for (int i = 0; i < 64; i++)
        zeros += one[i] == 0;
    check("  not zeros", zeros < 16);
    expect("  nothing", call(__NR_getrandom, one, 0, 0), 0);
    expect("  unknown flag", call(__NR_getrandom, one, 1, 0x80), -EINVAL);
    expect("  both sources",
           call(__NR_getrandom, one, 1, GRND_RANDOM | GRND_INSECURE), -EINVAL);
    expect("  bad", call(__NR_getrandom, BAD, 8, 0), -EFAULT);
}

static void ids(void)
{
    long uid = call(__NR_getuid32), gid = call(__NR_getgid32);

    check("getuid32 and geteuid32 agree", call(__NR_geteuid32) == uid);
    check("getgid32 and getegid32 agree", call(__NR_getegid32) == gid);
    check("the 16-bit calls too",
          (uid > 65535 ||
           (call(__NR_getuid) == uid && call(__NR_geteuid) == uid)) &&
              (gid > 65535 ||
               (call(__NR_getgid) == gid && call(__NR_getegid) == gid)));
    check("getpid is the leader's gettid",
          call(__NR_getpid) == call(__NR_gettid));
    check("getppid", call(__NR_getppid) != call(__NR_getpid));
}

static void unknown(void)
{
    expect("call 17", call(17), -ENOSYS);
    expect("call 31", call(31), -ENOSYS);
    expect("call 222", call(222), -ENOSYS);
    expect("call 223", call(223), -ENOSYS);
    expect("call 2000", call(2000), -ENOSYS);
    expect("call -1", call(-1), -ENOSYS);
    expect("call INT_MIN", call(0x80000000u), -ENOSYS);
}

int main(void)
{
    names();
    system_info();
    random_bytes();
    ids();
    unknown();
    return 0;
}
