"""Item 54: a module that skips itself while it is set up."""

import unittest


def setUpModule():
    raise unittest.SkipTest("the whole module")


class Item54ModuleSkip(unittest.TestCase):
    def test_a(self):
        pass
