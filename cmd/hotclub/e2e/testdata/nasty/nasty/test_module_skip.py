import unittest


def setUpModule():
    raise unittest.SkipTest("by setUpModule")


class One(unittest.TestCase):
    def test_one(self):
        pass
