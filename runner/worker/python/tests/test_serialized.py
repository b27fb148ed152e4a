import json
from pathlib import Path

from .support import JSON, SHOP, Server, TemplateTestCase

FILES = {
    **SHOP,
    "tests/__init__.py": "",
    "tests/test_rows.py": """
        from django.db import connection
        from django.test import SimpleTestCase, TestCase, TransactionTestCase
        from shop.models import Item

        creation, calls = connection.creation, []
        serialize = type(creation).serialize_db_to_string

        def serialize_db_to_string():
            calls.append(1)
            return serialize(creation)

        creation.serialize_db_to_string = serialize_db_to_string

        class Rolls(TransactionTestCase):
            serialized_rollback = True

            def test_one(self):
                self.assertEqual([i.name for i in Item.objects.all()], ["migrated"])
                Item.objects.all().delete()

            def test_two(self):
                self.assertEqual([i.name for i in Item.objects.all()], ["migrated"])

            def test_what_is_kept(self):
                print(len(calls), connection._test_serialized_contents == serialize(creation))

        class Plain(TestCase):
            def test_it(self):
                print(hasattr(connection, "_test_serialized_contents"))
    """,
}  # fmt: skip


class SerializedTests(TemplateTestCase):
    files = FILES

    def worker_of(self, generation: str) -> Server:
        (place,) = self.templates.values()
        self.kept = Path(f"{place['template']}.{self._testMethodName}.serialized")
        return self.fork(
            {"default": {**place, "serialized": str(self.kept), "generation": generation}}
        )

    def told(self, worker: Server, *labels: str) -> list[str]:
        """What the tests print."""
        worker.run_all(*[f"tests.test_rows.{label}" for label in labels])
        return [line for line in worker.printed().splitlines() if line]

    def test_once_for_a_template(self) -> None:
        self.assertEqual(self.told(self.worker_of("one"), "Plain"), ["False"])
        self.assertFalse(self.kept.exists())
        for generation, calls in (("two", 1), ("two", 0), ("three", 1), ("three", 0), ("two", 1)):
            worker = self.worker_of(generation)
            # Equal to what Django says of a fresh clone.
            self.assertEqual(self.told(worker, "Rolls"), [f"{calls} True"], generation)
            self.assertNotIn(str(self.kept), worker.reads())
            name, text = self.kept.read_text(encoding="utf-8").split("\n", 1)
            self.assertEqual(name, generation)
            self.assertEqual([row["fields"]["name"] for row in items(text)], ["migrated"])
        self.assertEqual(list(self.kept.parent.glob("*.serialized.*")), [])

    def test_a_damaged_file(self) -> None:
        worker = self.worker_of("four")
        self.kept.write_bytes(b"\xff\xfe")
        self.assertEqual(self.told(worker, "Rolls"), ["1 True"])

    def test_nowhere_to_write(self) -> None:
        (place,) = self.templates.values()
        gone = str(self.layer.scratch / "gone" / "serialized")
        worker = self.fork({"default": {**place, "serialized": gone, "generation": "five"}})
        self.assertEqual(self.told(worker, "Rolls"), ["1 True"])


def items(text: str) -> list[JSON]:
    rows: list[JSON] = json.loads(text)
    return [row for row in rows if row["model"] == "shop.item"]
