from django.test import SimpleTestCase

from mutant import fragile


class Fragile(SimpleTestCase):
    def test_it(self):
        self.assertEqual(fragile.VALUE, 1)
