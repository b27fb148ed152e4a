from decimal import Decimal

from django.test import TestCase

from shop.models import Cart, Item


class CartTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.item = Item.objects.create(name="A small thing", price=Decimal("6.25"))

    def test_empty(self):
        self.assertEqual(Cart().total(), 0)

    def test_total(self):
        cart = Cart.of(self.item, self.item)
        self.assertEqual(cart.total(), Decimal("12.50"))

    def test_receipt(self):
        cart = Cart.of(self.item)
        self.assertEqual(cart.receipt(), RECEIPT)

    def test_amounts(self):
        for amount in (1, 2, 0):
            with self.subTest(amount=amount):
                self.assertTrue(Cart.of(self.item, amount=amount).lines)
