import unittest


def tearDownModule():
    raise ValueError("in tearDownModule")


class One(unittest.TestCase):
    def test_innocent(self):
        pass
