import importlib.util
import os
import unittest
from pathlib import Path
from typing import Any

from hotclub_worker.facts import stable

from .support import SHOP, ProjectTestCase, Server, write

FILES = {
    **SHOP,
    "conf.py": SHOP["conf.py"].replace('"shop"]', '"shop", "loose", "roles.apps.RolesConfig"]'),
    "loose/__init__.py": "",
    "loose/models.py": """
        from django.db import models
        from common.bases import Named

        class Loose(Named):
            x = models.IntegerField()
    """,
    "common/__init__.py": "",
    "common/bases.py": """
        from django.db import models

        class Named(models.Model):
            name = models.CharField(max_length=5)

            class Meta:
                abstract = True
    """,
    "common/constants.py": "from common.deep import DEPTH\nNAMES = ['one']\n",
    "common/deep.py": "DEPTH = 3\n",
    "common/lazy.py": "def load():\n    pass\n",
    "common/unrelated.py": "",
    "roles/__init__.py": "import common.constants, common.unrelated, common.lazy\n",
    "roles/apps.py": """
        from django.apps import AppConfig
        from django.db.models.signals import post_migrate

        class RolesConfig(AppConfig):
            name = "roles"

            def create(self, **kwargs):
                open("roles.txt").read()

            def ready(self):
                from roles import receivers
                post_migrate.connect(receivers.created)
                post_migrate.connect(self.create, weak=False)
    """,
    "roles/receivers.py": "def created(sender, **kwargs):\n    pass\n",
    "roles.txt": "admin",
    "shop/migrations/0001_initial.py": SHOP["shop/migrations/0001_initial.py"]
    .replace("from django.db", "from common.constants import NAMES\n    from django.db", 1)
    .replace("items.create(", "from common import lazy\n        import pathlib\n"
             "        pathlib.Path('rows.txt').read_text()\n        items.create("),
    "rows.txt": "row",
}  # fmt: skip


class FingerprintTests(ProjectTestCase):
    files = FILES

    def key(self, worker: Server) -> str:
        (schema,) = worker.request("schemas", aliases=["default"])["schemas"]
        key: str = schema["key"]
        return key

    def of(self, changes: dict[str, str]) -> str:
        """The key in a fork of the layer after files have changed."""
        root = self.layer.root
        before = {name: (root / name).read_text() for name in changes if (root / name).exists()}
        write(root, changes)
        try:
            return self.key(self.fork())
        finally:
            for name in changes:
                (root / name).unlink()
            write(root, before)

    def booted(self, changes: dict[str, str], **environment: str) -> str:
        """The key in a process of its own in a copy of the project."""
        server = self.enterProject({**FILES, **changes}, environment)
        server.boot()
        key = self.key(server)
        server.close()
        return key

    def test_same_in_every_process(self) -> None:
        keys = {self.key(self.fork()), self.key(self.fork())}
        for seed in ("1", "2"):
            keys.add(self.booted({}, PYTHONHASHSEED=seed))
        self.assertEqual(len(keys), 1)

    def test_what_changes_it(self) -> None:
        before = self.of({})
        migration = FILES["shop/migrations/0001_initial.py"]
        for changes in (
            {"shop/migrations/0001_initial.py": migration + "\n# "},
            {"shop/migrations/0002_more.py": ""},
        ):
            self.assertNotEqual(self.of(changes), before, changes.keys())
        self.assertEqual(self.of({}), before)

    def test_what_does_not_change_it(self) -> None:
        before = self.of({})
        for changes in (
            {"shop/models.py": FILES["shop/models.py"] + "\n# "},  # has migrations
            {"loose/models.py": FILES["loose/models.py"] + "\n# "},  # an input
            {"shop/migrations/notes.txt": "x"},
            {"common/unrelated.py": "x = 1"},
            {"shop/views.py": "x = 1"},
        ):
            self.assertEqual(self.of(changes), before, changes.keys())

    def test_settings_change_it(self) -> None:
        before = self.key(self.fork())
        conf = FILES["conf.py"]
        for more in (
            "LANGUAGE_CODE = 'fr'",
            "DATABASES['default']['OPTIONS'] = {'timeout': 3}",
            "DATABASES['default']['TEST'] = {'NAME': 'x.sqlite3'}",
        ):
            self.assertNotEqual(
                self.booted({"conf.py": f"{conf.rstrip()}\n    {more}"}), before, more
            )
        self.assertEqual(self.booted({"conf.py": f"{conf.rstrip()}\n    UNRELATED = 1"}), before)

    def test_a_model_more_without_migrations(self) -> None:
        more = {"loose/models.py": FILES["loose/models.py"] + "\n        class More(Loose): pass\n"}
        self.assertNotEqual(self.booted(more), self.booted({}))

    def test_without_migrations_models_are_inputs(self) -> None:
        conf = FILES["conf.py"].rstrip()
        for more in (
            "DATABASES['default']['TEST'] = {'MIGRATE': False}",
            "MIGRATION_MODULES = {'shop': None}",
            "No = type('No', (), dict(__contains__=lambda *_: True, __getitem__=lambda *_: None))\n"
            "    MIGRATION_MODULES = No()",
        ):
            server = self.enterProject({**FILES, "conf.py": f"{conf}\n    {more}"})
            server.boot()
            server.build("default")
            self.assertIn("shop/models.py", self.inputs_of(server), more)
            server.close()

    def test_a_folder_without_init_has_no_migrations(self) -> None:
        files = {
            name: text for name, text in FILES.items() if name != "shop/migrations/__init__.py"
        }
        server = self.enterProject(files)
        server.boot()
        server.build("default")
        self.assertIn("shop/models.py", self.inputs_of(server))

    def inputs_of(self, server: Server) -> set[str]:
        return {os.path.relpath(each["path"], server.root) for each in server.built["inputs"]}

    def test_inputs_of_a_build(self) -> None:
        server = self.enterProject(FILES)
        server.boot(calls=True, closely=True)
        server.build("default")
        names = self.inputs_of(server)
        self.assertEqual([name for name in names if name.startswith("..")], [])
        wanted = {
            "rows.txt", "roles.txt", "roles/receivers.py", "roles/apps.py", "loose/models.py",
            "common/bases.py", "common/constants.py", "common/deep.py", "common/lazy.py",
        }  # fmt: skip
        self.assertEqual(wanted - names, set())
        self.assertNotIn("shop/models.py", names)
        self.assertFalse(server.built["coarse"])

    def test_inputs_of_a_build_that_nobody_listened_to(self) -> None:
        self.layer.build("default")
        self.assertTrue(self.layer.built["coarse"])
        inputs = {
            os.path.relpath(each["path"], self.layer.root): each
            for each in self.layer.built["inputs"]
        }
        self.assertIn("shop/models.py", inputs)
        self.assertEqual([name for name, each in inputs.items() if not each["whole"]], [])


class StableTests(unittest.TestCase):
    def test_order_and_addresses_do_not_matter(self) -> None:
        self.assertEqual(stable({"b": 1, "a": {3, 1, 2}}), stable({"a": {2, 3, 1}, "b": 1}))
        self.assertEqual(stable([object()]), stable([object()]))
        self.assertEqual(stable((1, 2)), stable([1, 2]))

    def test_values_matter(self) -> None:
        values: list[Any] = [
            None,
            0,
            "0",
            [0],
            {0},
            {0: 1},
            Path("x"),
            True,
            importlib.util.find_spec,
        ]
        self.assertEqual(len({stable(value) for value in values}), len(values))
