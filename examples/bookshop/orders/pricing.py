"""Price arithmetic; nothing here touches the database."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.conf import settings

CENT = Decimal("0.01")


class Quote(NamedTuple):
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal

    @property
    def total(self):
        return self.subtotal - self.discount + self.shipping + self.tax


def to_cents(amount):
    """Round half up, as shops do.

    >>> to_cents(Decimal("2.345"))
    Decimal('2.35')
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def percent_of(amount, percent):
    """Return a percentage of an amount, rounded to cents.

    >>> percent_of(Decimal("19.99"), 10)
    Decimal('2.00')
    """
    return to_cents(amount * Decimal(percent) / 100)


def shipping_fee(amount):
    """Return the fee for sending books worth the amount."""
    if not amount or amount >= settings.SHOP_FREE_SHIPPING_FROM:
        return Decimal("0.00")
    return settings.SHOP_SHIPPING_FEE


def quote(subtotal, discount_percent=0, tax_percent=0):
    """Return the whole price: the tax is on the discounted books, not on the shipping."""
    subtotal = to_cents(subtotal)
    discount = percent_of(subtotal, discount_percent)
    reduced = subtotal - discount
    return Quote(subtotal, discount, shipping_fee(reduced), percent_of(reduced, tax_percent))
