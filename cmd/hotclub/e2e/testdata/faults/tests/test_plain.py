from django.test import TestCase, TransactionTestCase

from shop.models import Item


class Plain(TestCase):
    def test_first(self):
        self.assertEqual(Item.objects.get().name, "string")

    def test_second(self):
        Item.objects.create(name="reed")
        self.assertEqual(Item.objects.count(), 2)


class Committed(TransactionTestCase):
    def test_commits(self):
        Item.objects.create(name="bow")
        self.assertEqual(Item.objects.count(), 2)
