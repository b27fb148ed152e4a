"""Item 18: a root of its own, not importable from the project's directory."""

import unittest

import two


class Item18Root(unittest.TestCase):
    def test_two(self):
        self.assertEqual(__name__, "two.test_root")
        self.assertEqual(two.__name__, "two")
