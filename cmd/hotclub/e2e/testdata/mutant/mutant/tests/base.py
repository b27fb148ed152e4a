from django.test import TestCase

from mutant.models import Gadget


class Inherited(TestCase):
    size = 1

    def test_inherited(self):
        self.assertEqual(self.size, 1)

    def test_created(self):
        self.assertEqual(Gadget.objects.create().size, 1)


del TestCase
