"""The few places where Django 4.2 and 6.1 spell something differently."""

import django
from django.db import models


def check_constraint(condition, name):
    """Return a CheckConstraint; ``check`` became ``condition`` in Django 5.1."""
    argument = "condition" if django.VERSION >= (5, 1) else "check"
    return models.CheckConstraint(**{argument: condition, "name": name})
