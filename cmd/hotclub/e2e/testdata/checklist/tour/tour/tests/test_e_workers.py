"""Section E of the checklist: what a worker is told, and what it runs."""

import os
import sys
import tempfile
import threading

import django
from django.conf import settings
from django.test import SimpleTestCase, TestCase, runner
from django.test.testcases import SerializeMixin

from tour.models import Book


class Item44(SimpleTestCase):
    def test_checks_have_imported_what_they_import(self):
        self.assertIn("tour.views", sys.modules)


class Item45(SimpleTestCase):
    def test_without_any_database(self):
        self.assertEqual(self.databases, set())


class Item46(SimpleTestCase):
    def test_worker_id(self):
        self.assertEqual(runner._worker_id, int(os.environ.get("HOTCLUB_WORKER", "0")))
        print(f"worker {runner._worker_id}")


class Item47(SimpleTestCase):
    def test_hooks_of_the_parallel_suite(self):
        place = getattr(settings, "PROCESS_SETUP", None)
        print(f"init_worker {getattr(settings, 'INIT_WORKER', None)}, process_setup {place}")


class Item48(TestCase):
    set_up = 0

    @classmethod
    def setUpTestData(cls):
        cls.set_up += 1
        cls.process = os.getpid()

    def _once_and_here(self):
        self.assertEqual((self.set_up, self.process), (1, os.getpid()))

    test_a = test_b = test_c = test_d = _once_and_here


class Exclusive(SerializeMixin):
    lockfile = __file__

    def test_alone(self):
        # Workers of one pool have one parent, and one Django.
        name = f"hotclub-alone-{os.getppid()}-{django.get_version()}"
        mark = os.path.join(tempfile.gettempdir(), name)
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        try:
            for _ in range(100):
                Book.objects.count()
        finally:
            os.remove(mark)


class Item50A(Exclusive, TestCase):
    pass


class Item50B(Exclusive, TestCase):
    pass


class Item50(SimpleTestCase):
    def test_lockfile_is_required(self):
        with self.assertRaisesMessage(ValueError, "lockfile isn't set"):
            type("Lockless", (SerializeMixin, SimpleTestCase), {})


class Item52(SimpleTestCase):
    def test_interrupt_waits_for_the_end_of_the_test(self):
        from unittest import signals

        self.assertIsNotNone(signals._interrupt_handler)
        self.assertIs(threading.current_thread(), threading.main_thread())


class Item21Database(TestCase):
    def test_other_modules_go_on(self):
        self.assertEqual(Book.objects.count(), 1)
