/* SPDX-License-Identifier: MIT */
/*
 * A program that does what it must not do dies, of the signal that Linux would
 * give it, and nobody else does. Each crime is done by a child, which is this
 * program with the crime's name as its argument.
 *
 * run: cpus=1,4 mem=64M
 */
#include "user/lib/check.h"
#include "user/lib/memory.h"
#include "user/lib/program.h"
#include "user/lib/start.h"
#include "user/lib/string.h"
#include "user/lib/syscall.h"

typedef void (*code)(void);

static uint8_t data_code[16] = {0xc3}; /* RET */
static volatile uint32_t sink;

static void read_null(void)
{
    uint32_t value;
    __asm__ volatile("movl 0, %0" : "=r"(value));
}

static void write_null(void)
{
    __asm__ volatile("movl $1, 16" ::: "memory");
}

static void write_text(void)
{
    *(volatile uint8_t *)(uintptr_t)&write_text = 0xc3;
}

static void write_constant(void)
{
    static const uint32_t constant = 5;
    *(volatile uint32_t *)(uintptr_t)&constant = 6;
}

static void execute_data(void)
{
    ((code)(uintptr_t)data_code)();
}

static void execute_stack(void)
{
    volatile uint8_t stack_code[4] = {0xc3};
    ((code)(uintptr_t)stack_code)();
}

static void execute_heap(void)
{
    uint8_t *page = memory_pages(1);
    page[0] = 0xc3;
    ((code)(uintptr_t)page)();
}

static void jump_null(void)
{
    __asm__ volatile("jmp *%0" ::"r"(0));
}

static void read_unmapped(void)
{
    sink = *(volatile uint32_t *)0x90000000;
}

static void overflow_stack(void)
{
    __asm__ volatile("1: pushl $0; jmp 1b" ::: "memory");
}

static void divide_by_zero(void)
{
    __asm__ volatile("xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx;"
                     "divl %%ecx" ::
                         : "eax", "ecx", "edx");
}

static void x87_exception(void)
{
    uint16_t control = 0x0300; /* no exception masked */
    __asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait"
                     :
                     : "m"(control));
}

static void invalid_opcode(void)
{
    __asm__ volatile("ud2");
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
}

static void single_step(void)
{
    __asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; nop; nop" ::
                         : "memory", "cc");
}

static void overflow_trap(void)
{
    __asm__ volatile("movb $127, %%al; addb $1, %%al; into" ::: "eax", "cc");
}

static void bound_range(void)
{
    static const int32_t bounds[2] = {1, 2};
    __asm__ volatile("boundl %0, %1" ::"r"(7), "m"(bounds));
}

static void halt(void)
{
    __asm__ volatile("hlt");
}

static void interrupts_off(void)
{
    __asm__ volatile("cli");
}

static void port(void)
{
    __asm__ volatile("inb $0x60, %%al" ::: "eax");
}

static void load_cr3(void)
{
    __asm__ volatile("movl %0, %%cr3" ::"r"(0));
}

static void read_msr(void)
{
    __asm__ volatile("rdmsr" ::"c"(0xc0000080) : "eax", "edx");
}

static void kernel_selector(void)
{
    __asm__ volatile("movw %w0, %%ds" ::"r"(0x10));
}

static void wild_selector(void)
{
    __asm__ volatile("movw %w0, %%gs" ::"r"(0xfff8));
}

static void software_interrupt(void)
{
    __asm__ volatile("int $0x20");
}

static void double_fault_vector(void)
{
    __asm__ volatile("int $8");
}

static void wild_stack_pointer(void)
{
    __asm__ volatile("movl $0xfffffff0, %%esp; pushl $0" ::: "memory");
}

static const struct crime {
    const char *name;
    void (*commit)(void);
    int signal;
} crimes[] = {
    {"read_null", read_null, ABI_SIGSEGV},
    {"write_null", write_null, ABI_SIGSEGV},
    {"write_text", write_text, ABI_SIGSEGV},
    {"write_constant", write_constant, ABI_SIGSEGV},
    {"execute_data", execute_data, ABI_SIGSEGV},
    {"execute_stack", execute_stack, ABI_SIGSEGV},
    {"execute_heap", execute_heap, ABI_SIGSEGV},
    {"jump_null", jump_null, ABI_SIGSEGV},
    {"read_unmapped", read_unmapped, ABI_SIGSEGV},
    {"overflow_stack", overflow_stack, ABI_SIGSEGV},
    {"divide_by_zero", divide_by_zero, ABI_SIGFPE},
    {"x87_exception", x87_exception, ABI_SIGFPE},
    {"invalid_opcode", invalid_opcode, ABI_SIGILL},
    {"breakpoint", breakpoint, ABI_SIGTRAP},
    {"single_step", single_step, ABI_SIGTRAP},
    {"overflow_trap", overflow_trap, ABI_SIGSEGV},
    {"bound_range", bound_range, ABI_SIGSEGV},
    {"halt", halt, ABI_SIGSEGV},
    {"interrupts_off", interrupts_off, ABI_SIGSEGV},
    {"port", port, ABI_SIGSEGV},
    {"load_cr3", load_cr3, ABI_SIGSEGV},
    {"read_msr", read_msr, ABI_SIGSEGV},
    {"kernel_selector", kernel_selector, ABI_SIGSEGV},
    {"wild_selector", wild_selector, ABI_SIGSEGV},
    {"software_interrupt", software_interrupt, ABI_SIGSEGV},
    {"double_fault_vector", double_fault_vector, ABI_SIGSEGV},
    {"wild_stack_pointer", wild_stack_pointer, ABI_SIGSEGV},
};

int main(int argc, char **argv)
{
    for (uint32_t i = 0; i < sizeof(crimes) / sizeof(crimes[0]); i++) {
        if (argc == 1)
            CHECK_KILLED(crimes[i].name, program_run_self(crimes[i].name, NULL),
                         crimes[i].signal);
        else if (strcmp(argv[1], crimes[i].name) == 0)
            crimes[i].commit();
    }
    if (argc > 1)
        return 99; /* it lived, or there is no such crime */
    return check_result();
}
