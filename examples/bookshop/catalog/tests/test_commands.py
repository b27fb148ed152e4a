from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command
from django.test import TestCase

from catalog.models import StockItem

from .factories import make_book


class RestockTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.book = make_book("Emma", slug="emma", stock=1)
        cls.full = make_book("Persuasion", slug="persuasion", stock=9)

    def call(self, *args, **options):
        out, err = StringIO(), StringIO()
        call_command("restock", *args, stdout=out, stderr=err, no_color=True, **options)
        return out.getvalue(), err.getvalue()

    def test_adds_copies(self):
        out, _ = self.call("emma", quantity=4)
        self.assertEqual(out, "Emma: 5\n")
        self.assertEqual(StockItem.objects.get(book=self.book).quantity, 5)

    def test_dry_run(self):
        self.call("emma", "--dry-run")
        self.assertEqual(StockItem.objects.get(book=self.book).quantity, 1)

    def test_lists_what_is_low(self):
        self.assertEqual(self.call(), ("emma\t1\n", ""))

    def test_nothing_to_order(self):
        StockItem.objects.update(quantity=9)
        self.assertEqual(self.call(), ("", "Nothing to order.\n"))

    def test_many_books(self):
        slugs = [f"volume-{number}" for number in range(40)]
        for slug in slugs:
            make_book(slug=slug, stock=0)
        out, _ = self.call(*slugs, quantity=3)
        self.assertEqual(out.count("A Book: 3\n"), 40)

    def test_errors(self):
        for args, message in [
            (["unknown"], "There is no book 'unknown'."),
            (["emma", "--quantity", "0"], "The quantity has to be positive."),
        ]:
            with self.subTest(args=args), self.assertRaisesMessage(CommandError, message):
                self.call(*args)


class RestockOutputTests(TestCase):
    """The command writes to the real standard streams unless told otherwise."""

    def test_stdout(self):
        make_book("Emma", slug="emma", stock=0)
        call_command("restock", "emma", quantity=1)
        print("restocked Emma")

    def test_stderr(self):
        call_command("restock")

    def test_new_stock_item(self):
        make_book("Villette", slug="villette", stock=None)
        with mock.patch("sys.stdout", new_callable=StringIO) as stdout:
            call_command("restock", "villette", no_color=True)
        self.assertEqual(stdout.getvalue(), "Villette: 10\n")
