"""A test that takes its worker with it."""

import os
import signal

from django.test import TestCase

from beyond.models import Row


class Dying(TestCase):
    def test_a_before(self):
        self.assertEqual(Row.objects.count(), 1)

    def test_b_dies(self):
        print("last words")
        os.kill(os.getpid(), signal.SIGKILL)

    def test_c_after(self):
        self.assertEqual(Row.objects.count(), 1)


class Bystander(TestCase):
    def test_rows(self):
        self.assertEqual(Row.objects.count(), 1)
