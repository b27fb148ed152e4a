"""A stand-in for the payment provider; it needs some time, as real ones do."""

import time

from django.conf import settings


class PaymentDeclined(Exception):
    """The provider refused the card."""


def luhn_valid(number):
    """Tell whether a card number passes the Luhn check.

    >>> luhn_valid("4242 4242 4242 4242")
    True
    >>> luhn_valid("4242 4242 4242 4241")
    False
    """
    digits = [int(char) for char in number if char.isdigit()]
    if len(digits) < 12:
        return False
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def charge(card, amount):
    """Charge the card and return a reference, or raise PaymentDeclined."""
    time.sleep(settings.SHOP_GATEWAY_LATENCY)
    if not luhn_valid(card):
        raise PaymentDeclined("The card number is wrong.")
    if card.replace(" ", "").endswith("0002"):
        raise PaymentDeclined("The bank refused the card.")
    return f"PAY-{int(amount * 100):08d}"
