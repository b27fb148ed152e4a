from django.contrib.auth.models import Permission
from django.test import TestCase, override_settings
from django.urls import reverse

from catalog.models import StockItem
from catalog.tests.factories import make_book
from orders.carts import SESSION_KEY
from orders.models import Cart, Coupon, Order

from .helpers import DECLINED_CARD, GOOD_CARD, make_order, make_user


class CartViewTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.book = make_book("Emma", slug="emma", price="7.99")

    def add(self, **data):
        return self.client.post(reverse("orders:cart_add", args=["emma"]), data, follow=True)

    def test_empty(self):
        self.assertContains(self.client.get(reverse("orders:cart")), "Your cart is empty.")
        self.assertFalse(Cart.objects.exists())

    def test_add(self):
        response = self.add(quantity=2)
        self.assertRedirects(response, reverse("orders:cart"))
        self.assertContains(response, "Emma is in your cart.")
        self.assertContains(response, "Total £19.48")

    def test_wrong_quantity(self):
        for quantity in ("0", "21", "many"):
            with self.subTest(quantity=quantity):
                self.assertContains(self.add(quantity=quantity), "one to twenty copies")

    def test_remove(self):
        self.add()
        self.client.post(reverse("orders:cart_remove", args=["emma"]))
        self.assertEqual(Cart.objects.get().count, 0)

    def test_cart_follows_the_login(self):
        self.add()
        user = make_user(password="secret")
        data = {"username": "ada", "password": "secret"}
        self.client.post(reverse("accounts:login"), data)
        self.assertEqual(self.client.session[SESSION_KEY], Cart.objects.get().pk)
        self.client.get(reverse("orders:cart"))
        self.assertEqual(Cart.objects.get().user, user)

    def test_get_adds_nothing(self):
        response = self.client.get(reverse("orders:cart_add", args=["emma"]))
        self.assertEqual(response.status_code, 405)


class CheckoutTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.book = make_book("Emma", slug="emma", price="20.00", stock=2)

    def setUp(self):
        self.client.post(reverse("orders:cart_add", args=["emma"]), {"quantity": 2})

    def checkout(self, **data):
        data = {"email": "ada@example.com", "country": "gb", **data}
        return self.client.post(reverse("orders:checkout"), data)

    def test_visitors_can_order(self):
        response = self.checkout()
        order = Order.objects.get()
        self.assertRedirects(response, reverse("orders:pay", args=[order.pk]))
        self.assertEqual((order.country, order.user), ("GB", None))

    def test_sold_out_meanwhile(self):
        StockItem.objects.update(quantity=1)
        form = self.checkout().context["form"]
        self.assertFormError(form, None, "Only 1 of Emma left.")

    def test_coupon(self):
        Coupon.objects.create(code="SPRING", percent=10)
        self.checkout(coupon=" spring ")
        self.assertEqual(Order.objects.get().discount, 4)

    def test_unknown_coupon(self):
        form = self.checkout(coupon="AUTUMN").context["form"]
        self.assertFormError(form, "coupon", "This coupon is not valid.")

    def test_second_checkout(self):
        self.checkout()
        self.assertRedirects(self.checkout(), reverse("orders:cart"))

    def test_email_of_the_user(self):
        self.client.force_login(make_user())
        response = self.client.get(reverse("orders:checkout"))
        self.assertContains(response, 'value="ada@example.com"')


class PayViewTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = make_user()
        cls.order = make_order(user=cls.user)

    def pay(self, card):
        self.client.force_login(self.user)
        return self.client.post(reverse("orders:pay", args=[self.order.pk]), {"card": card})

    def test_pay(self):
        self.assertRedirects(self.pay(GOOD_CARD), self.order.get_absolute_url())

    def test_declined(self):
        form = self.pay(DECLINED_CARD).context["form"]
        self.assertFormError(form, None, "The bank refused the card.")

    @override_settings(SHOP_GATEWAY_LATENCY=60)
    def test_wrong_numbers_do_not_reach_the_gateway(self):
        form = self.pay("4242").context["form"]
        self.assertFormError(form, "card", "Check the card number.")

    def test_order_of_somebody_else(self):
        self.user = make_user("eve")
        self.assertEqual(self.pay(GOOD_CARD).status_code, 404)


class OrderPagesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = make_user()
        cls.paid = make_order("paid", user=cls.user, lines=2, total="12.00")
        cls.placed = make_order(user=cls.user)

    def setUp(self):
        self.client.force_login(self.user)

    def test_list(self):
        response = self.client.get(reverse("orders:order_list"))
        self.assertQuerySetEqual(response.context["object_list"], [self.placed, self.paid])

    def test_detail(self):
        self.assertContains(self.client.get(self.paid.get_absolute_url()), "£6.00", count=2)

    def test_invoice(self):
        response = self.client.get(reverse("orders:invoice", args=[self.paid.pk]))
        self.assertEqual(response.headers["Content-Type"], "text/plain; charset=utf-8")
        self.assertContains(response, "INVOICE 1001")

    def test_no_invoice_yet(self):
        response = self.client.get(reverse("orders:invoice", args=[self.placed.pk]))
        self.assertEqual(response.status_code, 404)

    def test_ship_needs_the_permission(self):
        url = reverse("orders:ship", args=[self.paid.pk])
        self.assertEqual(self.client.post(url).status_code, 403)
        self.user.user_permissions.add(Permission.objects.get(codename="ship_order"))
        self.assertEqual(self.client.post(url).status_code, 204)
        self.assertEqual(self.client.post(url).status_code, 409)
