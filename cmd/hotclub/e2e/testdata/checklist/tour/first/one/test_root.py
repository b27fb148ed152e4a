"""Item 18: a root of its own, not importable from the project's directory."""

import unittest

import one


class Item18Root(unittest.TestCase):
    def test_one(self):
        self.assertEqual(__name__, "one.test_root")
        self.assertEqual(one.__name__, "one")
