"""A module of several classes, set up once."""

import unittest

from beyond.meeting import note


def setUpModule():
    note("setUpModule two")


def tearDownModule():
    note("tearDownModule two")


class ModuleTwoA(unittest.TestCase):
    def test_a(self):
        pass

    def test_b(self):
        pass


class ModuleTwoB(unittest.TestCase):
    def test_a(self):
        pass


class ModuleTwoC(unittest.TestCase):
    def test_a(self):
        pass
