"""A class whose second test waits for a word from outside."""

from django.test import SimpleTestCase

from beyond.meeting import wait_for_word


class Waiting(SimpleTestCase):
    def test_a_passes(self):
        pass

    def test_b_waits(self):
        wait_for_word("word")

    def test_c_follows(self):
        pass
