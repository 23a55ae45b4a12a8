# SPDX-License-Identifier: MIT
"""The archive writer: what it writes, cpio reads; the same every time."""
import os
import shutil
import subprocess
import tempfile
import unittest

import newc

FILES = [("a", 0o644, b""), ("dir/sub/b", 0o755, b"12345")]
FILES += [("c", 0o600, b"1234")]


class Newc(unittest.TestCase):
    def test_same_bytes(self):
        self.assertEqual(newc.archive(FILES), newc.archive(FILES))

    def test_aligned(self):
        self.assertEqual(len(newc.archive(FILES)) % 4, 0)

    def test_empty(self):
        self.assertIn(b"TRAILER!!!", newc.archive([]))

    def test_cpio_reads_it(self):
        if not shutil.which("cpio"):
            self.skipTest("cpio is not installed")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ["cpio", "-idm", "--quiet"], input=newc.archive(FILES),
                cwd=folder, check=True,
            )
            for path, mode, data in FILES:
                target = os.path.join(folder, path)
                with open(target, "rb") as file:
                    self.assertEqual(file.read(), data)
                self.assertEqual(os.stat(target).st_mode & 0o777, mode)
