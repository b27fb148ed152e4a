import os
import sys
from typing import Any

from .support import JSON, SHOP, ProjectTestCase, Server

FILES = {
    **SHOP,
    "conf.py": SHOP["conf.py"].rstrip().replace('"shop"]', '"shop.apps.ShopConfig", "loose"]')
    + """
    import os
    from django.utils.translation import gettext_lazy
    SEEDS = ["one", "two"]
    AT_IMPORT = os.environ.get("SHOP_AT_IMPORT", "")
    UNUSED = gettext_lazy("unused")
    """,
    "shop/apps.py": """
        from django.apps import AppConfig
        from django.db.models.signals import post_migrate, post_save

        class ShopConfig(AppConfig):
            name = "shop"

            def ready(self):
                from shop import receivers
                post_save.connect(receivers.saved)
                post_migrate.connect(receivers.migrated, sender=self)
    """,
    "shop/receivers.py": """
        from helpers import audit

        def saved(sender, **kwargs):
            audit.note(sender)

        def migrated(sender, **kwargs):
            return audit.LEVEL

        def never():
            pass
    """,
    "shop/models.py": """
        from django.db import models
        from helpers.seeds import Code

        class Item(models.Model):
            name = models.CharField(max_length=20)
            code = Code(max_length=9)

            def __str__(self):
                return self.name
    """,
    "shop/views.py": "",
    "shop/fixtures/items.json": "[]",
    "shop/migrations/__pycache__/0000_gone.cpython-39.pyc": "",
    "shop/migrations/0001_initial.py": """
        import os
        import helpers
        from django.conf import settings
        from django.core.management import call_command
        from django.db import migrations, models
        from helpers import data
        from helpers.managers import ItemManager
        from helpers.seeds import NAMES, Code, Seeds, default_code, names_of

        def load(apps, schema_editor):
            from helpers.lazy import more
            item = apps.get_model("shop", "Item")
            for name in [*names_of(), *settings.SEEDS, Seeds.first, *more(), *data.ROWS]:
                item.objects.create(name=name)
            os.environ.get("SHOP_IN_BUILD")
            call_command("loaddata", "items", verbosity=0)

        class Migration(migrations.Migration):
            initial = True
            operations = [
                migrations.CreateModel("Item", [
                    ("id", models.AutoField(primary_key=True, serialize=False)),
                    ("name", models.CharField(max_length=helpers.limits.LENGTH)),
                    ("code", Code(max_length=9, default=default_code)),
                ], managers=[("objects", ItemManager())]),
                migrations.RunPython(load),
            ]
    """,
    "helpers/__init__.py": "from helpers import limits\n",
    "helpers/limits.py": """
        import os
        from django.conf import settings
        LENGTH = 20 if not getattr(settings, "AT_IMPORT", "") else 30
        OTHER = os.environ.get("SHOP_LIMIT")
    """,
    "helpers/seeds.py": """
        from django.db import models

        def compute():
            return ["computed"]

        NAMES = compute()

        def names_of():
            def inner():
                return NAMES
            return inner()

        def default_code():
            return "x"

        def unused():
            pass

        class Code(models.CharField):
            def db_type(self, connection):
                return super().db_type(connection)

            def formfield(self, **kwargs):
                return super().formfield(**kwargs)

        class Seeds:
            first = "first"

            def never(self):
                pass
    """,
    "helpers/managers.py": """
        from django.db import models

        class ItemManager(models.Manager):
            use_in_migrations = True

            def get_queryset(self):
                return super().get_queryset().all()

            def never(self):
                pass
    """,
    "helpers/lazy.py": """
        def more():
            from helpers.deeper import WORDS
            return WORDS

        def other():
            from helpers import unreached
    """,
    "helpers/deeper.py": "WORDS = ['deep']\n",
    "helpers/unreached.py": "",
    "helpers/audit.py": """
        LEVEL = 1

        def note(sender):
            return sender
    """,
    "helpers/data.py": """
        import pathlib
        ROWS = pathlib.Path("rows.txt").read_text().split()
    """,
    "rows.txt": "row",
    "loose/__init__.py": "",
    "loose/models.py": """
        from django.db import models

        class Loose(models.Model):
            x = models.IntegerField()

            def method(self):
                return 1
    """,
}  # fmt: skip
LOAD = "def load(apps, schema_editor):\n"


