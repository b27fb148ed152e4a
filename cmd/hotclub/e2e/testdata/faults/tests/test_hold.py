"""Tests that wait; a worker that runs one can be caught at it."""

import signs
from django.test import TestCase

from shop.models import Item


class Holds(TestCase):
    def test_1_before(self):
        pass

    def test_2_holds(self):
        Item.objects.create(name="mute")
        signs.hold("one")

    def test_3_after(self):
        self.assertEqual(Item.objects.count(), 1)


class HoldsToo(TestCase):
    def test_1_before(self):
        pass

    def test_2_holds(self):
        signs.hold("two")

    def test_3_after(self):
        self.assertEqual(Item.objects.count(), 1)


class Later(TestCase):
    def test_1(self):
        self.assertEqual(Item.objects.count(), 1)

    def test_2(self):
        pass
