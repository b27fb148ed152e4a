"""Item 19: suites that load_tests makes, doctests among them, and classes made on the fly."""

import doctest
import unittest

from tour import arithmetic


def _made_in_a_function(number):
    class Made(unittest.TestCase):
        def test_made(self):
            self.assertEqual(number, number)

        def test_made_and_failing(self):
            self.assertEqual(number, 0)

    Made.__qualname__ = f"Item19Made{number}"
    return Made


class Item19(unittest.TestCase):
    def __init__(self, method="test_with", argument=None):
        super().__init__(method)
        self.argument = argument

    def test_with(self):
        self.assertIsNotNone(self.argument)


def load_tests(loader, tests, pattern):
    suite = unittest.TestSuite()
    suite.addTest(Item19(argument="given by load_tests"))
    suite.addTests(loader.loadTestsFromTestCase(_made_in_a_function(7)))
    suite.addTests(doctest.DocTestSuite(arithmetic))
    return suite
