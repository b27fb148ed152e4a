"""Run the examples in the docstrings of the catalogue."""

import doctest

from catalog import isbn, recommend
from catalog.templatetags import money


def load_tests(loader, tests, pattern):
    for module in (isbn, recommend, money):
        # Only the public names: what a parallel run sends to its workers has to be picklable.
        names = {name: value for name, value in vars(module).items() if callable(value)}
        tests.addTests(doctest.DocTestSuite(module, globs=names))
    return tests
