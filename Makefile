# SPDX-License-Identifier: MIT
#
# The one Makefile. It knows two builds side by side, release in build/ and
# debug in build/debug/; the rules for both come from the template `rules`
# below, and BUILD= chooses the one that `all`, `run` and `debug` mean. Every
# product depends on a file that holds its command line, so changed flags
# rebuild, and objects keep their folders, so equal names do not clash.
# `make help` lists the goals. Written for GNU make 3.81 and later.

BUILD  ?= release
CPUS   ?= 4
MEM    ?= 256M
LOWMEM ?= 64M
APPEND ?=
ACCEL  ?= tcg
QEMU   ?= qemu-system-i386
V      ?= 0

.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# --- Tools ------------------------------------------------------------------
# A goal that runs something installs what it lacks, here, before anything is
# looked up: what the build needs must be there, the rest can be named and left
# out. A goal that only builds installs nothing, but names what is missing.

GOALS        := $(or $(MAKECMDGOALS),all)
TEST_GOALS   := test test-quick test-full debug bochs
RUN_GOALS    := run $(TEST_GOALS)
CHECK_GOALS  := check check-clang check-cppcheck format format-check
PLAIN_GOALS  := help doctor clean $(CHECK_GOALS)

# CROSS= on the command line is a compiler that the tools are to know of.
install = $(if $(filter-out undefined,$(origin CROSS)),CROSS='$(CROSS)') \
    tools/install
need = $(if $(filter ok,$(shell $(install) $1 >&2 && echo ok)),, \
    $(error tools are missing, see above))

ifneq ($(filter $(RUN_GOALS),$(GOALS)),)
$(call need,run)
else ifneq ($(filter-out $(PLAIN_GOALS),$(GOALS)),)
$(call need,--check build)
endif
ifneq ($(filter $(TEST_GOALS),$(GOALS)),)
INSTALLED := $(shell $(install) test extra >&2; tools/get-musl --once >&2)
endif
ifneq ($(filter $(CHECK_GOALS),$(GOALS)),)
$(call need,check)
endif

first = $(shell for tool in $1; do \
    command -v $$tool >/dev/null 2>&1 && echo $$tool && break; done)

ifeq ($(origin CROSS),undefined)
CROSS := $(patsubst %gcc,%,$(call first,i686-linux-gnu-gcc i686-elf-gcc))
endif

CC      := $(CROSS)gcc
LD      := $(CROSS)ld
AR      := $(CROSS)ar
NM      := $(CROSS)nm
STRIP   := $(CROSS)strip
OBJCOPY := $(CROSS)objcopy
NASM    ?= nasm
CLANG   ?= clang
FORMAT  ?= clang-format

MKRESCUE := $(call first,grub-mkrescue grub2-mkrescue i686-elf-grub-mkrescue)
ISO_TOOLS := $(and $(MKRESCUE),$(call first,xorriso),$(call first,mformat))

# --- Flags ------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow \
    -Wundef -Wvla
ifeq ($(CI),true)
WARNINGS += -Werror
NASM_WERROR := -Werror
endif

# The last two lines switch off what distributions switch on, and keep GCC from
# making a call to memset() out of memset()'s own loop.
COMMON_FLAGS := -std=gnu11 -m32 -march=i686 -mtune=generic -ffreestanding \
    -fno-pic -fno-pie \
    -fno-stack-protector -fno-omit-frame-pointer \
    -fno-asynchronous-unwind-tables -fno-strict-aliasing $(WARNINGS) \
    -fcf-protection=none -fno-stack-clash-protection \
    -fno-tree-loop-distribute-patterns -fno-align-loops -fno-align-jumps
KERNEL_FLAGS := $(COMMON_FLAGS) -mregparm=3 -mgeneral-regs-only -I. \
    -Iarch/i386
USER_FLAGS   := $(COMMON_FLAGS) -I. -Iuser/lib
NASM_FLAGS   := -f elf32 -g -F dwarf $(NASM_WERROR) -I./

# No runtime for the checks of undefined behaviour exists in user programs.
release_FLAGS        := -O2 -g
debug_FLAGS          := -Og -g -DDEBUG
release_KERNEL_FLAGS :=
debug_KERNEL_FLAGS   := -fsanitize=undefined

LINK_FLAGS := -m elf_i386 -nostdlib -static --build-id=none -z noexecstack \
    -z max-page-size=4096
KERNEL_LINK := $(LINK_FLAGS) -T linker.ld
USER_LINK   := $(LINK_FLAGS) -z separate-code -z norelro \
    -Ttext-segment=0x08048000 -u _start

# --- Sources ----------------------------------------------------------------

