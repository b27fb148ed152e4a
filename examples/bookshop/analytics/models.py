"""These tables live in the database ``analytics``; see routers.py."""

from django.db import models
from django.db.models import F


class Channel(models.Model):
    """Where a visitor came from; migration 0004 loads the known ones."""

    slug = models.SlugField(unique=True)
    host = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self):
        return self.slug


class PageView(models.Model):
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField(default=200)
    duration_ms = models.FloatField(default=0)
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["path", "at"], name="analytics_path_at")]

    def __str__(self):
        return f"{self.status} {self.path}"


class SearchTermManager(models.Manager):
    def record(self, text):
        """Count a search; the case and the spaces do not matter."""
        term, created = self.get_or_create(text=" ".join(text.lower().split()))
        if not created:
            self.filter(pk=term.pk).update(count=F("count") + 1)
        return term


class SearchTerm(models.Model):
    text = models.CharField(max_length=100, unique=True)
    count = models.PositiveIntegerField(default=1)

    objects = SearchTermManager()

    class Meta:
        ordering = ["-count", "text"]

    def __str__(self):
        return self.text


class DailySales(models.Model):
    day = models.DateField(unique=True)
    orders = models.PositiveIntegerField(default=0)
    revenue = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        ordering = ["-day"]
        verbose_name_plural = "daily sales"

    def __str__(self):
        return f"{self.day}: {self.revenue}"
