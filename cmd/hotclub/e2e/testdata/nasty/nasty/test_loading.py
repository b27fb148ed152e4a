"""Tests that no loader finds by their names."""

import doctest
import unittest


def double(number):
    """
    >>> double(2)
    4
    >>> double("a")
    'aa'
    """
    return number * 2


def wrong(number):
    """
    >>> wrong(2)
    5
    """
    return number * 2


class Parametrised(unittest.TestCase):
    def __init__(self, value):
        super().__init__("check")
        self.value = value

    def __eq__(self, other):
        return self is other  # Django runs equal tests once

    __hash__ = unittest.TestCase.__hash__

    def id(self):
        return f"nasty.test_loading.Parametrised.check[{self.value}]"

    def check(self):
        self.assertLess(self.value, 3)


def loose():
    raise ValueError("a function is a test as well")


def load_tests(loader, tests, pattern):
    class Hidden(unittest.TestCase):
        def test_innocent(self):
            pass

        def test_fails(self):
            self.fail("from nowhere")

    tests.addTests(doctest.DocTestSuite())
    tests.addTests(Parametrised(value) for value in range(5))
    tests.addTests(loader.loadTestsFromTestCase(Hidden))
    tests.addTest(unittest.FunctionTestCase(loose))
    return tests
