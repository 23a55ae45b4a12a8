/* SPDX-License-Identifier: MIT */
/*
 * What the CPU can do, and turning it on: NX and global pages, write
 * protection for the kernel too, FXSAVE, SMEP and SMAP. The boot CPU's answer
 * is taken for all.
 *
 * With SMAP the kernel reaches user memory only between STAC and CLAC; the
 * instructions' places are three-byte NOPs that are patched here, before the
 * image's text becomes read-only.
 */
#include "arch/i386/descriptors.h"
#include "arch/i386/paging.h"
#include "arch/i386/registers.h"
#include "kernel/panic.h"
#include "kernel/print.h"
#include "kernel/string.h"
#include "machine/cpu.h"

#define CPUID1_ECX_RDRAND    (1u << 30)
#define CPUID7_EBX_SMEP      (1u << 7)
#define CPUID7_EBX_SMAP      (1u << 20)
#define CPUID_EXTENDED       0x80000000u
#define CPUID_EXT1_EDX_NX    (1u << 20)
#define CPUID_EXT1_EDX_LONG  (1u << 29)
#define CPUID_EMULATOR       0x40000000u
#define EMULATOR_TCG         0x54474354u /* "TCGT", as in EBX */
#define DEFAULT_ADDRESS_BITS 36

pte_t pte_nx;
phys_t physical_end, tables_end;
static uint32_t cr4_bits;
static bool has_rdrand;
uint32_t cpu_capabilities;
char cpu_features[64];

struct smap_site {
    uint8_t *code;
    uint32_t open; /* 1: STAC, 0: CLAC */
};
extern const struct smap_site smap_sites_start[], smap_sites_end[];

static void patch_smap(void)
{
    static const uint8_t clac[] = {0x0f, 0x01, 0xca};
    static const uint8_t stac[] = {0x0f, 0x01, 0xcb};
    for (const struct smap_site *s = smap_sites_start; s < smap_sites_end; s++)
        memcpy(s->code, s->open ? stac : clac, sizeof(stac));
}

static void read_address_width(uint32_t top)
{
    uint32_t bits = DEFAULT_ADDRESS_BITS;
    if (top >= CPUID_EXTENDED + 8)
        bits = cpuid(CPUID_EXTENDED + 8, 0).eax & 0xff;
    physical_end = 1ull << (bits < 52 ? bits : 52);
    /*
     * QEMU's 32-bit emulator (7.2; mended in 8.2) drops the upper halves of the
     * addresses of page tables, though not of pages: its CPU has no long mode.
     */
    bool lossy = cpuid(CPUID_EMULATOR, 0).ebx == EMULATOR_TCG &&
                 !(cpuid(CPUID_EXTENDED + 1, 0).edx & CPUID_EXT1_EDX_LONG);
    tables_end = lossy ? 1ull << 32 : physical_end;
}

void cpu_detect_features(void)
{
    uint32_t highest = cpuid(0, 0).eax;
    uint32_t extended = cpuid(CPUID_EXTENDED, 0).eax;
    struct cpuid one = cpuid(1, 0);
    uint32_t seven = highest >= 7 ? cpuid(7, 0).ebx : 0;
    cpu_capabilities = one.edx;
    has_rdrand = one.ecx & CPUID1_ECX_RDRAND;
    if (extended > CPUID_EXTENDED &&
        (cpuid(CPUID_EXTENDED + 1, 0).edx & CPUID_EXT1_EDX_NX))
        pte_nx = PTE_NX;
    read_address_width(extended);
    cr4_bits = CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;
    if (seven & CPUID7_EBX_SMEP)
        cr4_bits |= CR4_SMEP;
    if (seven & CPUID7_EBX_SMAP) {
        cr4_bits |= CR4_SMAP;
        patch_smap();
    }
    format(cpu_features, sizeof(cpu_features), "PAE%s%s%s", pte_nx ? " NX" : "",
           cr4_bits & CR4_SMEP ? " SMEP" : "",
           cr4_bits & CR4_SMAP ? " SMAP" : "");
}

void cpu_init_features(void)
{
    if (pte_nx)
        write_msr(MSR_EFER, read_msr(MSR_EFER) | EFER_NXE);
    write_cr0((read_cr0() & ~(CR0_EM | CR0_TS | CR0_NW | CR0_CD)) | CR0_MP |
              CR0_NE | CR0_WP | CR0_AM);
    write_cr4(cr4_bits);
}

uint32_t cpu_random(void)
{
    uint32_t value;
    uint8_t ok = 0;
    for (int tries = 0; has_rdrand && !ok && tries < 10; tries++)
        __asm__ volatile("rdrand %0; setc %1" : "=r"(value), "=q"(ok));
    return ok ? value : (uint32_t)cycle_counter() * 2654435761u;
}
