from decimal import Decimal
from unittest import mock

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import TestCase, skipUnlessDBFeature, tag

from catalog.models import Author, Book, Genre, OutOfStock, Publisher, StockItem

from .factories import make_author, make_book


class GenreDataTests(TestCase):
    """The rows come from the data migrations."""

    def test_loaded_by_migration(self):
        self.assertEqual(Genre.objects.count(), 8)

    def test_positions_follow_the_order_of_loading(self):
        positions = Genre.objects.values_list("position", flat=True)
        self.assertEqual(list(positions), [10, 20, 30, 40, 50, 60, 70, 80])

    def test_first_and_last(self):
        self.assertEqual(Genre.objects.first().slug, "fiction")
        self.assertEqual(str(Genre.objects.last()), "Computing")

    def test_slug_is_unique(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Genre.objects.create(name="Crime again", slug="crime")


class BookModelTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.book = make_book("Emma", price="7.99", slug="emma")

    def test_str(self):
        self.assertEqual(str(self.book), "Emma")

    def test_absolute_url(self):
        self.assertEqual(self.book.get_absolute_url(), "/books/emma/")

    def test_full_clean_refuses_a_wrong_isbn(self):
        self.book.isbn = "9780000000000"
        with self.assertRaises(ValidationError) as caught:
            self.book.full_clean()
        self.assertEqual(list(caught.exception.message_dict), ["isbn"])

    def test_changes_of_another_test_are_not_seen(self):
        self.book.refresh_from_db()
        self.assertNotEqual(self.book.isbn, "9780000000000")

    @skipUnlessDBFeature("supports_table_check_constraints")
    def test_price_is_not_negative(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Book.objects.filter(pk=self.book.pk).update(price=Decimal("-1"))

    def test_publisher_with_books_is_protected(self):
        with self.assertRaises(ProtectedError):
            self.book.publisher.delete()

    def test_price_keeps_its_cents(self):
        self.assertEqual(Book.objects.get(pk=self.book.pk).price, Decimal("7.99"))

    def test_str_of_related(self):
        for obj, text in [
            (Author(name="Jane Austen"), "Jane Austen"),
            (Publisher(name="Penguin"), "Penguin"),
            (self.book.stock, "5 × Emma"),
        ]:
            with self.subTest(text):
                self.assertEqual(str(obj), text)


class BookQuerySetTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        author = make_author("Mary Shelley")
        cls.monster = make_book("Frankenstein", author=author)
        cls.last = make_book("The Last Man", author=author, stock=0)
        cls.gone = make_book("Lodore", author=author, is_available=False)
        cls.bare = make_book("Mathilda", author=author, stock=None)

    def test_available(self):
        self.assertQuerySetEqual(Book.objects.available(), [self.monster, self.bare, self.last])

    def test_in_stock(self):
        self.assertQuerySetEqual(Book.objects.in_stock(), [self.monster])

    def test_search_by_title(self):
        self.assertQuerySetEqual(Book.objects.search("frank"), [self.monster])

    def test_search_by_author_has_no_duplicates(self):
        self.monster.authors.add(make_author("Percy Shelley"))
        self.assertEqual(Book.objects.search("shelley").count(), 4)

    def test_for_list_needs_two_queries(self):
        with self.assertNumQueries(2):
            for book in Book.objects.for_list():
                str(book.publisher)
                list(book.authors.all())
                book.stock_quantity  # noqa: B018

    def test_stock_quantity(self):
        self.assertEqual(self.monster.stock_quantity, 5)
        self.assertEqual(self.bare.stock_quantity, 0)


class StockTests(TestCase):
    def setUp(self):
        self.item = make_book(stock=5).stock

    def test_take(self):
        self.item.take(3)
        self.assertEqual(self.item.quantity, 2)

    def test_take_too_many_changes_nothing(self):
        with self.assertRaisesMessage(OutOfStock, "Only 5 of A Book left."):
            self.item.take(6)
        self.item.refresh_from_db()
        self.assertEqual(self.item.quantity, 5)

    def test_take_sees_what_others_took(self):
        stale = StockItem.objects.get(pk=self.item.pk)
        self.item.take(4)
        with self.assertRaises(OutOfStock):
            stale.take(2)

    @tag("slow")
    def test_sells_out_one_by_one(self):
        StockItem.objects.update(quantity=150)
        for left in reversed(range(150)):
            self.item.take(1)
            self.assertEqual(self.item.quantity, left)
        with self.assertRaises(OutOfStock):
            self.item.take(1)

    def test_needs_reorder(self):
        for quantity, expected in [(0, True), (2, True), (3, False)]:
            with self.subTest(quantity=quantity):
                self.item.quantity = quantity
                self.assertIs(self.item.needs_reorder, expected)

    def test_take_is_one_update(self):
        with mock.patch.object(self.item, "refresh_from_db"), self.assertNumQueries(1):
            self.item.take(1)
