import os
import unittest


def setUpModule():
    os._exit(7)


class One(unittest.TestCase):
    def test_one(self):
        pass

    def test_two(self):
        pass
