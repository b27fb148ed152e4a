"""What happens when an order is placed or paid."""

from django.db.models import F, Max
from django.db.models.signals import post_save
from django.dispatch import Signal, receiver

from .models import Invoice, Order

order_placed = Signal()


@receiver(order_placed, dispatch_uid="orders.award_points")
def award_points(sender, order, **kwargs):
    """Give the customer a loyalty point for every whole pound spent on books."""
    if order.user is None:
        return
    points = int(order.subtotal - order.discount)
    type(order.user).objects.filter(pk=order.user.pk).update(
        loyalty_points=F("loyalty_points") + points
    )


@receiver(post_save, sender=Order, dispatch_uid="orders.issue_invoice")
def issue_invoice(sender, instance, raw=False, **kwargs):
    """Number an invoice as soon as an order is paid."""
    if raw or instance.status != Order.Status.PAID:
        return
    if Invoice.objects.filter(order=instance).exists():
        return
    last = Invoice.objects.aggregate(last=Max("number"))["last"] or 1000
    Invoice.objects.create(order=instance, number=last + 1)
