from datetime import date

from django.test import SimpleTestCase

from shipping.holidays import easter, is_holiday, is_open


class EasterTests(SimpleTestCase):
    def test_known_years(self):
        for expected in (date(2000, 4, 23), date(2024, 3, 31), date(2038, 4, 25)):
            with self.subTest(year=expected.year):
                self.assertEqual(easter(expected.year), expected)

    def test_always_a_sunday(self):
        self.assertTrue(all(easter(year).weekday() == 6 for year in range(1900, 2100)))


class HolidayTests(SimpleTestCase):
    def test_fixed(self):
        self.assertTrue(is_holiday(date(2026, 12, 25)))

    def test_after_easter(self):
        self.assertTrue(is_holiday(date(2025, 4, 21)))

    def test_ordinary_day(self):
        self.assertFalse(is_holiday(date(2026, 11, 23)))

    def test_closed_at_the_weekend(self):
        self.assertFalse(is_open(date(2026, 11, 22)))
