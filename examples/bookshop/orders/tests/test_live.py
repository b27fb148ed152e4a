from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from django.test import LiveServerTestCase, tag

from catalog.tests.factories import make_book
from orders.models import Order


@tag("slow")
class LiveCheckoutTests(LiveServerTestCase):
    """Buy a book through real HTTP requests with cookies."""

    def setUp(self):
        make_book("Emma", slug="emma", price="10.00")
        self.cookies = HTTPCookieProcessor()
        self.opener = build_opener(self.cookies)

    def open(self, path, **data):
        if data:
            data["csrfmiddlewaretoken"] = self.token
        body = urlencode(data).encode() if data else None
        with self.opener.open(self.live_server_url + path, body) as response:
            return response.url.removeprefix(self.live_server_url), response.read().decode()

    @property
    def token(self):
        return next(c.value for c in self.cookies.cookiejar if c.name == "csrftoken")

    def test_buy(self):
        self.open("/books/emma/")
        _, page = self.open("/orders/cart/add/emma/", quantity=2)
        self.assertIn("Emma is in your cart.", page)
        self.open("/orders/checkout/")
        url, _ = self.open("/orders/checkout/", email="ada@example.com", country="GB")
        order = Order.objects.get()
        self.assertEqual(url, f"/orders/{order.pk}/pay/")
        url, page = self.open(url, card="4242 4242 4242 4242")
        self.assertEqual(url, f"/orders/{order.pk}/")
        self.assertIn("Paid", page)

    def test_empty_cart(self):
        url, page = self.open("/orders/checkout/")
        self.assertEqual(url, "/orders/cart/")
        self.assertIn("Your cart is empty.", page)
