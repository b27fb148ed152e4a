"""Read the orders of the shop, write the figures of the analytics database."""

from datetime import timedelta

from django.db.models import Avg, Count, Sum

from orders.models import Order

from .models import DailySales, PageView


def roll_up(day):
    """Store the sales of a day; doing it again replaces the figures."""
    paid = Order.objects.filter(
        placed_at__date=day, status__in=[Order.Status.PAID, Order.Status.SHIPPED]
    )
    figures = paid.aggregate(orders=Count("pk"), revenue=Sum("total"))
    sales, _ = DailySales.objects.update_or_create(
        day=day, defaults={"orders": figures["orders"], "revenue": figures["revenue"] or 0}
    )
    return sales


def slowest_pages(limit=5):
    pages = PageView.objects.values("path").annotate(average=Avg("duration_ms"))
    return list(pages.order_by("-average", "path").values_list("path", flat=True)[:limit])


def moving_average(values, width):
    """Return the averages of neighbouring values.

    >>> moving_average([1, 2, 3, 4], 2)
    [1.5, 2.5, 3.5]
    """
    return [sum(values[start : start + width]) / width for start in range(len(values) - width + 1)]


def days_between(first, last):
    """Return the days from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