class InputsTests(ProjectTestCase):
    inputs: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.layer = cls.enterProject(FILES)
        cls.layer.boot(calls=True, closely=True)
        cls.layer.build("default")
        cls.inputs = inputs_of(cls.layer)

    def test_functions(self) -> None:
        """A function counts when it was called, at the import of its module or in the build."""
        for path, called, not_called in (
            ("helpers/seeds.py", ["compute", "names_of", "default_code", "Code.db_type"],
             ["unused", "Code.formfield", "Seeds.never"]),
            ("helpers/managers.py", ["ItemManager.get_queryset"], ["ItemManager.never"]),
            ("helpers/lazy.py", ["more"], ["other"]),
            ("helpers/audit.py", ["note"], []),
            ("shop/receivers.py", ["saved", "migrated"], ["never"]),
            ("loose/models.py", [], ["Loose.method"]),
        ):  # fmt: skip
            functions = self.inputs[path]
            self.assertIsNotNone(functions, f"{path} counts as a whole")
            self.assertEqual(set(called) - set(functions or ()), set(), path)
            self.assertEqual(set(not_called) & set(functions or ()), set(), path)

    def test_files(self) -> None:
        wanted = {
            "helpers/__init__.py", "helpers/limits.py", "helpers/deeper.py", "helpers/data.py",
            "rows.txt", "shop/fixtures/items.json", "loose/models.py",
            "shop/models.py",  # loaddata takes the models of today
        }  # fmt: skip
        self.assertEqual(wanted - set(self.inputs), set())
        unwanted = {
            "helpers/unreached.py", "shop/views.py", "manage.py", "shop/migrations/__pycache__",
        }  # fmt: skip
        self.assertEqual(unwanted & set(self.inputs), set())

    def test_facts(self) -> None:
        wanted = {
            "setting SEEDS", "setting AT_IMPORT", "environment SHOP_IN_BUILD",
            "environment SHOP_LIMIT",
        }  # fmt: skip
        facts = set(self.layer.built["facts"])
        self.assertEqual(wanted - facts, set())
        self.assertEqual({"setting UNUSED", "environment SHOP_AT_IMPORT"} & facts, set())

    def test_facts_follow_values(self) -> None:
        def facts(environment: JSON) -> JSON:
            server = self.enterProject(FILES, environment)
            server.boot()
            found: JSON = server.request("schemas", aliases=["default"])["facts"]
            server.close()
            return found

        before = facts({})
        self.assertEqual(facts({}), before)
        after = facts({"SHOP_AT_IMPORT": "x", "SHOP_LIMIT": "3"})
        changed = {
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        wanted = {"setting AT_IMPORT", "environment SHOP_AT_IMPORT", "environment SHOP_LIMIT"}
        self.assertEqual(changed, wanted)

    def test_key_files_are_named(self) -> None:
        names = {os.path.relpath(path, self.layer.root) for path in self.layer.built["keyed"]}
        self.assertIn("shop/migrations/0001_initial.py", names)


class UnclearTests(ProjectTestCase):
    """What can't be seen counts as a whole; what can reach anything makes everything an input."""

    @classmethod
    def setUpClass(cls) -> None:
        pass

    def built(self, load: str, calls: bool = True, **more: str) -> dict[str, Any]:
        """The inputs when the data migration does something more."""
        migration = FILES["shop/migrations/0001_initial.py"]
        indent = " " * 8
        edited = migration.replace(LOAD, f"{LOAD}{indent}    {load}\n")
        self.assertNotEqual(edited, migration)
        edited = edited.replace('call_command("loaddata", "items", verbosity=0)', "pass")
        edited = edited.replace("import call_command", "import base")
        named = {name.replace("__", "/") + ".py": text for name, text in more.items()}
        server = self.enterProject({**FILES, "shop/migrations/0001_initial.py": edited, **named})
        server.boot(calls=calls, closely=True)
        server.build("default")
        inputs = inputs_of(server)
        server.close()
        return inputs

    def test_nobody_watched(self) -> None:
        self.assertIsNone(self.built("pass", calls=False)["helpers/seeds.py"])

    def test_settings_look_as_ever(self) -> None:
        """Django finds its translations by ``settings.__module__``."""
        self.built(
            "from django.conf import LazySettings; from django.utils import translation; "
            "translation.activate('de'); translation.deactivate(); "
            "assert settings.__module__ == 'django.conf' and isinstance(settings, LazySettings)"
        )

    def test_nothing_unclear(self) -> None:
        self.assertNotIn("shop/models.py", self.built("pass"))

    def test_a_thread(self) -> None:
        inputs = self.built(
            "import threading; from helpers.seeds import unused; "
            "t = threading.Thread(target=unused); t.start(); t.join()"
        )
        functions = inputs["helpers/seeds.py"]
        if sys.version_info >= (3, 12):
            self.assertIn("unused", functions)
        else:
            self.assertIsNone(functions)

    def test_executed_text(self) -> None:
        inputs = self.built(
            "import helpers.scratch as s; "
            "exec(compile(open(s.__file__).read(), s.__file__, 'exec'), {})",
            helpers__scratch="def f():\n    pass\nf()\n",
        )
        self.assertIsNone(inputs["helpers/scratch.py"])

    def test_a_source_that_is_read(self) -> None:
        inputs = self.built("import inspect, helpers.seeds as s; inspect.getsource(s.unused)")
        self.assertIsNone(inputs["helpers/seeds.py"])

    def test_a_module_by_its_name(self) -> None:
        inputs = self.built("from importlib import import_module; import_module('shop.models')")
        self.assertIn("shop/models.py", inputs)

    def test_a_model_of_today(self) -> None:
        inputs = self.built(
            "from django.apps import apps as real; real.get_model('shop', 'Item').__doc__"
        )
        self.assertIn("shop/models.py", inputs)

    def test_another_profiler(self) -> None:
        functions = self.built("import sys; sys.setprofile(None)")["helpers/seeds.py"]
        if sys.version_info >= (3, 12):
            self.assertIn("names_of", functions)
        else:
            self.assertIsNone(functions)


def inputs_of(server: Server) -> dict[str, Any]:
    """By path below the project: the functions that count, None for the whole file."""
    return {
        os.path.relpath(each["path"], server.root): None if each["whole"] else each["functions"]
        for each in server.built["inputs"]
    }
