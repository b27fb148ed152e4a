"""Placing, paying, shipping and cancelling orders."""

from functools import partial

from django.db import transaction

from catalog.models import StockItem

from . import emails, gateway
from .models import Order, OrderLine, TaxRate
from .pricing import quote
from .signals import order_placed


class OrderError(Exception):
    """The order cannot do that now."""


def quote_cart(cart, country="GB", coupon=None):
    percent = coupon.percent if coupon and coupon.is_valid() else 0
    return quote(cart.subtotal, percent, TaxRate.percent_for(country))


@transaction.atomic
def place_order(cart, email, country="GB", coupon=None):
    """Turn a cart into an order; raise OutOfStock and change nothing if a book is missing."""
    lines = list(cart.lines.select_related("book"))
    if not lines:
        raise OrderError("The cart is empty.")
    price = quote_cart(cart, country, coupon)
    order = Order.objects.create(
        user=cart.user, email=email, country=country, total=price.total, **price._asdict()
    )
    for line in lines:
        StockItem.objects.select_for_update().get(book=line.book).take(line.quantity)
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            book=line.book,
            title=line.book.title,
            unit_price=line.book.price,
            quantity=line.quantity,
        )
        for line in lines
    )
    cart.delete()
    order_placed.send(sender=Order, order=order)
    transaction.on_commit(partial(emails.send_confirmation, order))
    return order


def pay_order(order, card):
    """Charge the card; the invoice is sent once the payment is stored."""
    if order.status != Order.Status.PLACED:
        raise OrderError(f"{order} is {order.get_status_display().lower()}.")
    reference = gateway.charge(card, order.total)
    with transaction.atomic():
        order.status = Order.Status.PAID
        order.save(update_fields=["status"])
        transaction.on_commit(partial(emails.send_invoice, order))
    return reference


def ship_order(order):
    if order.status != Order.Status.PAID:
        raise OrderError(f"{order} is not paid.")
    with transaction.atomic():
        order.status = Order.Status.SHIPPED
        order.save(update_fields=["status"])
        transaction.on_commit(partial(emails.send_shipped, order))


@transaction.atomic
def cancel_order(order):
    """Cancel an order that was not shipped and put the books back."""
    if order.status in {Order.Status.SHIPPED, Order.Status.CANCELLED}:
        raise OrderError(f"{order} is {order.get_status_display().lower()}.")
    for line in order.lines.exclude(book=None):
        stock = StockItem.objects.get(book=line.book_id)
        stock.quantity += line.quantity
        stock.save(update_fields=["quantity"])
    order.status = Order.Status.CANCELLED
    order.save(update_fields=["status"])
