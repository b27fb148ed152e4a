import doctest
import unittest
from decimal import Decimal as D

from django.test import SimpleTestCase, override_settings, tag

from orders import gateway, invoices, pricing
from orders.gateway import luhn_valid
from orders.pricing import percent_of, quote, shipping_fee


def load_tests(loader, tests, pattern):
    for module, functions in [
        (pricing, {"to_cents": pricing.to_cents, "percent_of": percent_of, "Decimal": D}),
        (gateway, {"luhn_valid": luhn_valid}),
        (invoices, {"row": invoices.row}),
    ]:
        tests.addTests(doctest.DocTestSuite(module, globs=functions))
    return tests


class QuoteTests(SimpleTestCase):
    def test_total(self):
        price = quote(D("20"), discount_percent=10, tax_percent=7)
        self.assertEqual(price, (D("20.00"), D("2.00"), D("3.50"), D("1.26")))
        self.assertEqual(price.total, D("22.76"))

    def test_empty(self):
        self.assertEqual(quote(D("0")).total, 0)

    @override_settings(SHOP_SHIPPING_FEE=D("5"))
    def test_other_fee(self):
        self.assertEqual(shipping_fee(D("1")), 5)

    def test_everything_free(self):
        self.assertEqual(quote(D("50"), discount_percent=100).total, 0)

    @tag("slow")
    def test_parts_add_up(self):
        for cents in range(8000):
            price = quote(D(cents) / 100, cents % 101, cents % 23)
            with self.subTest(cents=cents):
                self.assertGreaterEqual(price.total, 0)
                self.assertEqual(price.total, price.total.quantize(D("0.01")))


@override_settings(SHOP_FREE_SHIPPING_FROM=D("30"), SHOP_SHIPPING_FEE=D("2"))
class ShippingFeeTests(SimpleTestCase):
    """One method for each amount, see below."""


for _amount, _fee in {"0": "0", "0.01": "2", "29.99": "2", "30": "0", "31": "0"}.items():

    def _test(self, amount=_amount, fee=_fee):
        self.assertEqual(shipping_fee(D(amount)), D(fee))

    setattr(ShippingFeeTests, f"test_{_amount.replace('.', '_')}", _test)


class PercentTests(unittest.TestCase):
    def test_rounds_half_up(self):
        self.assertEqual(percent_of(D("0.50"), 1), D("0.01"))
        self.assertEqual(percent_of(D("0.49"), 1), D("0.00"))

    def test_fractions(self):
        self.assertEqual(percent_of(D("100"), D("5.5")), D("5.50"))

    @unittest.expectedFailure
    def test_halves_add_up(self):
        """Two halves of an odd number of cents are one cent too much."""
        self.assertEqual(percent_of(D("0.01"), 50) * 2, D("0.01"))


class LuhnTests(unittest.TestCase):
    def test_every_single_error_is_found(self):
        good = "4242424242424242"
        for place in range(16):
            for digit in "0123456789":
                card = good[:place] + digit + good[place + 1 :]
                self.assertEqual(luhn_valid(card), card == good)

    def test_too_short(self):
        self.assertFalse(luhn_valid("0"))

    def test_count(self):
        """Of all the numbers every tenth is valid."""
        valid = sum(luhn_valid(f"42424242{number:06d}") for number in range(10_000))
        self.assertEqual(valid, 1_000)
