from django.db import connection
from django.test import TestCase, TransactionTestCase


class Rows(TestCase):
    def test_it(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, code FROM shop_item ORDER BY id")
            print(*[f"{name}/{code}" for name, code in cursor.fetchall()])
            for table in ("shop_item", "loose_loose"):
                columns = connection.introspection.get_table_description(cursor, table)
                print(*[column.name for column in columns])


class Rolls(TransactionTestCase):
    serialized_rollback = True

    def test_one(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM shop_item")

    def test_two(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM shop_item")
            self.assertGreaterEqual(cursor.fetchone()[0], 4)
