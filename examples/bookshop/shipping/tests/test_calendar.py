from datetime import date, time

from django.core.exceptions import ObjectDoesNotExist
from django.test import TestCase

from shipping.models import Day, Zone


class CalendarTests(TestCase):
    """The calendar as the migrations have made it."""

    def test_is_complete(self):
        self.assertEqual(Day.objects.count(), 10957)

    def test_christmas_is_closed(self):
        self.assertFalse(Day.objects.get(date=date(2026, 12, 25)).open)

    def test_cutoff_is_earlier_before_a_closed_day(self):
        friday, thursday = date(2026, 11, 20), date(2026, 11, 19)
        self.assertEqual(Day.objects.get(date=friday).cutoff, time(13))
        self.assertEqual(Day.objects.get(date=thursday).cutoff, time(16))

    def test_name(self):
        self.assertEqual(str(Day.objects.get(date=date(2026, 11, 23))), "23 Nov 2026")


class WorkingDayTests(TestCase):
    def test_skips_the_weekend(self):
        self.assertEqual(Day.objects.working(date(2026, 11, 20), 2).date, date(2026, 11, 23))

    def test_end_of_the_calendar(self):
        with self.assertRaisesMessage(ObjectDoesNotExist, "The calendar ends"):
            Day.objects.working(date(2039, 12, 30), 9)

    def test_arrival(self):
        for code, expected in [("home", date(2026, 11, 24)), ("eu", date(2026, 11, 27))]:
            with self.subTest(zone=code):
                zone = Zone.objects.get(code=code)
                self.assertEqual(zone.arrival(date(2026, 11, 23)), expected)
