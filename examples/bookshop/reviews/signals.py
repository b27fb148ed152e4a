from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from .models import Review


def summary_key(book_id):
    return f"reviews:summary:{book_id}"


@receiver([post_save, post_delete], sender=Review, dispatch_uid="reviews.forget_summary")
def forget_summary(instance, **kwargs):
    cache.delete(summary_key(instance.book_id))


def book_summary(book):
    """Return the rating of a book; it is cached until a review changes."""
    return cache.get_or_set(summary_key(book.pk), book.reviews.summary)
