/* SPDX-License-Identifier: MIT */
/*
 * Console input: a ring of bytes with three positions. Between `taken` and
 * `ready` readers may take; between `ready` and `end` the line is still being
 * edited. An end-of-input mark is kept in the ring as a byte of its own and
 * ends one read. Everything, the echo too, under the input's lock.
 */
#include "kernel/console.h"

#include "kernel/abi/errno.h"
#include "kernel/options.h"
#include "kernel/spinlock.h"
#include "kernel/wait.h"
#include "machine/console.h"

#define RING 1024u /* bytes, a power of two */

#define END_OF_INPUT 0x100 /* the mark: no byte has this value */

#define CTRL_D    0x04
#define BACKSPACE 0x08
#define ESCAPE    0x10 /* raw: ESCAPE CTRL_D is the end, ESCAPE ESCAPE itself */
#define CTRL_U    0x15
#define DELETE    0x7f

static struct spinlock input_lock = SPINLOCK("console input", RANK_INPUT);
static uint16_t ring[RING] GUARDED_BY(input_lock); /* bytes, or the mark */
static uint32_t taken GUARDED_BY(input_lock);
static uint32_t ready GUARDED_BY(input_lock);
static uint32_t end GUARDED_BY(input_lock);
static struct wait_queue readers = WAIT_QUEUE("console readers");

static bool put(uint16_t c) REQUIRES(input_lock)
{
    if (end - taken == RING)
        return false;
    ring[end++ % RING] = c;
    return true;
}

/* Take a byte into the line being edited, and echo it. */
static void edit(char c) REQUIRES(input_lock)
{
    switch (c) {
    case BACKSPACE:
    case DELETE:
        if (end == ready)
            return;
        end--;
        console_write("\b \b", 3);
        return;
    case CTRL_U:
        end = ready;
        console_write("^U\n", 3);
        return;
    case CTRL_D:
        if (put(END_OF_INPUT))
            ready = end;
        return;
    case '\r':
    case '\n':
        if (put('\n'))
            ready = end;
        console_write("\n", 1);
        return;
    default:
        /* One place is kept for the end of the line. */
        if (((unsigned char)c >= ' ' || c == '\t') && end - taken < RING - 1) {
            put((uint8_t)c);
            console_write(&c, 1);
        }
    }
}

/*
 * Every byte as it comes, but for one that says that the next is meant: the
 * end of input needs a sign of its own when all 256 bytes are data.
 */
static void take_raw(uint8_t c) REQUIRES(input_lock)
{
    static bool escaped GUARDED_BY(input_lock);
    if (!escaped && c == ESCAPE) {
        escaped = true;
        return;
    }
    put(escaped && c == CTRL_D ? END_OF_INPUT : c);
    escaped = false;
    ready = end;
}

void console_input(char c)
{
    spin_lock(&input_lock);
    if (options.raw_console)
        take_raw((uint8_t)c);
    else
        edit(c);
    bool wake = ready != taken;
    spin_unlock(&input_lock);
    if (wake)
        wait_wake(&readers, ~0u);
}

bool console_has_room(void)
{
    spin_lock(&input_lock);
    bool room = end - taken < RING - 1 || ready == taken;
    spin_unlock(&input_lock);
    return room;
}

/* Take what is ready, up to the end of a line or of input; -EAGAIN: nothing. */
static int take(char *buffer, uint32_t bytes)
{
    uint32_t count = 0;
    bool found = false;
    spin_lock(&input_lock);
    while (count < bytes && taken != ready) {
        uint16_t c = ring[taken++ % RING];
        found = true;
        if (c == END_OF_INPUT) {
            if (count)
                taken--; /* the next read ends at once */
            break;
        }
        buffer[count++] = (char)c;
        if (c == '\n' && !options.raw_console)
            break;
    }
    spin_unlock(&input_lock);
    if (found)
        console_devices_resume();
    return found ? (int)count : -EAGAIN;
}

int console_read(char *buffer, uint32_t bytes)
{
    int count = 0;
    if (options.no_input || !bytes)
        return 0;
    int error = wait_until(&readers, (count = take(buffer, bytes)) != -EAGAIN);
    return error ? error : count;
}
