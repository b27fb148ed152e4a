from django.test import SimpleTestCase, TestCase, TransactionTestCase

from flow.journal import note
from flow.models import Note


def setUpModule():
    note("setUpModule")


def tearDownModule():
    note("tearDownModule")


class Both(TestCase):
    databases = ["default", "second"]

    def test_rows(self):
        self.assertEqual(Note.objects.get().text, "from a migration")
        self.assertEqual(Note.objects.using("second").get().text, "from a migration")

    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)


class Committing(TransactionTestCase):
    serialized_rollback = True

    def test_rows(self):
        Note.objects.create(text="committed")
        self.assertEqual(Note.objects.count(), 2)

    def test_failing(self):
        self.assertEqual(Note.objects.count(), 7)


class Plain(SimpleTestCase):
    def test_skipped(self):
        self.skipTest("a reason")

    def test_passing(self):
        pass
