"""What tests do to their database."""

import threading

from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase

from shelf.models import Book


class Commits(TransactionTestCase):
    def test_1_commits(self):
        Book.objects.create(title="Djangology")

    def test_2_flushed(self):
        self.assertEqual(Book.objects.count(), 0)


class CommitsByHand(TestCase):
    def test_guilty(self):
        Book.objects.create(title="Tears")
        connection.cursor().execute("COMMIT")


class Drops(TransactionTestCase):
    available_apps = []

    def test_guilty(self):
        connection.cursor().execute("DROP TABLE shelf_book")


class Closes(TestCase):
    def test_guilty(self):
        connection.connection.close()


class LeavesOpen(TransactionTestCase):
    def test_guilty(self):
        transaction.set_autocommit(False)
        Book.objects.create(title="Belleville")


class FromThread(TransactionTestCase):
    def test_guilty(self):
        thread = threading.Thread(target=lambda: Book.objects.create(title="Daphne"))
        thread.start()
        thread.join()


class Later(TestCase):
    def test_innocent(self):
        self.assertEqual([book.title for book in Book.objects.all()], ["Swing 39"])


class Latest(TransactionTestCase):
    def test_innocent(self):
        self.assertEqual([book.title for book in Book.objects.all()], ["Swing 39"])
