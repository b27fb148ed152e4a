import time
from unittest import mock

from django.core import mail
from django.db import connection, transaction
from django.test import TransactionTestCase, override_settings, skipUnlessDBFeature, tag

from bookshop.testing import SerializedRollbackMixin
from catalog.models import OutOfStock, StockItem
from orders import services
from orders.models import Invoice, Order, TaxRate

from .helpers import GOOD_CARD, make_cart, make_order


@tag("email")
class OnCommitTests(TransactionTestCase):
    def test_mail_after_the_outermost_block(self):
        with transaction.atomic():
            services.place_order(make_cart(1), "ada@example.com")
            self.assertEqual(mail.outbox, [])
        self.assertEqual(len(mail.outbox), 1)

    def test_no_mail_after_a_rollback(self):
        with self.assertRaises(OutOfStock):
            services.place_order(make_cart(20), "ada@example.com")
        self.assertEqual(mail.outbox, [])

    def test_broken_mail_server_does_not_lose_the_payment(self):
        order = make_order()
        broken = mock.patch("orders.emails.send_invoice", side_effect=OSError("server down"))
        with broken, self.assertRaises(OSError):
            services.pay_order(order, GOOD_CARD)
        order.refresh_from_db()
        self.assertEqual(order.status, Order.Status.PAID)


class RollbackTests(TransactionTestCase):
    def test_second_line_fails(self):
        with self.assertRaises(OutOfStock):
            services.place_order(make_cart(1, 11), "ada@example.com")
        self.assertFalse(Order.objects.exists())
        self.assertEqual([item.quantity for item in StockItem.objects.all()], [10, 10])

    def test_invoice_goes_with_its_order(self):
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            make_order("paid")
            1 / 0  # noqa: B018
        self.assertEqual(Invoice.objects.count(), 0)

    @override_settings(SHOP_GATEWAY_LATENCY=0.03)
    def test_slow_gateway_holds_no_transaction(self):
        order = make_order()
        with mock.patch("orders.gateway.time.sleep", side_effect=self.slow_sleep) as sleep:
            services.pay_order(order, GOOD_CARD)
        sleep.assert_called_once_with(0.03)

    def slow_sleep(self, seconds, sleep=time.sleep):
        self.assertFalse(connection.in_atomic_block)
        sleep(seconds)

    @skipUnlessDBFeature("has_select_for_update")
    def test_stock_is_locked(self):
        with transaction.atomic():
            make_cart(1)
            list(StockItem.objects.select_for_update())
            self.assertTrue(connection.in_atomic_block)


class OrderNumberTests(TransactionTestCase):
    reset_sequences = True

    def test_first_number(self):
        self.assertEqual(make_order().number, "B000001")

    def test_first_number_again(self):
        make_order()
        self.assertEqual(make_order().number, "B000002")


class TaxSerializedTests(SerializedRollbackMixin, TransactionTestCase):
    serialized_rollback = True

    def test_tax(self):
        order = services.place_order(make_cart(1), "ada@example.com", country="NL")
        self.assertEqual(str(order.tax), "0.90")

    def test_tax_after_a_flush(self):
        TaxRate.objects.filter(country="NL").delete()
        self.assertEqual(TaxRate.percent_for("NL"), 0)
        self.assertEqual(TaxRate.objects.count(), 6)
