"""Item 54: a module that cannot be set up."""

import unittest


def setUpModule():
    raise LookupError("in setUpModule")


class Item54ModuleA(unittest.TestCase):
    def test_a(self):
        pass


class Item54ModuleB(unittest.TestCase):
    def test_b(self):
        pass
