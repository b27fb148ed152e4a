"""Dies when all its tests have passed."""

import os
import unittest


def tearDownModule():
    print("going down with the module")
    os._exit(8)


class One(unittest.TestCase):
    def test_innocent(self):
        pass
