from datetime import date

from django.core.exceptions import ObjectDoesNotExist
from django.db import models


class Zone(models.Model):
    """Where a parcel goes, and how long it takes."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    days = models.PositiveSmallIntegerField(help_text="Working days on the way.")
    price = models.DecimalField(max_digits=6, decimal_places=2, default=0)

    class Meta:
        ordering = ["days", "code"]

    def __str__(self) -> str:
        return self.name

    def arrival(self, ordered: date) -> date:
        """The day on which a parcel ordered on a day arrives."""
        return Day.objects.working(ordered, self.days + 1).date


class DayQuerySet(models.QuerySet):
    def open(self):
        return self.filter(open=True)

    def working(self, start: date, number: int) -> "Day":
        """The so-manieth open day, beginning with ``start``."""
        try:
            return self.open().filter(date__gte=start).order_by("date")[number - 1]
        except IndexError:
            raise ObjectDoesNotExist(f"The calendar ends before working day {number}.") from None


class Day(models.Model):
    """A day of the calendar by which the warehouse works."""

    date = models.DateField(unique=True)
    open = models.BooleanField(default=True)
    cutoff = models.TimeField(null=True, blank=True)
    note = models.CharField(max_length=80, blank=True)

    objects = DayQuerySet.as_manager()

    class Meta:
        ordering = ["date"]
        indexes = [models.Index(fields=["open", "date"], name="shipping_open_days")]

    def __str__(self) -> str:
        return f"{self.date:%d %b %Y}"
