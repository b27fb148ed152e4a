import time
from datetime import date
from decimal import Decimal
from unittest import mock

from django.db import IntegrityError, transaction
from django.test import TestCase, skipUnlessDBFeature, tag

from catalog.tests.factories import make_book
from orders.models import Coupon, Invoice, Order, TaxRate

from .helpers import make_cart, make_order, make_user


class TaxRateTests(TestCase):
    def test_rates_of_the_migration(self):
        self.assertEqual(TaxRate.objects.count(), 7)

    def test_percent_for(self):
        for country, percent in [("GB", "0"), ("DE", "7"), ("FR", "5.5"), ("US", "0")]:
            with self.subTest(country):
                self.assertEqual(TaxRate.percent_for(country), Decimal(percent))

    def test_changed_rate(self):
        TaxRate.objects.filter(country="DE").update(percent=Decimal("7.5"))
        self.assertEqual(TaxRate.percent_for("DE"), Decimal("7.50"))


class CartTests(TestCase):
    def test_empty(self):
        cart = make_cart()
        self.assertEqual((cart.count, cart.subtotal), (0, 0))

    def test_subtotal(self):
        self.assertEqual(make_cart(2, 1).subtotal, Decimal("30.00"))

    def test_the_same_book_is_one_line(self):
        cart, book = make_cart(), make_book()
        cart.add(book)
        self.assertEqual(cart.add(book, 2).quantity, 3)
        self.assertEqual(cart.lines.count(), 1)

    def test_database_refuses_the_same_book(self):
        cart = make_cart(1)
        with self.assertRaises(IntegrityError), transaction.atomic():
            cart.lines.create(book=cart.lines.get().book)


class CouponTests(TestCase):
    @skipUnlessDBFeature("supports_table_check_constraints")
    def test_percent_is_checked(self):
        for percent in (0, 101):
            with (
                self.subTest(percent),
                self.assertRaises(IntegrityError),
                transaction.atomic(),
            ):
                Coupon.objects.create(code="WRONG", percent=percent)

    def test_valid_until(self):
        coupon = Coupon(code="SPRING", percent=10, valid_until=date(2024, 5, 31))
        self.assertTrue(coupon.is_valid(on=date(2024, 5, 31)))
        self.assertFalse(coupon.is_valid(on=date(2024, 6, 1)))

    def test_today(self):
        coupon = Coupon(percent=10, valid_until=date(2024, 5, 31))
        with mock.patch("django.utils.timezone.localdate", return_value=date(2024, 5, 1)):
            self.assertTrue(coupon.is_valid())


class InvoiceSignalTests(TestCase):
    def test_issued_when_paid(self):
        order = make_order()
        self.assertFalse(Invoice.objects.exists())
        order.status = Order.Status.PAID
        order.save()
        self.assertEqual(order.invoice.number, 1001)

    def test_once(self):
        make_order("paid").save()
        self.assertEqual(Invoice.objects.count(), 1)

    def test_no_gaps(self):
        for _ in range(3):
            make_order("paid")
        numbers = Invoice.objects.values_list("number", flat=True)
        self.assertEqual(list(numbers), [1001, 1002, 1003])

    def test_str(self):
        order = make_order("paid")
        self.assertEqual(str(order), f"Order B{order.pk:06d}")
        self.assertEqual(str(order.invoice), "Invoice 1001")

    @tag("slow")
    def test_the_newest_order_comes_first(self):
        first = make_order()
        time.sleep(0.02)
        second = make_order()
        self.assertQuerySetEqual(Order.objects.all(), [second, first])
        self.assertGreater((second.placed_at - first.placed_at).total_seconds(), 0.019)

    def test_orders_survive_their_user(self):
        order = make_order(user=make_user())
        order.user.delete()
        order.refresh_from_db()
        self.assertIsNone(order.user)
