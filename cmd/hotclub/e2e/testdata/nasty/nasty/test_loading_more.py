"""More doctests: those of two modules must not be taken for each other."""

import doctest


def triple(number):
    """
    >>> triple(2)
    6
    """
    return number * 3


def load_tests(loader, tests, pattern):
    tests.addTests(doctest.DocTestSuite())
    return tests
