import unittest

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, tag

from catalog import isbn
from catalog.models import validate_isbn


class CheckDigitTests(unittest.TestCase):
    """Plain unittest: nothing of Django is needed."""

    def test_known_books(self):
        for number in ["9780141036144", "9780141439587", "9781857988826"]:
            with self.subTest(number=number):
                self.assertEqual(isbn.check_digit(number[:12]), number[12])

    def test_zero(self):
        self.assertEqual(isbn.check_digit("000000000000"), "0")

    def test_letters_are_refused(self):
        with self.assertRaisesRegex(ValueError, "twelve digits"):
            isbn.check_digit("97801410361x")

    def test_normalise(self):
        self.assertEqual(isbn.normalise(" 978-0-14 1036144 "), "9780141036144")


class MakeIsbnTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = [isbn.make_isbn(number) for number in range(20_000)]

    def test_all_are_valid(self):
        self.assertTrue(all(map(isbn.is_valid_isbn, self.numbers)))

    def test_all_differ(self):
        self.assertEqual(len(set(self.numbers)), len(self.numbers))

    def test_prefix(self):
        self.assertTrue(isbn.make_isbn(7, prefix="979").startswith("979"))


@tag("slow")
class SingleErrorTests(unittest.TestCase):
    def test_every_wrong_digit_is_noticed(self):
        for number in range(0, 100_000, 1_201):
            good = isbn.make_isbn(number)
            for place in range(13):
                for digit in "0123456789":
                    text = good[:place] + digit + good[place + 1 :]
                    self.assertEqual(isbn.is_valid_isbn(text), text == good)

    @unittest.expectedFailure
    def test_every_swap_is_noticed(self):
        """ISBN-13 cannot see two neighbours that differ by five change places."""
        good = isbn.make_isbn(16)
        swapped = good[:10] + good[11] + good[10] + good[12]
        self.assertFalse(isbn.is_valid_isbn(swapped))


class ValidatorTests(SimpleTestCase):
    def test_valid(self):
        self.assertIsNone(validate_isbn("9780141036144"))

    def test_message(self):
        with self.assertRaisesMessage(ValidationError, "123 is not a valid ISBN-13."):
            validate_isbn("123")


def _invalid_number_test(text):
    def test(self):
        self.assertFalse(isbn.is_valid_isbn(text))

    return test


class InvalidNumberTests(SimpleTestCase):
    """The methods are made below, one for every wrong number."""


INVALID = {
    "empty": "",
    "too_short": "978014103614",
    "too_long": "97801410361440",
    "letters": "97801410361ab",
    "wrong_check_digit": "9780141036143",
    "other_digits": "٩٧٨٠١٤١٠٣٦١٤٤",
    "isbn_10": "0141036141",
}
for _name, _text in INVALID.items():
    setattr(InvalidNumberTests, f"test_{_name}", _invalid_number_test(_text))
