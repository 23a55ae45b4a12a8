# SPDX-License-Identifier: MIT
"""Writer of "newc" cpio archives, the format of boot modules (cpio(5)).

Byte for byte the same for the same files: owners and times are zero and inode
numbers are counted up, so that two runs boot the very same image.
"""

REGULAR = 0o100000
DIRECTORY = 0o040000


def _pad(data):
    return data + b"\0" * (-len(data) % 4)


def _entry(number, path, mode, data):
    name = path.encode() + b"\0"
    links = 2 if mode & DIRECTORY else 1
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0)
    header = b"070701" + b"".join(b"%08x" % field for field in fields)
    return _pad(header + name) + _pad(data)


def archive(files):
    """The archive of `files`: (path, mode bits, bytes), parents added."""
    parts, made = [], set()

    def add(path, mode, data):
        parts.append(_entry(len(parts) + 1, path, mode, data))

    for path, mode, data in files:
        path = path.strip("/")
        folders = path.split("/")[:-1]
        for depth in range(1, len(folders) + 1):
            folder = "/".join(folders[:depth])
            if folder not in made:
                made.add(folder)
                add(folder, DIRECTORY | 0o755, b"")
        add(path, REGULAR | mode, data)
    parts.append(_entry(0, "TRAILER!!!", 0, b""))
    return b"".join(parts)
