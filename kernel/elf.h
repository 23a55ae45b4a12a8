/* SPDX-License-Identifier: MIT */
/*
 * Reader of static ELF32 executables for i386 (System V ABI). It only reads
 * and checks: what to map where goes to the caller as a list, so that the
 * reader can be fed with random bytes.
 */
#pragma once

#include "kernel/source.h"

#define ELF_SEGMENTS 16

#define ELF_EXECUTE 1u
#define ELF_WRITE   2u
#define ELF_READ    4u

struct elf_segment {
    uint32_t address;   /* of its first byte, any alignment */
    uint32_t offset;    /* in the file; same offset in the page as address */
    uint32_t file_size; /* bytes from the file, the rest is zero */
    uint32_t size;      /* bytes in memory, at least file_size, not 0 */
    uint32_t flags;     /* ELF_EXECUTE, ELF_WRITE, ELF_READ */
};

struct elf_image {
    uint32_t entry;
    uint32_t headers; /* user address of the program headers, 0 if unmapped */
    uint32_t header_size, header_count;
    uint32_t end; /* first address behind the highest segment */
    uint32_t segments;
    struct elf_segment segment[ELF_SEGMENTS]; /* ascending by address */
};

/*
 * Read the headers of `file`. 0, or -ENOEXEC for anything but a well-formed
 * static i386 executable whose segments lie within [USER_START, USER_END),
 * share no page with each other unless their flags are equal, lie inside the
 * file, and whose entry lies in an executable segment; then *why says what is
 * wrong in a few words. PT_INTERP is refused (no dynamic linking), ET_DYN too.
 * PT_NOTE, PT_TLS, PT_GNU_STACK and other headers are passed over.
 */
int elf_read(const struct source *file, struct elf_image *image,
             const char **why);
