# SPDX-License-Identifier: MIT
"""Which combinations of placements `make test` takes, and how the output of a
batch of programs is told apart."""
import itertools
import unittest

import suite_placements as placements


class Groups(unittest.TestCase):
    def test_six_groups_are_all_combinations(self):
        found = [which for group in range(placements.GROUPS)
                 for which in placements.combinations(group)]
        wanted = ["pt=%s kmap=%s kstack=%s" % each for each in
                  itertools.product(placements.PT, placements.KMAP,
                                    placements.KSTACK)]
        self.assertEqual(sorted(found), sorted(wanted))

    def test_a_group_has_every_value(self):
        for group in range(placements.GROUPS):
            words = set(" ".join(placements.combinations(group)).split())
            self.assertEqual(len(words), 3 + 3 + 2)

    def test_a_commit_or_a_number_chooses(self):
        for number in range(placements.GROUPS):
            self.assertEqual(placements.group_of(str(number)), number)
        self.assertEqual(placements.group_of("0123abcd"), 0x123abcd % 6)


class Parts(unittest.TestCase):
    def test_each_program_has_its_own_output(self):
        written = b"\1/a\none\n\2" b"0\n\1/b\n\2" b"256\n\1/c\nhalf"
        self.assertEqual(placements.parts(written), {
            "/a": (b"one\n", 0), "/b": (b"", 256), "/c": (b"half", None)})

    def test_what_fails_is_said(self):
        well = (("exited", 0), b"one\n")
        judge = placements.judge
        self.assertEqual(judge("/a", (b"one\n", 0), well), "")
        self.assertIn("exited 1", judge("/a", (b"one\n", 256), well))
        self.assertIn("signalled 11", judge("/a", (b"one\n", 11), well))
        self.assertIn("did not end", judge("/a", (b"one\n", None), well))
        self.assertIn("+two", judge("/a", (b"two\n", 0), well))


if __name__ == "__main__":
    unittest.main()
