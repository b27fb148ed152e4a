import unittest
from datetime import date, datetime, timezone
from decimal import Decimal
from io import StringIO

from django.core.management import CommandError, call_command
from django.test import TestCase, TransactionTestCase, tag

from accounts.models import User
from analytics import reports
from analytics.models import DailySales, PageView, SearchTerm
from orders.models import Order
from orders.tests.helpers import make_order

DAY = date(2024, 5, 31)


def order_at(hour, day=31, **fields):
    return make_order("paid", placed_at=datetime(2024, 5, day, hour, tzinfo=timezone.utc), **fields)


class ArithmeticTests(unittest.TestCase):
    def test_moving_average(self):
        self.assertEqual(reports.moving_average([3, 6, 9], 3), [6])
        self.assertEqual(reports.moving_average([1], 2), [])

    def test_days_between(self):
        self.assertEqual(len(reports.days_between(date(2024, 2, 1), date(2024, 3, 1))), 30)
        self.assertEqual(reports.days_between(DAY, DAY), [DAY])

    @tag("slow")
    def test_long_series(self):
        values = list(range(40_000))
        averages = reports.moving_average(values, 365)
        self.assertEqual(averages[0], 182)
        self.assertEqual(len(averages), 40_000 - 364)


class RollUpTests(TestCase):
    databases = {"default", "analytics"}

    def test_paid_orders_count(self):
        order_at(9, total="10.00")
        order_at(12, total="5.50")
        make_order("cancelled", placed_at=datetime(2024, 5, 31, 9, tzinfo=timezone.utc))
        sales = reports.roll_up(DAY)
        self.assertEqual((sales.orders, sales.revenue), (2, Decimal("15.50")))

    def test_day_of_the_shop(self):
        """Half past midnight in London is the day before in UTC."""
        order_at(23, day=30)
        self.assertEqual(reports.roll_up(DAY).orders, 1)

    def test_again(self):
        reports.roll_up(DAY)
        order_at(9)
        reports.roll_up(DAY)
        self.assertEqual(DailySales.objects.get().orders, 1)

    @tag("slow")
    def test_whole_month(self):
        for day in range(1, 32):
            order_at(12, day=day)
        for day in reports.days_between(date(2024, 5, 1), DAY):
            reports.roll_up(day)
        self.assertEqual(set(DailySales.objects.values_list("orders", flat=True)), {1})
        self.assertEqual(DailySales.objects.count(), 31)

    def test_command(self):
        out = StringIO()
        call_command("rollup_sales", "2024-05-30", "2024-05-31", stdout=out)
        self.assertEqual(out.getvalue(), "2024-05-30: 0\n2024-05-31: 0\n")

    def test_command_with_a_wrong_date(self):
        with self.assertRaisesMessage(CommandError, "'may' is not a date."):
            call_command("rollup_sales", "may")


class DashboardTests(TestCase):
    databases = {"default", "analytics"}

    @classmethod
    def setUpTestData(cls):
        cls.staff = User.objects.create_user("boss", "boss@bookshop.example", is_staff=True)
        DailySales.objects.create(day=DAY, orders=2, revenue=Decimal("1234.5"))
        SearchTerm.objects.record("emma")
        for path, duration in [("/", 10), ("/", 30), ("/genres/", 50)]:
            PageView.objects.create(path=path, duration_ms=duration)

    def setUp(self):
        self.client.force_login(self.staff)

    def test_dashboard(self):
        response = self.client.get("/reports/")
        self.assertContains(response, "£1,234.50")
        self.assertContains(response, "emma (1)")
        self.assertEqual(response.context["slowest"], ["/genres/", "/"])

    def test_csv(self):
        response = self.client.get("/reports/sales.csv")
        self.assertEqual(response.content.splitlines()[1], b"2024-05-31,2,1234.50")

    def test_customers(self):
        self.client.logout()
        response = self.client.get("/reports/")
        self.assertRedirects(response, "/admin/login/?next=/reports/")


class TwoDatabasesTransactionTests(TransactionTestCase):
    databases = {"default", "analytics"}

    def test_both_are_written(self):
        order_at(9)
        reports.roll_up(DAY)
        self.assertEqual(DailySales.objects.using("analytics").count(), 1)

    def test_both_were_flushed(self):
        self.assertFalse(Order.objects.exists())
        self.assertFalse(DailySales.objects.exists())
