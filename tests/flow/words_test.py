#!/usr/bin/env python3
"""docs/words.md is what the tables say, and the lists of -dK have every class."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.process import need_program, run  # noqa: E402

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "docs", "words.md")


class Words(unittest.TestCase):
    def listing(self, of):
        code, out, err = run([need_program("lbd"), "-dK" + of])
        self.assertEqual((code, err), (0, ""))
        return out

    def test_the_page_is_up_to_date(self):
        with open(PAGE, encoding="utf-8") as file:
            self.assertEqual(file.read(), self.listing("markdown"), "make words writes docs/words.md anew")

    def test_classes(self):
        everything = self.listing("all")
        for of in ("cfg", "smp", "cnv", "acl", "act", "log", "lb", "chk", "svc", "cli", "metrics"):
            self.assertIn(f"\n{of}: ", self.listing("help"))
            self.assertIn(self.listing(of), everything)
        self.assertIn("field(integer,string[,integer]): str => str", self.listing("cnv"))
        self.assertIn("http-request, http-response", self.listing("act"))


if __name__ == "__main__":
    unittest.main()
