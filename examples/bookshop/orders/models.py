from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils import timezone

from bookshop.compat import check_constraint


class TaxRate(models.Model):
    """The tax on books in a country; migration 0003 loads the known ones."""

    country = models.CharField(max_length=2, unique=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["country"]

    def __str__(self):
        return f"{self.country}: {self.percent} %"

    @classmethod
    def percent_for(cls, country):
        return cls.objects.filter(country=country).values_list(
            "percent", flat=True
        ).first() or Decimal("0")


class Coupon(models.Model):
    code = models.CharField(max_length=20, unique=True)
    percent = models.PositiveSmallIntegerField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            check_constraint(Q(percent__gte=1, percent__lte=100), "orders_coupon_percent"),
        ]

    def __str__(self):
        return self.code

    def is_valid(self, on=None):
        return self.valid_until is None or (on or timezone.localdate()) <= self.valid_until


class Cart(models.Model):
    """The books somebody is about to buy; the session holds its id."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"Cart {self.pk}"

    def add(self, book, quantity=1):
        line, created = self.lines.get_or_create(book=book, defaults={"quantity": quantity})
        if not created:
            line.quantity = F("quantity") + quantity
            line.save(update_fields=["quantity"])
            line.refresh_from_db()
        return line

    @property
    def subtotal(self):
        total = self.lines.aggregate(total=Sum(F("quantity") * F("book__price")))["total"]
        return (total or Decimal("0")).quantize(Decimal("0.01"))

    @property
    def count(self):
        return self.lines.aggregate(count=Sum("quantity"))["count"] or 0


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    book = models.ForeignKey("catalog.Book", on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "book"], name="orders_cart_book_once"),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.book}"


class Order(models.Model):
    class Status(models.TextChoices):
        PLACED = "placed", "Placed"
        PAID = "paid", "Paid"
        SHIPPED = "shipped", "Shipped"
        CANCELLED = "cancelled", "Cancelled"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="orders",
    )
    email = models.EmailField()
    country = models.CharField(max_length=2, default="GB")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLACED)
    placed_at = models.DateTimeField(default=timezone.now)
    subtotal = models.DecimalField(max_digits=10, decimal_places=2)
    discount = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    shipping = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    tax = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["-placed_at", "-pk"]
        permissions = [("ship_order", "Can ship orders")]
        indexes = [models.Index(fields=["status", "placed_at"], name="orders_by_status")]
        constraints = [
            check_constraint(Q(total__gte=Decimal("0")), "orders_total_not_negative"),
        ]

    def __str__(self):
        return f"Order {self.number}"

    def get_absolute_url(self):
        return reverse("orders:order_detail", args=[self.pk])

    @property
    def number(self):
        return f"B{self.pk:06d}"


class OrderLine(models.Model):
    """A line of an order; title and price are copied as they were that day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    book = models.ForeignKey("catalog.Book", null=True, on_delete=models.SET_NULL)
    title = models.CharField(max_length=200)
    unit_price = models.DecimalField(max_digits=8, decimal_places=2)
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.quantity} × {self.title}"

    @property
    def amount(self):
        return self.unit_price * self.quantity


class Invoice(models.Model):
    """A paid order has one invoice; the numbers have no gaps."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    number = models.PositiveIntegerField(unique=True)
    issued_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return f"Invoice {self.number}"
