import os
import unittest

import signs


def flood():
    os.write(1, b"the first words\n")
    line = b"z" * 65535 + b"\n"
    for _ in range(200 * 16):
        os.write(1, line)
    os.write(1, b"the last words\n")


class Flood(unittest.TestCase):
    def test_1_floods_and_holds(self):
        flood()
        signs.hold("flooded")

    def test_2_floods(self):
        flood()

    def test_3_holds(self):
        print("only mine")
        signs.hold("after")
