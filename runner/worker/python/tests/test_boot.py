import os
import sys
from typing import Any

from .support import SHOP, Died, ProjectTestCase, Refusal, Server

TESTS = """
    import sys, unittest
    from django.core import management

    class T(unittest.TestCase):
        def test_argv(self):
            self.assertEqual(sys.argv[1:3], ["test", "--noinput"])
            self.assertEqual(sys.argv[0], "manage.py")

        def test_main(self):
            main = sys.modules["__main__"]
            self.assertTrue(getattr(main, "__file__", "").endswith("manage.py"), main)

        def test_commands_are_djangos_again(self):
            utility = management.ManagementUtility(["manage.py", "check", "--verbosity", "0"])
            utility.execute()
            argv = ["manage.py", "test", "--testrunner", "shop.tests.Runner"]
            with self.assertRaises(ZeroDivisionError):
                management.ManagementUtility(argv).execute()
            with self.assertRaises(ZeroDivisionError):
                management.call_command("test", testrunner="shop.tests.Runner", verbosity=0)

        def test_path(self):
            import os
            self.assertEqual(sys.path[0], os.getcwd())
            import hotclub_worker
            ours = os.path.dirname(os.path.dirname(hotclub_worker.__file__))
            self.assertNotIn(ours, sys.path)

    class Runner:
        def __init__(self, **kwargs):
            pass

        def run_tests(self, labels):
            1 / 0

    class Bad:
        def __init__(self, **kwargs):
            1 / 0
"""
COMMAND = """
    from django.core.management.commands.test import Command as Stock
    from django.core.management.base import BaseCommand

    class Command({base}):
        def handle(self, *labels, **options):
            print("the project's own handle")
            {body}
"""