KERNEL_SOURCES := $(sort $(wildcard boot/*.asm arch/i386/*.asm \
    arch/i386/*.c mm/*.c kernel/*.c tests/kernel/*.c))
LIB_SOURCES    := $(sort $(wildcard user/lib/*.c user/lib/*.asm))
USER_FILES     := $(sort $(shell find user/files -type f 2>/dev/null))

# Programs by the folder that they get in the guest.
PROGRAM_SOURCES := $(sort $(wildcard user/programs/*.c user/tests/*.c \
    user/demo/*.c))
PROGRAMS := $(patsubst programs/%,bin/%,$(PROGRAM_SOURCES:user/%.c=%))

C_FILES := $(sort $(shell find arch boot kernel labs mm tests tools user \
    -name '*.[ch]' 2>/dev/null))
KERNEL_C := $(filter %.c,$(KERNEL_SOURCES))
objects  = $(patsubst %.c,$1/%.o,$(patsubst %.asm,$1/%.asm.o,$2))
LINUX_C  := $(sort $(wildcard user/linux/*.c))
USER_C   := $(filter-out $(LINUX_C),$(filter user/%.c,$(C_FILES)))

# --- Commands ---------------------------------------------------------------

ifeq ($(V),1)
say = @mkdir -p $(@D)
Q   :=
else
say = @mkdir -p $(@D); printf '  %-7s %s\n' $1 $@
Q   := @
endif

# Replace the file $@ only if its content is to change.
define write_stamp
@mkdir -p $(@D)
@printf '%s\n' '$(subst ','\'',$1)' | cmp -s - $@ || \
    printf '%s\n' '$(subst ','\'',$1)' >$@
endef

define compile
$(call say,CC)
$(Q)$(CC) $1 -MMD -MP -c -o $@ $<
endef

define assemble
$(call say,NASM)
$(Q)$(NASM) $(NASM_FLAGS) -MD $(@:.o=.d) -MP -o $@ $<
endef

define link_kernel
$(call say,LD)
$(Q)$(LD) $(KERNEL_LINK) -o $@ $(filter %.o,$^)
endef

define link_program
$(call say,LD)
$(Q)$(LD) $(USER_LINK) -o $@ $(filter %.o %.a,$^)
endef

define archive
$(call say,AR)
$(Q)rm -f $@ && $(AR) rcsD $@ $(filter %.o,$^)
endef

# The names and addresses of a linked kernel, as a source file to link with it.
define make_symbols
$(call say,SYMBOLS)
$(Q)$(NM) -n $< >$@.nm && tools/symbols <$@.nm >$@
endef

# "address name", a line each, as Bochs's `ldsym global` reads them.
define bochs_symbols
$(call say,SYMBOLS)
$(Q)$(NM) -n $< | awk '$$2 ~ /^[TtDdBbRr]$$/ { print $$1, $$3 }' >$@
endef

# Programs without their debug information, in the order of their names, with
# times, owners and inode numbers that are always the same.
define make_initrd
$(call say,CPIO)
$(Q)rm -rf $1/initrd && mkdir -p $1/initrd
$(Q)if [ -d user/files ]; then cp -R user/files/. $1/initrd/; fi
$(Q)cd $1/user && for f in $(PROGRAMS); do \
    mkdir -p ../initrd/$${f%/*} && \
    $(STRIP) -o ../initrd/$$f $$f || exit 1; done
$(Q)cd $1/initrd && find . -exec touch -h -t 197001010000 {} + && \
    find . ! -name . | LC_ALL=C sort | TZ=UTC cpio -o -H newc \
    -R 0:0 $(CPIO_SAME) --quiet >../$(@F)
endef
CPIO_SAME = $(shell cpio --help 2>&1 | grep -q reproducible && \
    echo --reproducible)

# The kernel goes in stripped: GRUB would load its debug information as well.
define make_iso
$(if $(ISO_TOOLS),,$(error the ISO needs grub-mkrescue, xorriso and mtools: \
    `make doctor` says how to get them))
$(call say,ISO)
$(Q)rm -rf $1/iso && mkdir -p $1/iso/boot/grub
$(Q)$(STRIP) -o $1/iso/boot/quartet.elf $1/quartet.elf
$(Q)cp $1/initrd.cpio $1/iso/boot/ && cp boot/grub.cfg $1/iso/boot/grub/
$(Q)printf "set options='%s'\n" '$(APPEND)' >$1/iso/boot/grub/options.cfg
$(Q)$(MKRESCUE) $(GRUB_FLAGS) -o $@ $1/iso >$1/iso.log 2>&1 || \
    { cat $1/iso.log; exit 1; }
endef
GRUB_MODULES := multiboot normal configfile biosdisk iso9660 part_msdos echo
GRUB_FLAGS = $(addprefix --directory=,$(firstword $(wildcard \
    /usr/lib/grub/i386-pc))) --install-modules="$(GRUB_MODULES)" \
    --locales= --fonts= --themes= --compress=no

# --- Rules, for each build --------------------------------------------------
# $1 is the folder, $2 the build's name. What is to be expanded when a rule
# runs has its dollar doubled.

define rules
$2_PRODUCTS := $1/quartet.elf $1/initrd.cpio $1/kernel.sym \
    $1/kernel.bochs.sym $(if $(ISO_TOOLS),$1/quartet.iso)
$2_OBJECTS := $(call objects,$1/obj,$(KERNEL_SOURCES))
$2_LIB := $(call objects,$1/obj,$(LIB_SOURCES))

$1/stamp/compile: FORCE
	$$(call write_stamp,$$(CC) $$(KERNEL_FLAGS) $$($2_FLAGS) \
	    $$($2_KERNEL_FLAGS) $$(NASM) $$(NASM_FLAGS))
$1/stamp/link: FORCE
	$$(call write_stamp,$$(LD) $$(KERNEL_LINK) $$($2_OBJECTS))
$1/stamp/user: FORCE
	$$(call write_stamp,$$(LD) $$(USER_LINK) $$($2_LIB))
$1/stamp/initrd: FORCE
	$$(call write_stamp,$$(PROGRAMS) $$(USER_FILES))
$1/stamp/iso: FORCE
	$$(call write_stamp,$$(MKRESCUE) $$(GRUB_FLAGS) $$(APPEND))

$1/obj/user/%.o: user/%.c $1/stamp/compile
	$$(call compile,$$(USER_FLAGS) $$($2_FLAGS))
$1/obj/%.o: %.c $1/stamp/compile
	$$(call compile,$$(KERNEL_FLAGS) $$($2_FLAGS) $$($2_KERNEL_FLAGS))
$1/obj/%.asm.o: %.asm $1/stamp/compile
	$$(assemble)

# Two links: the second adds the symbol table of the first, behind everything.
$1/symbols.0.asm: tools/symbols
	$$(call say,SYMBOLS)
	$$(Q)tools/symbols </dev/null >$$@
$1/symbols.asm: $1/quartet.elf.1 tools/symbols
	$$(make_symbols)
$1/symbols.0.asm.o $1/symbols.asm.o: %.o: % $1/stamp/compile
	$$(assemble)
$1/quartet.elf.1: $$($2_OBJECTS) $1/symbols.0.asm.o linker.ld $1/stamp/link
	$$(link_kernel)
$1/quartet.elf: $$($2_OBJECTS) $1/symbols.asm.o linker.ld $1/stamp/link
	$$(link_kernel)

$1/kernel.sym: $1/quartet.elf
	$$(call say,OBJCOPY)
	$$(Q)$$(OBJCOPY) --only-keep-debug $$< $$@
$1/kernel.bochs.sym: $1/quartet.elf
	$$(bochs_symbols)

$1/user/lib.a: $$($2_LIB) $1/stamp/user
	$$(archive)
$1/user/bin/%: $1/obj/user/programs/%.o $1/user/lib.a $1/stamp/user
	$$(link_program)
$1/user/tests/%: $1/obj/user/tests/%.o $1/user/lib.a $1/stamp/user
	$$(link_program)
$1/user/demo/%: $1/obj/user/demo/%.o $1/user/lib.a $1/stamp/user
	$$(link_program)

$1/initrd.cpio: $$(PROGRAMS:%=$1/user/%) $$(USER_FILES) $1/stamp/initrd
	$$(call make_initrd,$1)
$1/quartet.iso: $1/quartet.elf $1/initrd.cpio boot/grub.cfg $1/stamp/iso
	$$(call make_iso,$1)

-include $$(patsubst %.o,%.d,$$($2_OBJECTS) $$($2_LIB) \
    $$(call objects,$1/obj,$$(PROGRAM_SOURCES)))
endef

$(eval $(call rules,build,release))
$(eval $(call rules,build/debug,debug))

# Ordinary Linux programs, with a C library: only where a static one is.
LINUX_FLAGS := -std=gnu11 -static -O2 -g -pthread $(WARNINGS)
LINUX_LIBC  := $(shell $(CC) -print-file-name=libc.a 2>/dev/null)
LINUX_PROGRAMS := $(if $(filter /%,$(LINUX_LIBC)), \
    $(LINUX_C:user/linux/%.c=build/linux/%))

build/linux/%: user/linux/%.c Makefile
	$(call say,CC)
	$(Q)$(CC) $(LINUX_FLAGS) -o $@ $<

# --- Goals ------------------------------------------------------------------

OUT_release := build
OUT_debug   := build/debug
OUT         := $(OUT_$(BUILD))
ifeq ($(OUT),)
$(error BUILD is release or debug, not $(BUILD))
endif

BOTH := $(release_PRODUCTS) $(debug_PRODUCTS) $(LINUX_PROGRAMS)

.PHONY: FORCE all iso linux run test test-quick test-full debug bochs format \
    format-check check check-clang check-cppcheck doctor clean help
FORCE:

## all          the kernel, the initrd, symbol files; the ISO where GRUB is
all: $($(BUILD)_PRODUCTS)
ifeq ($(ISO_TOOLS),)
	@echo 'No ISO: grub-mkrescue, xorriso or mtools is missing (make doctor)'
endif

## iso          the ISO for Bochs and real machines, with APPEND= in it
iso: $(OUT)/quartet.iso

## linux        the static Linux programs of user/linux, in build/linux
linux: $(LINUX_PROGRAMS)
ifeq ($(LINUX_PROGRAMS),)
	@echo 'No static C library for i386: tools/install extra'; exit 1
endif

# What QEMU's isa-debug-exit makes of the kernel's exit code 0 is 1. The
# terminal is put back even if QEMU was killed and could not do so.
QEMU_KERNEL = -kernel $(OUT)/quartet.elf -initrd $(OUT)/initrd.cpio \
    -append 'lowmem=$(LOWMEM) $(APPEND)'
QEMU_ISO    = -cdrom $(OUT)/quartet.iso -boot d
QEMU_FLAGS  = -nodefaults -vga std -accel $(ACCEL) -cpu max -smp $(CPUS) \
    -m $(MEM) -no-reboot -display none -serial mon:stdio \
    -device isa-debug-exit,iobase=0x501,iosize=1

## run          boot in QEMU, console on this terminal: CPUS=4 MEM=256M
##              LOWMEM=64M APPEND='boot options'; ISO=1 boots the ISO; ACCEL=kvm
run: $(if $(ISO),$(OUT)/quartet.iso,$(OUT)/quartet.elf $(OUT)/initrd.cpio)
	@echo "Leave with 'exit' at the prompt, or with Ctrl-A X at any time."
	$(Q)tty=$$(stty -g 2>/dev/null); \
	$(QEMU) $(QEMU_FLAGS) $(if $(ISO),$(QEMU_ISO),$(QEMU_KERNEL)); \
	status=$$?; if [ -n "$$tty" ]; then stty "$$tty"; fi; \
	case $$status in \
	0|1) ;; \
	*) echo "QEMU ended with status $$status."; exit 1 ;; \
	esac

## test         boot every configuration and run all tests
## test-quick   the part of them that takes half a minute
## test-full    and those that take long
test: $(BOTH)
	$(Q)tests/run
test-quick: $(BOTH)
	$(Q)tests/run --quick
test-full: $(BOTH)
	$(Q)tests/run --full

# Debuggers take the debug build unless BUILD= says otherwise.
WATCHED := $(if $(filter file,$(origin BUILD)),debug,$(BUILD))

## debug        QEMU, stopped, with gdb attached to it: CPUS=4 MEM=256M
debug: $($(WATCHED)_PRODUCTS)
	$(Q)tools/debug -c $(CPUS) -m $(MEM) -a '$(APPEND)' $(OUT_$(WATCHED))

## bochs        Bochs with its debugger, symbols loaded; 2 CPUs
bochs: $($(WATCHED)_PRODUCTS)
	$(Q)tools/bochs -m $(MEM) -a '$(APPEND)' $(OUT_$(WATCHED))

## format       lay out all C files as .clang-format says
format:
	$(Q)$(FORMAT) -i $(C_FILES)
format-check:
	$(Q)$(FORMAT) --dry-run -Werror $(C_FILES)

## check        static checks: layout, lock annotations (clang), cppcheck
check: format-check check-clang check-cppcheck

CLANG_FLAGS := --target=i686-elf -std=gnu11 -ffreestanding -fsyntax-only \
    -Wall -Wextra -Wthread-safety -Werror -I. -Iarch/i386
check-clang:
	$(Q)$(CLANG) $(CLANG_FLAGS) -mgeneral-regs-only $(KERNEL_C)
	$(Q)$(CLANG) $(CLANG_FLAGS) -mgeneral-regs-only -DDEBUG $(KERNEL_C)
	$(Q)$(CLANG) $(CLANG_FLAGS) -Iuser/lib $(USER_C)

check-cppcheck:
	$(Q)tools/check-cppcheck $(KERNEL_C) $(USER_C)

## doctor       every tool with its version, and what is wrong
doctor:
	@tools/doctor

## clean        remove build/
clean:
	$(Q)rm -rf build

## help         this list
help:
	@sed -n 's/^##    */               /p; s/^## /  /p' \
	    $(firstword $(MAKEFILE_LIST))
	@echo '  BUILD=debug chooses the debug build, V=1 shows commands.'
