# SPDX-License-Identifier: MIT
"""The result line: complete or nothing, and what the runner makes of it."""
import unittest

import result

GOOD = (
    b"quartet-result 1\noutcome exited\nstatus 3\nframes-lost 0\n"
    b"counter ticks 12345678901\nend\n"
)


class Result(unittest.TestCase):
    def test_good(self):
        found = result.parse(GOOD)
        self.assertEqual(found["outcome"], "exited")
        self.assertEqual(found["counters"], {"ticks": 12345678901})
        self.assertEqual(result.exit_status(found), 3)

    def test_every_cut_is_incomplete(self):
        for length in range(len(GOOD)):
            self.assertIsNone(result.parse(GOOD[:length]), length)

    def test_malformed(self):
        for wrong in (
            GOOD.replace(b"quartet-result 1", b"quartet-result 2"),
            GOOD.replace(b"status 3", b"status x"),
            GOOD.replace(b"outcome exited", b"outcome happy"),
            GOOD.replace(b"outcome exited\n", b""),
            GOOD.replace(b"status 3\n", b""),
            GOOD.replace(b"counter", b"conter"),
        ):
            with self.assertRaises(result.Malformed):
                result.parse(wrong)

    def test_panic_needs_no_status(self):
        text = b"quartet-result 1\noutcome panic\nend\n"
        self.assertEqual(result.exit_status(result.parse(text)), 125)

    def test_exit_statuses(self):
        table = [("signalled", 11, 139), ("exited", 255, 255)]
        table += [("timeout", None, 124), ("hang", None, 125)]
        table += [("no-program", None, 126), ("boot-failed", None, 125)]
        for outcome, status, expected in table:
            report = {"outcome": outcome, "status": status}
            self.assertEqual(result.exit_status(report), expected)
