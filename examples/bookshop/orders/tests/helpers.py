"""Make carts and orders for the tests."""

from decimal import Decimal

from accounts.models import User
from catalog.tests.factories import make_book
from orders.models import Cart, Order, OrderLine

GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"


def make_user(username="ada", **fields):
    return User.objects.create_user(username, f"{username}@example.com", **fields)


def make_cart(*quantities, user=None, price="10.00"):
    cart = Cart.objects.create(user=user)
    for quantity in quantities:
        cart.add(make_book(price=price, stock=10), quantity)
    return cart


def make_order(status=Order.Status.PLACED, *, lines=1, total="10.00", **fields):
    fields.setdefault("email", "ada@example.com")
    total = Decimal(total)
    order = Order.objects.create(status=status, subtotal=total, total=total, **fields)
    for number in range(lines):
        OrderLine.objects.create(
            order=order, title=f"Book {number + 1}", unit_price=total / lines, quantity=1
        )
    return order
