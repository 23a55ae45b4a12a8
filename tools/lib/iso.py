# SPDX-License-Identifier: MIT
"""A boot CD with the files of one run: for Bochs, and for QEMU with --iso.

Building a CD with grub-mkrescue takes a second or two, so it is done once
(build/quartet.iso, or a CD of our own where that is missing); for a run
xorriso puts this run's kernel, modules and menu into a copy of it.
"""
import os
import subprocess
import tempfile

from machine import TREE, SetupError

PACKAGES = "grub-pc-bin grub-common xorriso mtools"
# What grub.cfg needs and no more: the CD is small and quickly made.
GRUB_MODULES = "multiboot iso9660 biosdisk normal"


def menu(options, modules):
    """grub.cfg: boot at once, no question."""
    quoted = " ".join("'%s'" % word for word in options)
    lines = ["set timeout=0", "set gfxpayload=text", "menuentry quartet {"]
    lines += ["  multiboot /boot/quartet.elf " + quoted]
    lines += ["  module /boot/%s ./%s" % (name, name) for name in modules]
    return "\n".join(lines + ["}", ""])


def call(words, **how):
    """Run a tool; its complaint becomes ours."""
    try:
        done = subprocess.run(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **how
        )
    except FileNotFoundError:
        raise SetupError(
            "%s is not installed (packages: %s)" % (words[0], PACKAGES)
        ) from None
    if done.returncode:
        tail = done.stdout.decode(errors="replace").strip().split("\n")[-3:]
        raise SetupError("%s: %s" % (words[0], " ".join(tail)))


def base():
    """A CD with GRUB on it, made at most once."""
    made = os.path.join(TREE, "build", "quartet.iso")
    own = os.path.join(TREE, "build", "empty.iso")
    for path in (made, own):
        if os.path.exists(path):
            return path
    os.makedirs(os.path.dirname(own), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(own)) as folder:
        root = os.path.join(folder, "root")
        os.makedirs(os.path.join(root, "boot", "grub"))
        target = os.path.join(folder, "empty.iso")
        words = ["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc"]
        words += ["--locales=", "--fonts=", "--themes="]
        words += ["--install-modules=" + GRUB_MODULES, "-o", target, root]
        call(words)
        os.replace(target, own)
    return own


def make(options, modules, folder):
    """Write folder/iso with what stage() has put there."""
    with open(os.path.join(folder, "grub.cfg"), "w", encoding="ascii") as file:
        file.write(menu(options, modules))
    words = ["xorriso", "-report_about", "FAILURE", "-follow", "on"]
    words += ["-indev", base(), "-outdev", "iso"]
    words += ["-boot_image", "any", "replay"]
    words += ["-map", "grub.cfg", "/boot/grub/grub.cfg"]
    words += ["-map", "kernel", "/boot/quartet.elf"]
    for name in modules:
        words += ["-map", name, "/boot/" + name]
    call(words, cwd=folder)
