import unittest


class Arithmetic(unittest.TestCase):
    def test_right(self):
        self.assertEqual(1 + 1, 2)

    def test_wrong(self):
        print("about to fail")
        self.assertEqual(1 + 1, 3)
