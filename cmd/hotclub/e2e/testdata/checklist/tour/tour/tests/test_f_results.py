"""Section F of the checklist: outcomes, several of them bad."""

import os
import sys
import unittest

from django.test import SimpleTestCase, TestCase, tag


class Item53(SimpleTestCase):
    def test_success(self):
        pass

    def test_failure(self):
        self.assertEqual([1, 2], [1, 3])

    def test_error(self):
        raise LookupError("raised")

    def test_skip(self):
        self.skipTest("no time")

    @unittest.skip("never")
    def test_skip_by_decorator(self):
        pass

    @unittest.expectedFailure
    def test_expected_failure(self):
        self.fail()

    def test_subtests(self):
        for i in range(4):
            with self.subTest("number", i=i):
                if i == 1:
                    self.fail("one")
                if i == 2:
                    raise LookupError("two")

    def test_subtest_skips(self):
        for i in range(2):
            with self.subTest(i=i):
                self.skipTest(f"skipped {i}")

    def test_failure_and_error_in_cleanup(self):
        self.addCleanup(self._raise)
        self.fail("first")

    def _raise(self):
        raise LookupError("second")


class Item05(SimpleTestCase):
    @tag("xpass")
    @unittest.expectedFailure
    def test_unexpected_success(self):
        pass

    @tag("known")
    def test_known_failure(self):
        self.fail("known for years")


class Item54SetUp(TestCase):
    @classmethod
    def setUpClass(cls):
        raise LookupError("in setUpClass")

    def test_a(self):
        pass

    def test_b(self):
        pass


class Item54TestData(TestCase):
    @classmethod
    def setUpTestData(cls):
        raise LookupError("in setUpTestData")

    def test_a(self):
        pass


class Item54Skip(TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("the whole class")

    def test_a(self):
        pass

    def test_b(self):
        pass


class Item54TearDown(SimpleTestCase):
    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        raise LookupError("in tearDownClass")

    def test_a(self):
        pass

    def test_b(self):
        pass


class Item55(SimpleTestCase):
    def test_passing(self):
        print("printed by passing")
        os.write(1, b"written by passing\n")

    def test_failing(self):
        print("printed by failing")
        print("complained by failing", file=sys.stderr)
        self.fail("failing")


class Item56(SimpleTestCase):
    def test_assertion_of_django(self):
        self.assertContains(self.client.get("/fails/"), "nothing", status_code=200)

    def test_assertion_of_unittest(self):
        self.assertIn(1, [])

    def test_chained(self):
        try:
            raise LookupError("the cause")
        except LookupError as cause:
            raise ValueError("the effect") from cause


class Item58(SimpleTestCase):
    loud = True

    def test_heard_by_the_projects_result_class(self):
        pass
