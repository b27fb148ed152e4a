"""Section D of the checklist: which databases there are, and what is in them."""

import threading

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import SimpleTestCase, TestCase, TransactionTestCase, tag
from django.test.testcases import DatabaseOperationForbidden

from tour.models import Book, Shelf


def in_a_thread(function):
    seen = []

    def body():
        try:
            seen.append(function())
        except Exception as error:
            seen.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    return seen[0]


class Item27(TestCase):
    databases = ["default", "plain"]

    def test_the_aliases_asked_for_are_there(self):
        self.assertEqual(Book.objects.count(), 1)
        self.assertEqual(Book.objects.using("plain").count(), 0)


class Item28(TestCase):
    def test_undeclared_alias(self):
        with self.assertRaisesMessage(DatabaseOperationForbidden, "'filed'"):
            Book.objects.using("filed").count()

    def test_unknown_alias(self):
        class Misspelt(TestCase):
            databases = ["defualt"]

        with self.assertRaisesMessage(ImproperlyConfigured, "Did you mean 'default'?"):
            Misspelt.setUpClass()


class Item28Simple(SimpleTestCase):
    def test_no_database_at_all(self):
        with self.assertRaises(DatabaseOperationForbidden):
            Book.objects.count()

    def test_not_in_a_thread_either(self):
        found = in_a_thread(Book.objects.count)
        print(f"in a thread: {type(found).__name__}")


class Item29(TransactionTestCase):
    databases = ["filed", "twin"]

    def test_equal_signatures_share_one_database(self):
        Shelf.objects.using("filed").create(name="seen through both")
        self.assertEqual(Shelf.objects.using("twin").get().name, "seen through both")
        names = {str(connections[alias].settings_dict["NAME"]) for alias in self.databases}
        self.assertEqual(len(names), 1)


class Item30(TransactionTestCase):
    databases = ["default", "replica"]

    def test_a_mirror_has_no_database_of_its_own(self):
        Shelf.objects.create(name="written to default")
        self.assertEqual(Shelf.objects.using("replica").get().name, "written to default")


class Item31(SimpleTestCase):
    def test_name_in_memory(self):
        name = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
        self.assertEqual(name, "file:memorydb_default?mode=memory&cache=shared")

    def test_name_of_a_file(self):
        name = str(connections["filed"].settings_dict["NAME"])
        self.assertNotIn("dev_filed", name)
        self.assertTrue(name.endswith(".sqlite3"), name)


class Item32(TransactionTestCase):
    databases = ["default", "filed"]

    def test_names_are_changed_in_place(self):
        for alias in self.databases:
            self.assertEqual(
                settings.DATABASES[alias]["NAME"], connections[alias].settings_dict["NAME"]
            )

    def test_a_new_thread_sees_the_same_database(self):
        Shelf.objects.using("filed").create(name="committed")
        found = in_a_thread(lambda: list(Shelf.objects.using("filed").values_list("name", flat=True)))
        self.assertEqual(found, ["committed"])


class Item33(TestCase):
    def test_migrations_have_run(self):
        self.assertEqual(Book.objects.get().title, "from a migration")

    def test_receivers_of_post_migrate_have_run(self):
        book = ContentType.objects.get(app_label="tour", model="book")
        self.assertEqual(Permission.objects.filter(content_type=book).count(), 4)

    def test_cache_tables_are_there(self):
        caches["table"].set("key", "value")
        self.assertEqual(caches["table"].get("key"), "value")


class Item34(TestCase):
    databases = ["plain", "filed"]

    def test_one_alias_is_not_migrated(self):
        self.assertEqual(Book.objects.using("plain").count(), 0)
        self.assertEqual(Book.objects.using("filed").count(), 1)

    def test_migration_modules_are_restored(self):
        self.assertEqual(settings.MIGRATION_MODULES, {"auth": None, "contenttypes": None})


class Item36(TransactionTestCase):
    serialized_rollback = True

    def test_a_rows_of_migrations(self):
        self.assertEqual(Book.objects.get().title, "from a migration")
        Book.objects.all().delete()

    def test_b_rows_of_migrations_again(self):
        self.assertEqual(Book.objects.get().title, "from a migration")

    def test_c_some_apps_are_left_out(self):
        contents = connections["default"]._test_serialized_contents
        self.assertIn("tour.book", contents)
        self.assertNotIn("auth.permission", contents)


class Item43(TestCase):
    @tag("sql")
    def test_failing_after_a_query(self):
        Shelf.objects.create(name="marked for debug-sql")
        self.fail("shows its SQL")

    @tag("sql")
    def test_subtests_failing_after_a_query(self):
        for i in range(2):
            with self.subTest(i=i):
                Shelf.objects.create(name=f"marked in subtest {i}")
                self.fail("shows its SQL")

    @tag("sql")
    def test_passing_after_a_query(self):
        Shelf.objects.create(name="marked and passing")
