from django.test import SimpleTestCase


class Moving(SimpleTestCase):
    def test_it(self):
        self.assertEqual(1, 1)
