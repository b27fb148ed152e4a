from decimal import Decimal
from unittest import mock

from django.core import mail
from django.test import TestCase, override_settings, tag

from catalog.models import OutOfStock, StockItem
from orders import services
from orders.gateway import PaymentDeclined, charge
from orders.models import Cart, Coupon, Order
from orders.signals import order_placed

from .helpers import DECLINED_CARD, GOOD_CARD, make_cart, make_order, make_user


class PlaceOrderTests(TestCase):
    def place(self, cart, **options):
        return services.place_order(cart, "ada@example.com", **options)

    def test_order(self):
        order = self.place(make_cart(2, 1), country="DE")
        self.assertEqual(order.total, Decimal("35.60"))
        self.assertEqual(order.lines.count(), 2)
        self.assertFalse(Cart.objects.exists())

    def test_stock_is_taken(self):
        self.place(make_cart(3))
        self.assertEqual(StockItem.objects.get().quantity, 7)

    def test_out_of_stock(self):
        with self.assertRaises(OutOfStock):
            self.place(make_cart(1, 11))
        self.assertFalse(Order.objects.exists())
        self.assertEqual({item.quantity for item in StockItem.objects.all()}, {10})

    def test_empty_cart(self):
        with self.assertRaisesMessage(services.OrderError, "The cart is empty."):
            self.place(make_cart())

    def test_coupon(self):
        coupon = Coupon.objects.create(code="HALF", percent=50)
        self.assertEqual(self.place(make_cart(2), coupon=coupon).discount, Decimal("10.00"))

    def test_loyalty_points(self):
        user = make_user()
        self.place(make_cart(2, user=user))
        user.refresh_from_db()
        self.assertEqual(user.loyalty_points, 20)

    def test_signal(self):
        receiver = mock.Mock()
        order_placed.connect(receiver)
        self.addCleanup(order_placed.disconnect, receiver)
        order = self.place(make_cart(1))
        receiver.assert_called_once_with(signal=order_placed, sender=Order, order=order)

    def test_number_of_queries(self):
        cart = make_cart(1)
        with self.assertNumQueries(12):
            self.place(cart)


@tag("email")
class OrderMailTests(TestCase):
    def test_confirmation_after_commit(self):
        with self.captureOnCommitCallbacks() as callbacks:
            services.place_order(make_cart(1), "ada@example.com")
        self.assertEqual(mail.outbox, [])
        self.assertEqual(len(callbacks), 1)
        callbacks[0]()
        self.assertEqual(mail.outbox[0].to, ["ada@example.com"])

    def test_confirmation_has_two_parts(self):
        with self.captureOnCommitCallbacks(execute=True):
            services.place_order(make_cart(2), "ada@example.com")
        (message,) = mail.outbox
        self.assertIn("2 x A Book: £20.00", message.body)
        self.assertEqual(message.alternatives[0][1], "text/html")

    def test_invoice_is_attached(self):
        order = make_order(lines=2)
        with self.captureOnCommitCallbacks(execute=True):
            services.pay_order(order, GOOD_CARD)
        name, content, mimetype = mail.outbox[0].attachments[0]
        self.assertEqual((name, mimetype), ("invoice-1001.txt", "text/plain"))
        self.assertIn("TOTAL", content)

    def test_shipped(self):
        with self.captureOnCommitCallbacks(execute=True):
            services.ship_order(make_order("paid"))
        self.assertIn("on its way", mail.outbox[0].subject)


class PayOrderTests(TestCase):
    def test_paid(self):
        order = make_order(total="12.34")
        self.assertEqual(services.pay_order(order, GOOD_CARD), "PAY-00001234")
        order.refresh_from_db()
        self.assertEqual(order.status, "paid")

    def test_declined(self):
        order = make_order()
        with self.assertRaisesMessage(PaymentDeclined, "The bank refused the card."):
            services.pay_order(order, DECLINED_CARD)
        self.assertEqual(order.status, "placed")

    def test_twice(self):
        with self.assertRaisesMessage(services.OrderError, "is paid."):
            services.pay_order(make_order("paid"), GOOD_CARD)

    def test_gateway_is_not_asked_for_paid_orders(self):
        order = make_order("shipped")
        patch = mock.patch("orders.gateway.charge")
        with patch as charged, self.assertRaises(services.OrderError):
            services.pay_order(order, GOOD_CARD)
        charged.assert_not_called()

    @override_settings(SHOP_GATEWAY_LATENCY=0)
    def test_wrong_number(self):
        with self.assertRaisesMessage(PaymentDeclined, "The card number is wrong."):
            charge("1234", Decimal("1"))


class CancelOrderTests(TestCase):
    def test_books_go_back(self):
        order = services.place_order(make_cart(4), "ada@example.com")
        services.cancel_order(order)
        self.assertEqual(StockItem.objects.get().quantity, 10)

    def test_not_after_shipping(self):
        for status in ("shipped", "cancelled"):
            with self.subTest(status), self.assertRaises(services.OrderError):
                services.cancel_order(make_order(status))

    def test_ship_needs_payment(self):
        with self.assertRaisesMessage(services.OrderError, "is not paid."):
            services.ship_order(make_order())
