import doctest

from analytics import reports


def load_tests(loader, tests, pattern):
    names = {"moving_average": reports.moving_average}
    tests.addTests(doctest.DocTestSuite(reports, globs=names))
    return tests
