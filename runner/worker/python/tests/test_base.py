"""The base: which modules may be there, what booting in a fork of it comes to."""

import unittest
from pathlib import Path

from tests.support import JSON, SHOP, ProjectTestCase, Server, script

# Packages from outside the project: their folder is named as one of an environment.
OUTSIDE = {
    "plain.py": "VALUE = 1\n",
    "asks_settings.py": "from django.conf import settings\nDEBUG = settings.DEBUG\n",
    "swallows_settings.py": """
        from django.conf import settings
        try:
            NAME = settings.SECRET_KEY
        except Exception:
            NAME = "none"
    """,
    "imports_one_that_asks.py": "import asks_settings\n",
    "imports_later.py": "def f():\n    import asks_settings\n",
    "asks_registry.py": "from django.apps import apps\nREADY = apps.ready\n",
    "asks_variable.py": "import os\nMODE = os.environ.get('SHOP_MODE', 'none')\n",
    "walks_variables.py": "import os\nALL = dict(os.environ)\n",
    "asks_another_variable.py": "import os\nHOME = os.environ.get('HOME')\n",
    "wants_project.py": "try:\n    import plugin\nexcept ImportError:\n    plugin = None\n",
    "wants_nobody.py": "try:\n    import nobody\nexcept ImportError:\n    nobody = None\n",
    "starts_thread.py": """
        import threading
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    """,
    "fails.py": "raise RuntimeError('not here')\n",
    "is_patched.py": "def greeting():\n    return 'plain'\n",
    "takes_patched.py": "from is_patched import greeting\n",
    "package/__init__.py": "",
    "package/asks.py": "from django.conf import settings\nDEBUG = settings.DEBUG\n",
    "package/plain.py": "",
}
SETTINGS = (
    SHOP["conf.py"]
    + """
    import is_patched

    def greeting():
        return "patched"

    is_patched.greeting = greeting
    import takes_patched, plain
    FOUND_NOBODY = __import__("wants_nobody").nobody is not None
"""
)
MANAGE = SHOP["manage.py"].replace(
    'os.environ.setdefault("DJ',
    'os.environ["SHOP_MODE"] = "test"\n        os.environ.setdefault("DJ',
)


class BaseTests(ProjectTestCase):
    root: Path
    scratch: Path
    files = {
        **SHOP,
        "conf.py": SETTINGS,
        "manage.py": MANAGE,
        "plugin.py": "",
        **{f"venv/site-packages/{name}": text for name, text in OUTSIDE.items()},
    }

    @classmethod
    def setUpClass(cls) -> None:
        first = cls.enterProject(cls.files)
        cls.root, cls.scratch = first.root, first.scratch
        cls.layer = cls.spawned()
        cls.report = cls.layer.boot()

    @classmethod
    def spawned(cls) -> Server:
        packages = {"PYTHONPATH": str(cls.root / "venv" / "site-packages")}
        server = Server.spawn(cls.root, cls.scratch, packages)
        cls.addClassCleanup(server.close)
        return server

    def base(self, *modules: str, apart: tuple[str, ...] = (), trial: bool = True) -> JSON:
        self.server = self.spawned()
        params = {"directory": str(self.root), "arguments": [], "written": ["SHOP_MODE"]}
        return self.server.request(
            "base", modules=list(modules), apart=list(apart), trial=trial, **params
        )

    def apart(self, *modules: str) -> list[str]:
        apart: list[str] = self.base("django.conf", "django.apps", *modules)["apart"]
        return apart

    def surfaces(self, server: Server) -> dict[str, str]:
        return dict(server.request("survey")["modules"])

    def test_who_needs_the_project_is_named(self) -> None:
        for module in (
            "asks_settings", "swallows_settings", "asks_registry", "asks_variable",
            "walks_variables", "wants_project", "starts_thread", "fails",
        ):  # fmt: skip
            with self.subTest(module):
                self.assertEqual(self.apart("plain", module), [module])

    def test_who_imports_one_of_those_is_named_too(self) -> None:
        self.assertEqual(
            self.apart("asks_settings", "imports_one_that_asks"),
            ["asks_settings", "imports_one_that_asks"],
        )
        self.assertEqual(self.apart("package", "package.asks", "package.plain"), ["package.asks"])

    def test_who_imports_one_that_is_known_is_named(self) -> None:
        answer = self.base("is_patched", "takes_patched", "plain", apart=("is_patched",))
        self.assertEqual(answer["apart"], ["takes_patched"])

    def test_who_does_not_need_it_stays(self) -> None:
        self.assertEqual(
            self.apart("plain", "imports_later", "asks_another_variable", "wants_nobody"), []
        )

    def test_a_module_that_was_looked_for_in_vain_counts_as_read(self) -> None:
        self.base("wants_nobody")
        absent = {path for path, entry in self.server.reads().items() if entry[1] == "absent"}
        self.assertIn(str(self.root / "nobody.py"), absent)
        self.assertIn(str(self.root / "nobody"), absent)

    def test_the_variables_that_the_project_sets(self) -> None:
        self.assertLessEqual(
            {"SHOP_MODE", "DJANGO_SETTINGS_MODULE"}, set(self.layer.request("survey")["written"])
        )

    def test_a_patch_that_comes_too_late_shows(self) -> None:
        self.assertEqual(self.base("is_patched", "takes_patched", trial=False)["apart"], [])
        late = self.server.fork()
        late.boot()
        want, got = self.surfaces(self.layer), self.surfaces(late)
        self.assertEqual({name for name in want if want[name] != got.get(name)}, {"takes_patched"})

    def test_regular_expressions_are_compiled(self) -> None:
        code = """
            import json
            from django.utils.functional import empty
            from django.core.validators import EmailValidator
            from hotclub_worker.regexes import compile_all
            lazy = vars(EmailValidator)["domain_regex"]
            before = lazy._wrapped is empty
            compile_all()
            print(json.dumps([before, lazy._wrapped is empty]))
        """
        self.assertEqual(script(code), [True, False])
        self.assertEqual(self.apart("django.core.validators"), [])

    def test_a_project_boots_in_a_fork(self) -> None:
        self.assertEqual(self.base("logging.config", "is_patched", trial=False)["apart"], [])
        fork = self.server.fork()
        report = fork.boot()
        self.assertEqual(report["environment"], self.report["environment"])
        self.assertEqual(report["unsafe"], "")
        self.assertLess(report["phases"][0]["ms"], 1000)  # since it was forked
        want, got = self.surfaces(self.layer), self.surfaces(fork)
        self.assertEqual(want, {name: got.get(name) for name in want})
        own = {str(self.root / name) for name in ("conf.py", "manage.py", "shop/models.py")}
        self.assertLessEqual(own, set(fork.reads()))


if __name__ == "__main__":
    unittest.main()
