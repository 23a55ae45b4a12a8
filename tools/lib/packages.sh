# SPDX-License-Identifier: MIT
#
# The tools that Quartet is built, run and checked with, one line each, and the
# two questions asked about them. tools/doctor and tools/install read this.
#
# A tool is a command, or a choice of commands (a|b), or a file that a package
# brings; files have Debian's paths and are asked for only where apt-get is.
# Groups, each of which takes in those before it (but for check and extra):
#
#   build   nothing can be built without it
#   run     nothing can be started without it
#   test    the ISO, Bochs, gdb: make test, debug, bochs
#   check   static checks: make check, format
#   extra   only to build static Linux programs, which Quartet can run

# group tool package-of-Debian package-of-Homebrew; CROSS, if set, is a prefix
# that comes first.
tools_table()
{
    cat <<END
build ${CROSS+${CROSS}gcc|}i686-linux-gnu-gcc|i686-elf-gcc gcc-i686-linux-gnu i686-elf-gcc
build ${CROSS+${CROSS}ld|}i686-linux-gnu-ld|i686-elf-ld binutils-i686-linux-gnu i686-elf-binutils
build nasm nasm nasm
build cpio cpio cpio
build python3 python3 python3
run qemu-system-i386 qemu-system-x86 qemu
run qemu-system-x86_64 qemu-system-x86 qemu
run /usr/share/seabios/bios-256k.bin seabios -
test gdb gdb gdb
test grub-mkrescue|grub2-mkrescue|i686-elf-grub-mkrescue grub-common i686-elf-grub
test /usr/lib/grub/i386-pc/multiboot.mod grub-pc-bin -
test xorriso xorriso xorriso
test mformat mtools mtools
test bochs bochs bochs
test /usr/share/bochs/BIOS-bochs-latest bochsbios -
test /usr/share/vgabios/vgabios.bin vgabios -
test /usr/lib/*/bochs/plugins/libbx_term_gui.so bochs-term -
check clang clang llvm
check clang-format clang-format clang-format
check cppcheck cppcheck cppcheck
extra /usr/i686-linux-gnu/lib/libc.a libc6-dev-i386-cross -
END
}

debian()
{
    command -v apt-get >/dev/null 2>&1
}

# What a person types before the names of packages.
install_command()
{
    if debian; then
        sudo=sudo
        [ "$(id -u)" -ne 0 ] || sudo=
        echo $sudo apt-get install --no-install-recommends
    elif command -v brew >/dev/null 2>&1; then
        echo brew install
    else
        echo "with your system's package manager (Homebrew's names):"
    fi
}

group_purpose() # group
{
    case $1 in
    build) echo 'needed to build' ;;
    run) echo 'needed for make run' ;;
    test) echo 'optional: make test, debug, bochs, iso' ;;
    check) echo 'optional: make check, format' ;;
    *) echo 'optional: static Linux programs' ;;
    esac
}

# Print what is there of a tool: the command's name, or the file. False: none.
tool_find()
{
    case $1 in
    /*)
        for file in $1; do # a pattern
            [ -e "$file" ] && echo "$file" && return 0
        done
        return 1
        ;;
    esac
    for command in $(echo "$1" | tr '|' ' '); do
        command -v "$command" >/dev/null 2>&1 && echo "$command" && return 0
    done
    return 1
}

# Whether a row with this group is wanted by someone who asks for `group`.
group_wants() # group row-group
{
    case $1/$2 in
    "$2/$2" | run/build | test/build | test/run) return 0 ;;
    esac
    return 1
}

# The rows whose tools are missing, of all groups given.
tools_missing()
{
    tools_table | while read -r group tool package brew; do
        case $tool in
        /*) debian || continue ;;
        esac
        for wanted in "$@"; do
            if group_wants "$wanted" "$group"; then
                tool_find "$tool" >/dev/null ||
                    echo "$group $tool $package $brew"
                break
            fi
        done
    done
}
