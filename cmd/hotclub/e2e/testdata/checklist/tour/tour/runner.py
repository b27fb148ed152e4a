"""A test runner that uses most of the points at which Django lets projects in."""

import os
import unittest

from django.conf import settings
from django.test import runner
from django.test.runner import DiscoverRunner, ParallelTestSuite, _init_worker
from django.utils import translation


def init_worker(*args, **kwargs):
    _init_worker(*args, **kwargs)
    settings.INIT_WORKER = runner._worker_id


def process_setup(place):
    settings.PROCESS_SETUP = place


class TourSuite(ParallelTestSuite):
    init_worker = init_worker
    process_setup = process_setup

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.process_setup_args = ("a place",)


def loud(base):
    """A result class that says what it hears about tests that ask for it."""

    class LoudResult(base):
        def addSuccess(self, test):
            super().addSuccess(test)
            if getattr(test, "loud", False):
                print(f"LoudResult heard of a success, descriptions={self.descriptions}")

    return LoudResult


class TourTextRunner(unittest.TextTestRunner):
    def __init__(self, *args, tour=None, **kwargs):
        assert tour == "guided", tour
        super().__init__(*args, **kwargs)


class TourRunner(DiscoverRunner):
    parallel_test_suite = TourSuite
    test_runner = TourTextRunner

    @classmethod
    def add_arguments(cls, parser):
        super().add_arguments(parser)
        parser.add_argument("--tour-mark", default="unmarked")

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.kwargs = kwargs

    def setup_test_environment(self, **kwargs):
        translation.activate("de")
        before = translation.get_language()
        super().setup_test_environment(**kwargs)
        settings.LANGUAGES_AROUND_SET_UP = before, translation.get_language()
        settings.RAN_BY = type(self).__name__
        settings.TOUR_MARK = self.kwargs["tour_mark"]
        settings.RUNNER_OPTIONS = dict(self.kwargs)
        settings.SET_UP_IN = os.getpid()

    def get_resultclass(self):
        return loud(super().get_resultclass() or unittest.TextTestResult)

    def get_test_runner_kwargs(self):
        return {**super().get_test_runner_kwargs(), "tour": "guided", "descriptions": False}


class OtherRunner(TourRunner):
    """Chosen by --testrunner only: knows one more option, and forgives its known failures."""

    reorder_by = (unittest.TestCase,)

    @classmethod
    def add_arguments(cls, parser):
        super().add_arguments(parser)
        parser.add_argument("--forgive", action="append", default=[])

    def suite_result(self, suite, result, **kwargs):
        forgiven = self.kwargs["forgive"]
        bad = [*result.failures, *result.errors, *((test,) for test in result.unexpectedSuccesses)]
        return sum(not any(name in test.id() for name in forgiven) for test, *_ in bad)
