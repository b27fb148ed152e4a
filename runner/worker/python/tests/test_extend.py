"""A database that was migrated in two goes is one that was migrated in one."""

import os
import shutil
import sqlite3
import tempfile
import unittest
from typing import Optional

from . import postgres
from .clones import Contents
from .support import JSON, SHOP, ProjectTestCase, Server
from .test_servers import databases

APPS = '["django.contrib.contenttypes", "django.contrib.auth", "shop", "till"]'
CONF = SHOP["conf.py"].replace('["django.contrib.contenttypes", "shop"]', APPS)
TILL = {
    "till/__init__.py": "",
    "till/models.py": """
        from django.db import models

        class Sale(models.Model):
            pass
    """,
    "till/migrations/__init__.py": "",
    "till/migrations/0001_initial.py": """
        from django.db import migrations, models

        class Migration(migrations.Migration):
            initial = True
            operations = [migrations.CreateModel("Sale", [
                ("id", models.AutoField(primary_key=True, serialize=False)),
            ])]
    """,
}
OLD = {**SHOP, **TILL, "conf.py": CONF}
# Its content type and its permissions come before those of Item and of the app till.
BASKET = """
    class Basket(models.Model):
        class Meta:
            permissions = [("carry", "Can carry it")]
"""
WITH_BASKET = SHOP["shop/models.py"].replace("    class Item", f"{BASKET}\n    class Item")
ADDS = """
    from django.db import migrations, models

    class Migration(migrations.Migration):
        dependencies = [("shop", "0001_initial")]
        operations = [
            migrations.CreateModel("Basket", [
                ("id", models.AutoField(primary_key=True, serialize=False)),
            ], options={"permissions": [("carry", "Can carry it")]}),
            # more
        ]
"""
NEW = {**OLD, "shop/models.py": WITH_BASKET, "shop/migrations/0002_basket.py": ADDS}


def adds(more: str = "", **files: str) -> dict[str, str]:
    return {**NEW, "shop/migrations/0002_basket.py": ADDS.replace("# more", more), **files}


class ExtendTestCase(ProjectTestCase):
    """The sides of one project before and after a migration."""

    settings = ""  # more of them
    engines: tuple[str, ...] = ()

    def place(self, name: str) -> str:
        """Where a database of some name lies."""
        raise NotImplementedError

    def copy(self, old: str, new: str) -> None:
        raise NotImplementedError

    def contents(self, path: str) -> Contents:
        raise NotImplementedError

    @classmethod
    def setUpClass(cls) -> None:
        """A case boots the projects that it needs."""

    def built(self, files: dict[str, str], path: str, begin: Optional[JSON] = None) -> JSON:
        """What a build says; begin has what is missing in what is there, and what was noted."""
        layer = self.enterProject({**files, "conf.py": files["conf.py"] + self.settings})
        layer.boot(engines=list(self.engines))
        builder: Server = layer.fork()
        (schema,) = builder.request("schemas", aliases=["default"])["schemas"]
        place = {**schema, "path": path}
        if begin is not None:
            missing = [str(layer.root / each) for each in begin["missing"]]
            place.update(missing=missing, note=begin["note"])
        answer: JSON = builder.request("build", places=[place], models=[])
        return answer

    def assertExtends(
        self, old: dict[str, str], new: dict[str, str], *, extends: bool = True
    ) -> None:
        """The database after all migrations is the same, whether it begins as an older one or
        not, and begins as one only where it shall."""
        first, second, afresh = (self.place(name) for name in ("first", "second", "afresh"))
        note = self.built(old, first)["note"]
        missing = [path for path in new if "/migrations/" in path and path not in old]
        self.copy(first, second)
        answer = self.built(new, second, {"missing": missing, "note": note})
        self.assertEqual(answer["afresh"], not extends)
        self.built(new, afresh)
        self.assertEqual(_same(self.contents(second)), _same(self.contents(afresh)))
        self.assertEqual(bool(answer["note"]), bool(note))


def _same(contents: Contents) -> Contents:
    """All but when migrations were applied, and in which order those of different apps were."""
    return {
        table: rows for table, rows in contents.items() if not table.endswith("django_migrations")
    }


class Cases(ExtendTestCase):
    def test_a_model_more(self) -> None:
        self.assertExtends(OLD, adds())

    def test_a_column_more(self) -> None:
        more = 'migrations.AddField("Item", "size", models.IntegerField(default=1)),'
        self.assertExtends(OLD, adds(more))

    def test_code_of_a_migration(self) -> None:
        self.assertExtends(
            OLD, adds("migrations.RunPython(lambda apps, editor: None),"), extends=False
        )

    def test_types_that_a_migration_made(self) -> None:
        load = """
    def load(apps, schema_editor):
        types = apps.get_model("contenttypes", "ContentType").objects
        types.using(schema_editor.connection.alias).create(app_label="till", model="sale")
        items"""
        made = SHOP["shop/migrations/0001_initial.py"]
        made = made.replace("    def load(apps, schema_editor):\n        items", load.lstrip("\n"))
        made = made.replace(
            "initial = True",
            "initial = True\n        dependencies ="
            ' [("contenttypes", "0002_remove_content_type_name")]',
        )
        old = {**OLD, "shop/migrations/0001_initial.py": made}
        new = {**adds(), "shop/migrations/0001_initial.py": made}
        self.assertExtends(old, new, extends=False)

    def test_receivers_of_the_project(self) -> None:
        heard = {
            "till/management.py": """
                from django.db.models.signals import post_migrate

                def more(sender, using, **kwargs):
                    from till.models import Sale
                    Sale.objects.using(using).create()

                post_migrate.connect(more)
            """
        }
        self.assertExtends({**OLD, **heard}, {**adds(), **heard}, extends=False)


class SqliteTests(Cases):
    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="hc-agent-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def place(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def copy(self, old: str, new: str) -> None:
        shutil.copy(old, new)

    def contents(self, path: str) -> Contents:
        connection = sqlite3.connect(path)
        self.addCleanup(connection.close)
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        tables = [name for (name,) in connection.execute(query)]
        return {name: list(connection.execute(f"SELECT * FROM {name}")) for name in tables}


@postgres.needed
class PostgresTests(Cases):
    settings = databases()
    engines = ("postgresql",)

    def place(self, name: str) -> str:
        path = f"hcb_extend_{os.getpid()}_{name}"
        postgres.drop(path)
        self.addCleanup(postgres.drop, path)
        return path

    def copy(self, old: str, new: str) -> None:
        postgres.query("postgres", f'CREATE DATABASE "{new}" TEMPLATE "{old}"')

    def contents(self, path: str) -> Contents:
        found = postgres.contents(path)
        # Where sequences stand decides the next ids.
        query = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
        found["sequences"] = [
            row for row in postgres.query(path, query) if "migrations" not in row[0]
        ]
        return found


del Cases, ExtendTestCase  # they are nothing without a kind of database


if __name__ == "__main__":
    unittest.main()
