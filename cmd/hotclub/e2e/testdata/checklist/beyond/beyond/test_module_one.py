"""A module of several classes, set up once."""

import unittest

from beyond.meeting import note


def setUpModule():
    note("setUpModule one")


def tearDownModule():
    note("tearDownModule one")


class ModuleOneA(unittest.TestCase):
    def test_a(self):
        pass

    def test_b(self):
        pass


class ModuleOneB(unittest.TestCase):
    def test_a(self):
        pass


class ModuleOneC(unittest.TestCase):
    def test_a(self):
        pass
