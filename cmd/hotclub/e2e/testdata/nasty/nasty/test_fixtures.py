"""An error in each phase of a test and of its class."""

import sys
import unittest

from django.test import SimpleTestCase, TestCase


class SetUp(unittest.TestCase):
    def setUp(self):
        if "innocent" not in self._testMethodName:
            raise ValueError("in setUp")

    def test_guilty(self):
        pass

    def test_innocent(self):
        pass


class TearDown(unittest.TestCase):
    def tearDown(self):
        if "innocent" not in self._testMethodName:
            raise ValueError("in tearDown")

    def test_guilty(self):
        pass

    def test_twice(self):
        self.fail("in the call already")

    def test_innocent(self):
        pass


class Cleanup(unittest.TestCase):
    def clean(self):
        raise ValueError("in a cleanup")

    def test_guilty(self):
        self.addCleanup(self.clean)

    def test_innocent(self):
        pass


class SetUpClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ValueError("in setUpClass")

    def test_one(self):
        pass

    def test_two(self):
        pass


class SetUpClassSkips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("by setUpClass")

    def test_one(self):
        pass


class SetUpClassExits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.exit("from setUpClass")

    def test_one(self):
        pass

    def test_two(self):
        pass


class TestData(TestCase):
    @classmethod
    def setUpTestData(cls):
        raise ValueError("in setUpTestData")

    def test_one(self):
        pass


class TestDataExits(TestCase):
    @classmethod
    def setUpTestData(cls):
        from shelf.models import Book

        Book.objects.create(title="Minor Swing")
        sys.exit("from setUpTestData")

    def test_one(self):
        pass


class FixtureMissing(TestCase):
    fixtures = ["nowhere"]

    def test_one(self):
        pass


class PreSetup(SimpleTestCase):
    def _pre_setup(self):
        raise ValueError("in _pre_setup")

    def test_one(self):
        pass


class TearDownClass(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        raise ValueError("in tearDownClass")

    def test_innocent(self):
        pass


class TearDownClassExits(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        sys.exit("from tearDownClass")

    def test_innocent(self):
        pass


class ClassCleanup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(cls.clean)

    @classmethod
    def clean(cls):
        raise ValueError("in a class cleanup")

    def test_innocent(self):
        pass


class AfterAll(TestCase):
    def test_innocent(self):
        from shelf.models import Book

        self.assertEqual([book.title for book in Book.objects.all()], ["Swing 39"])
