from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Avg, Count, Q
from django.utils import timezone

from bookshop.compat import check_constraint


class BannedWord(models.Model):
    """A review with such a word waits for a moderator; migration 0003 loads some."""

    word = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["word"]

    def __str__(self):
        return self.word


class ReviewQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=Review.Status.PUBLISHED)

    def pending(self):
        return self.filter(status=Review.Status.PENDING).order_by("created_at")

    def summary(self):
        """Return the number of published reviews and their average, one decimal."""
        row = self.published().aggregate(count=Count("pk"), average=Avg("rating"))
        average = None if row["average"] is None else round(row["average"], 1)
        return {"count": row["count"], "average": average}


class Review(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PUBLISHED = "published", "Published"
        REJECTED = "rejected", "Rejected"

    book = models.ForeignKey("catalog.Book", on_delete=models.CASCADE, related_name="reviews")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews"
    )
    rating = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        permissions = [("moderate_review", "Can moderate reviews")]
        constraints = [
            models.UniqueConstraint(fields=["book", "user"], name="reviews_one_per_user"),
            check_constraint(Q(rating__gte=1, rating__lte=5), "reviews_rating_1_to_5"),
        ]

    def __str__(self):
        return f"{self.title} ({self.rating}/5)"

    @property
    def stars(self):
        return "★" * self.rating + "☆" * (5 - self.rating)
