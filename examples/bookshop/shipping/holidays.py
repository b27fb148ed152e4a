"""Days on which no parcel leaves the shop."""

from datetime import date, timedelta

FIXED = {(1, 1), (5, 1), (12, 25), (12, 26)}
AFTER_EASTER = (-2, 1, 39, 50)  # Good Friday, Easter Monday, Ascension, Whit Monday


def easter(year: int) -> date:
    """Easter Sunday of a year, by the anonymous Gregorian algorithm."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    l = (32 + 2 * e + 2 * i - h - k) % 7  # noqa: E741
    m = (a + 11 * h + 22 * l) // 451
    month, day = divmod(h + l - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    if (day.month, day.day) in FIXED:
        return True
    return any(day == easter(day.year) + timedelta(days=offset) for offset in AFTER_EASTER)


def is_open(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)
