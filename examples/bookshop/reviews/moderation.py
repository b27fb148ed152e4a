"""Decide which reviews a person has to look at."""

import re
from collections import Counter

from django.core.mail import send_mail

from .models import BannedWord, Review

WORD = re.compile(r"[^\W\d_]+")


def words(text):
    """Return the lower-case words of a text.

    >>> words("It's a GREAT book!!")
    ['it', 's', 'a', 'great', 'book']
    """
    return WORD.findall(text.lower())


def looks_shouted(text):
    """Tell whether most letters are capitals.

    >>> looks_shouted("BUY THIS NOW")
    True
    >>> looks_shouted("I liked it")
    False
    """
    letters = [char for char in text if char.isalpha()]
    return len(letters) >= 8 and sum(char.isupper() for char in letters) > len(letters) * 0.7


def looks_repetitive(text):
    """Tell whether one word makes up half of a long text.

    >>> looks_repetitive("good " * 20)
    True
    """
    counted = Counter(words(text))
    total = sum(counted.values())
    return total >= 10 and counted.most_common(1)[0][1] * 2 >= total


def first_status(title, body):
    """Return the status a new review starts with."""
    text = f"{title} {body}"
    if looks_shouted(text) or looks_repetitive(text):
        return Review.Status.PENDING
    if BannedWord.objects.filter(word__in=set(words(text))).exists():
        return Review.Status.PENDING
    return Review.Status.PUBLISHED


def publish(review):
    review.status = Review.Status.PUBLISHED
    review.save(update_fields=["status"])


def reject(review, reason):
    """Reject a review and tell its author why."""
    review.status = Review.Status.REJECTED
    review.save(update_fields=["status"])
    send_mail(f"Your review of {review.book}", reason, None, [review.user.email])
