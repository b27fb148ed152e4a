"""A project with tests that end in every way, and how the tests here ask for their verdicts."""

from typing import Any

from .support import SHOP, TemplateTestCase

OUTCOMES = """
    import sys, unittest

    class Outcomes(unittest.TestCase):
        def test_passed(self):
            print("said")

        def test_failed(self):
            print("about to fail", file=sys.stderr)
            self.assertEqual([1], [2])

        def test_errored(self):
            {}["x"]

        def test_skipped(self):
            self.skipTest("not today")

        @unittest.skip("never")
        def test_skipped_by_decorator(self):
            pass

        @unittest.expectedFailure
        def test_xfailed(self):
            self.fail()

        @unittest.expectedFailure
        def test_xpassed(self):
            pass

        def test_exits(self):
            sys.exit(3)

        def test_subtests_pass(self):
            for i in range(3):
                with self.subTest(i=i):
                    pass

        def test_subtests_fail(self):
            for i in range(4):
                with self.subTest("part", i=i):
                    self.assertEqual(i % 2, 0)

        def test_subtest_skips(self):
            with self.subTest(i=0):
                self.skipTest("this part")
            with self.subTest(i=1):
                pass

        def test_subtest_skips_and_fails(self):
            with self.subTest(i=0):
                self.skipTest("this part")
            with self.subTest(i=1):
                self.fail("that part")

        def test_two_messages(self):
            self.addCleanup(self.fail, "in a cleanup")
            self.fail("in the test")

    class Streams(unittest.TestCase):
        def test_closes_streams(self):
            import os
            sys.stdout.close(); os.close(1); os.close(2)

        def test_then_prints(self):
            print("still here")

    class SetUpFails(unittest.TestCase):
        def setUp(self):
            raise ValueError("no")

        def test_it(self):
            pass

    class TearDownFails(unittest.TestCase):
        def tearDown(self):
            raise ValueError("no")

        def test_it(self):
            pass

    @unittest.skip("whole class")
    class SkippedClass(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise ValueError

        def test_it(self):
            pass

    class ClassFails(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.addClassCleanup(print, "cleaned up")
            raise ValueError("no class")

        def test_one(self):
            pass

        def test_two(self):
            pass

    class ClassSkips(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise unittest.SkipTest("no class today")

        def test_one(self):
            pass

    class ClassExits(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            sys.exit(1)

        def test_one(self):
            pass

        def test_two(self):
            pass

    class TearDownClassFails(unittest.TestCase):
        @classmethod
        def tearDownClass(cls):
            print("tearing down")
            raise ValueError("no end")

        def test_it(self):
            pass

    class Flies(unittest.TestCase):
        def test_it(self):
            raise KeyboardInterrupt

        def test_later(self):
            pass
"""
OUTCOME_STATES = {
    "test_passed": "passed",
    "test_failed": "failed",
    "test_errored": "errored",
    "test_skipped": "skipped",
    "test_skipped_by_decorator": "skipped",
    "test_xfailed": "xfailed",
    "test_xpassed": "xpassed",
    "test_exits": "errored",
    "test_subtests_pass": "passed",
    "test_subtests_fail": "failed",
    "test_subtest_skips": "skipped",
    "test_subtest_skips_and_fails": "failed",
    "test_two_messages": "failed",
}
MODULES = {
    "shop/tests_module.py": """
        import unittest
        from shop.models import Item
        from django.test import TestCase, TransactionTestCase

        def setUpModule():
            print("module up")
            Item.objects.create(name="of the module")

        def tearDownModule():
            print("module down")

        class A(TestCase):
            def test_rows(self):
                self.assertEqual(Item.objects.count(), 2)
                Item.objects.create(name="rolled back")

        class B(TestCase):
            def test_rows(self):
                self.assertEqual(Item.objects.count(), 2)

        class C(TransactionTestCase):
            def test_rows(self):
                self.assertEqual(Item.objects.count(), 2)
                Item.objects.create(name="committed")

        class D(TransactionTestCase):
            def test_rows(self):
                self.assertEqual(Item.objects.count(), 2)
    """,
    "shop/tests_module_fails.py": """
        import unittest

        def setUpModule():
            raise ValueError("no module")

        class A(unittest.TestCase):
            def test_one(self):
                pass

            def test_two(self):
                pass

        class B(unittest.TestCase):
            def test_it(self):
                pass
    """,
    "shop/tests_module_skips.py": """
        import unittest

        def setUpModule():
            raise unittest.SkipTest("no module today")

        class A(unittest.TestCase):
            def test_it(self):
                pass
    """,
    "shop/tests_module_ends_badly.py": """
        import unittest

        def setUpModule():
            unittest.addModuleCleanup(print, "cleaned up")

        def tearDownModule():
            raise ValueError("no end of the module")

        class A(unittest.TestCase):
            def test_it(self):
                pass
    """,
}
ROWS = """
    import os, unittest
    from django.contrib.contenttypes.models import ContentType
    from django.db import connection, transaction
    from django.test import TestCase, TransactionTestCase
    from shop.models import Item

    def rows():
        return sorted(Item.objects.values_list("name", flat=True))

    class Rolls(TestCase):
        @classmethod
        def setUpTestData(cls):
            Item.objects.create(name="data")

        def test_one(self):
            Item.objects.create(name="one")
            self.assertEqual(rows(), ["data", "migrated", "one"])

        def test_two(self):
            self.assertEqual(rows(), ["data", "migrated"])

    class Commits(TransactionTestCase):
        def test_it(self):
            self.assertEqual(rows(), ["migrated"])
            Item.objects.create(name="committed")

    class CommitsAgain(TransactionTestCase):
        def test_it(self):
            self.assertEqual(rows(), ["migrated"])
            self.assertEqual(ContentType.objects.get_for_model(Item).pk,
                             ContentType.objects.get(model="item").pk)

    class Serialized(TransactionTestCase):
        serialized_rollback = True

        def test_one(self):
            self.assertEqual(rows(), ["migrated"])
            Item.objects.all().delete()

        def test_two(self):
            self.assertEqual(rows(), ["migrated"])
            Item.objects.all().delete()

    class Plain(unittest.TestCase):
        def test_commits(self):
            Item.objects.create(name="by the way")
            ContentType.objects.all().delete()
            ContentType.objects.clear_cache()
            ContentType.objects.get_for_model(Item)  # has another key now

    class PlainAgain(unittest.TestCase):
        def test_clean(self):
            self.assertEqual(rows(), ["migrated"])
            self.assertEqual(ContentType.objects.get_for_model(Item).pk,
                             ContentType.objects.get(model="item").pk)

    class Queries(TestCase):
        def test_three(self):
            for _ in range(3):
                Item.objects.count()

        def test_none(self):
            pass

    class Wanders(unittest.TestCase):
        def test_away(self):
            os.chdir("/")

    class WandersAgain(unittest.TestCase):
        def test_home(self):
            self.assertTrue(os.path.exists("manage.py"))

    class LeavesOpen(unittest.TestCase):
        def test_it(self):
            transaction.atomic().__enter__()
"""
FILES = {**SHOP, **MODULES, "shop/tests_outcomes.py": OUTCOMES, "shop/tests_rows.py": ROWS}


class ExecuteTestCase(TemplateTestCase):
    files = FILES

    def verdicts(self, module: str, *classes: str, **more: Any) -> dict[str, Any]:
        """Verdicts by ``Class.method``."""
        labels = [f"shop.{module}.{name}" for name in classes] or [f"shop.{module}"]
        verdicts = self.worker.run_all(*labels, **more)
        return {".".join(name.split(".")[-2:]): verdict for name, verdict in verdicts.items()}

    def states(self, module: str, *classes: str, **more: Any) -> dict[str, str]:
        verdicts = self.verdicts(module, *classes, **more)
        return {name: verdict["state"] for name, verdict in verdicts.items()}

    def output(self, verdict: dict[str, Any]) -> str:
        start, end = verdict.get("output", (0, 0))
        return self.worker.capture.read_bytes()[start:end].decode()
