import unittest


def setUpModule():
    raise ValueError("in setUpModule")


class One(unittest.TestCase):
    def test_one(self):
        pass

    def test_two(self):
        pass


class Two(unittest.TestCase):
    def test_one(self):
        pass
