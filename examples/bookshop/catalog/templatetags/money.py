from decimal import ROUND_HALF_UP, Decimal

from django import template

register = template.Library()


@register.filter
def money(value, symbol="£"):
    """Show an amount as £1,234.50.

    >>> money(1234.5)
    '£1,234.50'
    >>> money("-3", "€")
    '-€3.00'
    >>> money(None)
    ''
    """
    if value is None or value == "":
        return ""
    amount = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = "-" if amount < 0 else ""
    return f"{sign}{symbol}{abs(amount):,.2f}"
