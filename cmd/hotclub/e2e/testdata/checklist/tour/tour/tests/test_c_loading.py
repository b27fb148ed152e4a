"""Section C of the checklist: what is a test, and which of them are chosen."""

import unittest

from django.test import SimpleTestCase, TestCase, TransactionTestCase, tag


class Item23Plain(unittest.TestCase):
    def test_b(self):
        pass

    def test_a(self):
        pass


class Item23Transaction(TransactionTestCase):
    def test_b(self):
        pass

    def test_a(self):
        pass


class Item23Simple(SimpleTestCase):
    def test_b(self):
        pass

    def test_a(self):
        pass


class Item23Case(TestCase):
    def test_b(self):
        pass

    def test_a(self):
        pass


@tag("slow", "core")
class Item22(SimpleTestCase):
    def test_by_class(self):
        pass

    @tag("fine")
    def test_by_class_and_method(self):
        pass


class Item22Heir(Item22):
    @tag("own")
    def test_own(self):
        pass