class BootTestCase(ProjectTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        pass

    def project(self, files: dict[str, str], **environment: Any) -> Server:
        server = self.enterProject({**SHOP, "shop/tests.py": TESTS, **files}, environment or None)
        self.addCleanup(server.close)
        return server

    def boots(self, server: Server, **params: Any) -> dict[str, Any]:
        """Boots and runs the tests of a project that boots."""
        report = server.boot(**params)
        worker = server.fork()
        worker.request("attach", slot=1, databases={})
        verdicts = worker.run_all("shop.tests")
        bad = {name: verdict for name, verdict in verdicts.items() if verdict["state"] != "passed"}
        self.assertEqual(bad, {})
        self.assertEqual(len(verdicts), 4)
        return report

    def fails(self, server: Server, **params: Any) -> Refusal:
        with self.assertRaises(Refusal) as caught:
            server.boot(**params)
        return caught.exception


class ManageTests(BootTestCase):
    def test_as_startproject_writes_it(self) -> None:
        self.boots(self.project({}))

    def test_without_main_guard(self) -> None:
        self.boots(
            self.project(
                {
                    "manage.py": """
                        import os, sys
                        os.environ["DJANGO_SETTINGS_MODULE"] = "conf"
                        from django.core.management import execute_from_command_line
                        execute_from_command_line(sys.argv)
                    """
                }
            )
        )

    def test_called_through_the_module(self) -> None:
        self.boots(
            self.project(
                {
                    "manage.py": """
                        import os, sys
                        import django.core.management
                        os.environ["DJANGO_SETTINGS_MODULE"] = "conf"
                        django.core.management.execute_from_command_line()
                    """
                }
            )
        )

    def test_with_a_utility_of_its_own(self) -> None:
        self.boots(
            self.project(
                {
                    "manage.py": """
                        import os, sys
                        from django.core.management import ManagementUtility
                        os.environ["DJANGO_SETTINGS_MODULE"] = "conf"

                        class Mine(ManagementUtility):
                            def execute(self):
                                super().execute()

                        Mine(sys.argv).execute()
                    """
                }
            )
        )

    def test_configurations_style(self) -> None:
        self.boots(
            self.project(
                {
                    "configurations/__init__.py": "",
                    "configurations/management.py": """
                        import importer_was_here
                        from django.core.management import execute_from_command_line, call_command
                    """,
                    "importer_was_here.py": """
                        import importlib.util
                        importlib.util.find_spec("django.core.management")  # only looks
                    """,
                    "manage.py": """
                        import os, sys
                        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf")
                        from configurations.management import execute_from_command_line
                        execute_from_command_line(sys.argv)
                    """,
                }
            )
        )

    def test_without_a_manage_py(self) -> None:
        files = {"shop/tests.py": TESTS.replace('.endswith("manage.py")', '.endswith(".py")')}
        server = self.project(files, DJANGO_SETTINGS_MODULE="conf")
        self.boots(server, manage=None)

    def test_its_file_is_absolute_as_python_has_it(self) -> None:
        body = SHOP["manage.py"].replace(
            "import os, sys", "import os, sys\n    print('file', __file__, __name__)"
        )
        server = self.project({"manage.py": body})
        server.boot()
        self.assertIn(f"file {server.root}/manage.py __main__", server.printed())

    def test_one_that_does_not_call_django(self) -> None:
        error = self.fails(self.project({"manage.py": "print('hello')"}))
        self.assertIn("ended without running the test command", str(error))
        self.assertEqual(error.data["phase"], "settings")

    def test_one_that_swallows_errors(self) -> None:
        body = """
            import os, sys
            os.environ["DJANGO_SETTINGS_MODULE"] = "conf"
            from django.core.management import execute_from_command_line
            try:
                execute_from_command_line(sys.argv)
            except Exception as error:
                sys.exit("something went wrong")
        """
        error = self.fails(self.project({"manage.py": body, "conf.py": "import no_such_module"}))
        self.assertEqual(str(error), "ModuleNotFoundError: No module named 'no_such_module'")

    def test_one_that_raises(self) -> None:
        server = self.project({"manage.py": "x = 1\nraise ValueError('in manage')\n"})
        error = self.fails(server)
        self.assertEqual(str(error), "ValueError: in manage")
        self.assertEqual(error.data["location"], {"file": f"{server.root}/manage.py", "line": 2})
        self.assertNotIn("hotclub_worker", error.data["traceback"])

    def test_one_that_is_no_python(self) -> None:
        server = self.project({"manage.py": "def (:\n"})
        error = self.fails(server)
        self.assertEqual(error.data["location"], {"file": f"{server.root}/manage.py", "line": 1})

    def test_one_that_exits(self) -> None:
        error = self.fails(self.project({"manage.py": "import sys; sys.exit(4)"}))
        self.assertEqual(str(error), "the project called exit(4) while it started")


class SettingsTests(BootTestCase):
    def test_an_error_has_its_place(self) -> None:
        server = self.project({"conf.py": "import os\nNAME = os.environ['APP_MISSING']\n"})
        error = self.fails(server)
        self.assertEqual(str(error), "KeyError: 'APP_MISSING'")
        self.assertEqual(error.data["phase"], "settings")
        self.assertEqual(error.data["location"], {"file": f"{server.root}/conf.py", "line": 2})
        self.assertIn(str(server.root / "conf.py"), server.reads())

    def test_a_syntax_error(self) -> None:
        server = self.project({"conf.py": "X = 1\nY = = 2\n"})
        error = self.fails(server)
        self.assertEqual(error.data["location"], {"file": f"{server.root}/conf.py", "line": 2})

    def test_a_module_that_is_not_there(self) -> None:
        error = self.fails(self.project({}, DJANGO_SETTINGS_MODULE="nowhere"))
        self.assertIn("No module named 'nowhere'", str(error))
        self.assertEqual(error.data["phase"], "settings")

    def test_no_settings_at_all(self) -> None:
        error = self.fails(self.project({}), manage=None)
        self.assertIn("settings are not configured", str(error))

    def test_exit_at_import(self) -> None:
        error = self.fails(self.project({"conf.py": "raise SystemExit('set APP_KEY first')"}))
        self.assertEqual(
            str(error), "the project called exit('set APP_KEY first') while it started"
        )
        error = self.fails(self.project({"shop/models.py": "raise SystemExit(2)"}))
        self.assertEqual(error.data["phase"], "apps")
        self.assertEqual(error.data["location"]["line"], 1)

    def test_an_app_that_fails(self) -> None:
        server = self.project({"shop/models.py": "1 / 0\n"})
        error = self.fails(server)
        self.assertEqual(
            (str(error), error.data["phase"]), ("ZeroDivisionError: division by zero", "apps")
        )
        self.assertEqual(error.data["location"]["file"], f"{server.root}/shop/models.py")

    def test_a_runner_that_fails(self) -> None:
        conf = SHOP["conf.py"].rstrip() + "\n    TEST_RUNNER = 'shop.tests.Bad'\n"
        error = self.fails(self.project({"conf.py": conf}))
        self.assertEqual(
            (str(error), error.data["phase"]),
            ("ZeroDivisionError: division by zero", "environment"),
        )

    def test_settings_may_look_at_the_arguments(self) -> None:
        conf = (
            SHOP["conf.py"].rstrip() + "\n    import sys\n    assert 'test' in sys.argv, sys.argv\n"
        )
        self.project({"conf.py": conf}).boot()

    def test_a_process_that_did_not_boot_ends(self) -> None:
        server = self.project({"conf.py": "1/0"})
        self.fails(server)
        with self.assertRaises((Died, BrokenPipeError)):
            server.request("collect", labels=[], options=[])


class CommandTests(BootTestCase):
    def command(self, base: str, body: str) -> dict[str, str]:
        return {
            "shop/management/__init__.py": "",
            "shop/management/commands/__init__.py": "",
            "shop/management/commands/test.py": COMMAND.format(base=base, body=body),
        }

    def test_a_subclass(self) -> None:
        server = self.project(self.command("Stock", "super().handle(*labels, **options)"))
        server.boot()
        self.assertIn("the project's own handle", server.printed())
        worker = server.fork()
        worker.request("attach", slot=1, databases={})
        self.assertEqual(len(worker.collect("shop.tests")), 1)

    def test_a_subclass_that_runs_the_tests_itself(self) -> None:
        server = self.project(self.command("Stock", "raise SystemExit('tests were run')"))
        error = self.fails(server)
        self.assertEqual(error.data["rung"], "cold")
        self.assertNotIn("the project's own handle", server.printed())

    def test_another_command(self) -> None:
        server = self.project(self.command("BaseCommand", "raise SystemExit('tests were run')"))
        error = self.fails(server)
        self.assertEqual(error.data["rung"], "cold")
        self.assertIn("shop.management.commands.test.Command", str(error))
        self.assertNotIn("the project's own handle", server.printed())

    def test_unknown_options_are_told(self) -> None:
        error = self.fails(self.project({}), arguments=["--no-such-option"])
        self.assertIn("--no-such-option", str(error) + str(error.data))


class ProcessTests(BootTestCase):
    def test_what_was_read_is_told_with_the_boot(self) -> None:
        server = self.project({})
        server.boot()
        reads = server.reads()
        for name in ("manage.py", "conf.py", "shop/__init__.py", "shop/models.py"):
            self.assertEqual(reads[str(server.root / name)][1], "file", name)
        self.assertIn(os.path.realpath(os.__file__), {os.path.realpath(path) for path in reads})
        self.assertEqual([path for path in reads if "hotclub_worker" in path], [])
        worker = server.fork()
        worker.request("attach", slot=1, databases={})
        worker.collect("shop.tests")
        self.assertIn(str(server.root / "shop/tests.py"), worker.reads())

    def test_safe_path_takes_nothing_from_the_path(self) -> None:
        if sys.version_info < (3, 11):
            self.skipTest("Python has no safe path")
        conf = "import mine\n" + SHOP["conf.py"].replace("    ", "")
        server = self.project(
            {"lib/mine.py": "", "conf.py": conf}, PYTHONSAFEPATH="1", PYTHONPATH="lib"
        )
        server.boot()

    def test_unknown_and_ill_formed_requests(self) -> None:
        server = self.project({})
        with self.assertRaises(Refusal):
            server.request("collect", labels=[], options=[])  # not booted yet
        with self.assertRaisesRegex(Refusal, "unknown request 'dance'"):
            server.request("dance")
        server.boot()

    def test_the_end_of_the_server_ends_the_worker_and_its_forks(self) -> None:
        server = self.project({})
        server.boot()
        worker = server.fork()
        worker._hang_up()
        self.assertEqual(server.request("reap", pid=worker.pid)["status"] & 0x7F, 9)

    def test_threads_make_a_layer_unsafe(self) -> None:
        models = """
            import threading, time
            threading.Thread(target=time.sleep, args=(60,), name="poller", daemon=True).start()
        """
        server = self.project({"shop/models.py": models})
        self.assertIn("poller", server.boot()["unsafe"])

    def test_connections_are_closed_before_the_fork(self) -> None:
        urls = """
            from django.db import connection
            connection.ensure_connection()
            urlpatterns = []
        """
        conf = SHOP["conf.py"].rstrip() + "\n    ROOT_URLCONF = 'shop.urls'\n"
        server = self.project({"shop/urls.py": urls, "conf.py": conf})
        self.assertEqual(server.boot()["unsafe"], "")
        self.assertFalse((server.root / "real.sqlite3").exists())
