import sys
import unittest


def setUpModule():
    sys.exit("from setUpModule")


class One(unittest.TestCase):
    def test_one(self):
        pass

    def test_two(self):
        pass
