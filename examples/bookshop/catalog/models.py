from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from bookshop.compat import check_constraint

from .isbn import is_valid_isbn


def validate_isbn(value):
    if not is_valid_isbn(value):
        raise ValidationError("%(value)s is not a valid ISBN-13.", params={"value": value})


class Author(models.Model):
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    born = models.PositiveSmallIntegerField(null=True, blank=True)
    biography = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("catalog:author_detail", args=[self.slug])


class Publisher(models.Model):
    name = models.CharField(max_length=120, unique=True)
    country = models.CharField(max_length=2, default="GB")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Genre(models.Model):
    """A shelf of the shop; migration 0003 loads the standard ones."""

    name = models.CharField(max_length=60)
    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class BookQuerySet(models.QuerySet):
    def available(self):
        return self.filter(is_available=True)

    def in_stock(self):
        return self.available().filter(stock__quantity__gt=0)

    def search(self, text):
        return self.filter(Q(title__icontains=text) | Q(authors__name__icontains=text)).distinct()

    def for_list(self):
        return self.select_related("publisher", "stock").prefetch_related("authors")


class Book(models.Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    isbn = models.CharField("ISBN", max_length=13, unique=True, validators=[validate_isbn])
    authors = models.ManyToManyField(Author, related_name="books")
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="books")
    genres = models.ManyToManyField(Genre, related_name="books", blank=True)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    published = models.DateField(null=True, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    language = models.CharField(max_length=5, default="en")
    is_available = models.BooleanField(default=True)

    objects = BookQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        indexes = [
            models.Index(fields=["published"], name="catalog_book_published"),
            models.Index(fields=["is_available", "title"], name="catalog_book_listing"),
        ]
        constraints = [
            check_constraint(Q(price__gte=Decimal("0")), "catalog_book_price_not_negative"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("catalog:book_detail", args=[self.slug])

    @property
    def stock_quantity(self):
        try:
            return self.stock.quantity
        except StockItem.DoesNotExist:
            return 0


class OutOfStock(Exception):
    """There are not enough copies of a book."""


class StockItem(models.Model):
    book = models.OneToOneField(Book, on_delete=models.CASCADE, related_name="stock")
    quantity = models.PositiveIntegerField(default=0)
    reorder_level = models.PositiveIntegerField(default=2)

    class Meta:
        constraints = [
            check_constraint(Q(quantity__gte=0), "catalog_stock_not_negative"),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.book}"

    @property
    def needs_reorder(self):
        return self.quantity <= self.reorder_level

    def take(self, quantity):
        """Remove copies from the shelf, or raise OutOfStock and change nothing."""
        taken = StockItem.objects.filter(pk=self.pk, quantity__gte=quantity).update(
            quantity=models.F("quantity") - quantity
        )
        if not taken:
            raise OutOfStock(f"Only {self.quantity} of {self.book} left.")
        self.refresh_from_db()
