"""Item 18: found by a pattern of its own only."""

from django.test import SimpleTestCase


class Item18(SimpleTestCase):
    def test_found_by_pattern(self):
        pass
