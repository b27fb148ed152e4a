"""Runners that write down which of their methods are called."""

import unittest

from django.conf import settings
from django.test import runner
from django.test.runner import DiscoverRunner, ParallelTestSuite, RemoteTestResult, RemoteTestRunner

from flow.journal import note


def init_worker(*args, **kwargs):
    if settings.FLOW_BAD_INIT:
        raise LookupError("this worker cannot be prepared")
    runner._init_worker(*args, **kwargs)
    note("init_worker", runner._worker_id)


def process_setup(place):
    note("process_setup", place)


class FlowSuite(ParallelTestSuite):
    init_worker = init_worker
    process_setup = process_setup
    process_setup_args = ("here",)


class FlowRunner(DiscoverRunner):
    parallel_test_suite = FlowSuite

    def setup_test_environment(self, **kwargs):
        note("setup_test_environment")
        super().setup_test_environment(**kwargs)

    def build_suite(self, *args, **kwargs):
        note("build_suite")
        self.suite = super().build_suite(*args, **kwargs)
        return self.suite

    def get_databases(self, suite):
        databases = super().get_databases(suite)
        note("get_databases", sorted(databases.items()))
        return databases

    def setup_databases(self, **kwargs):
        # Projects look at what build_suite has found.
        note("setup_databases", sorted(kwargs["aliases"]), self.suite.countTestCases() > 0)
        return super().setup_databases(**kwargs)

    def run_checks(self, databases):
        note("run_checks", sorted(databases))
        super().run_checks(databases)

    def teardown_databases(self, old_config, **kwargs):
        super().teardown_databases(old_config, **kwargs)
        note("teardown_databases")

    def teardown_test_environment(self, **kwargs):
        super().teardown_test_environment(**kwargs)
        note("teardown_test_environment")

    def log(self, msg, level=None):
        note("log", msg)
        super().log(msg, level)

    def suite_result(self, suite, result, **kwargs):
        note(
            "suite_result", suite.countTestCases(), "tests,", result.testsRun, "run,",
            sorted(test.id() for test, _ in result.failures), "failed",
        )  # fmt: skip
        return super().suite_result(suite, result, **kwargs)


class SuiteRunner(FlowRunner):
    """Runs its suite in its own way, so that nobody else can."""

    def run_suite(self, suite, **kwargs):
        note("run_suite")
        return super().run_suite(suite, **kwargs)


class TalkativeRemoteResult(RemoteTestResult):
    """Sends events that only the result class of its own project knows, and one that nobody does."""

    def stopTest(self, test):
        self.events.append(("addInfo", self.test_index, f"info about {test.id()}"))
        self.events.append(("addNonsense", self.test_index))
        super().stopTest(test)


class TalkativeRemoteRunner(RemoteTestRunner):
    resultclass = TalkativeRemoteResult


class InformedResult(unittest.TextTestResult):
    def addInfo(self, test, text):
        note("addInfo", text)


class ReplaySuite(FlowSuite):
    runner_class = TalkativeRemoteRunner

    def handle_event(self, result, tests, event):
        """Of Django 5.2 and later."""
        note("handle_event", event[0])
        super().handle_event(result, tests, event)


class ReplayRunner(FlowRunner):
    parallel_test_suite = ReplaySuite

    def get_resultclass(self):
        return InformedResult
