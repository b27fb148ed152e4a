"""Section A of the checklist: the command and the selection of the runner."""

import faulthandler
import os

from django.conf import settings
from django.test import SimpleTestCase


class Item01(SimpleTestCase):
    def test_which_runner(self):
        print(f"set up by {settings.RAN_BY}")


class Item02(SimpleTestCase):
    def test_option_of_the_runner(self):
        print(f"marked {settings.TOUR_MARK}")


class Item03(SimpleTestCase):
    def test_all_options_are_passed(self):
        stock = {
            "pattern", "top_level", "verbosity", "interactive", "failfast", "keepdb", "reverse",
            "debug_mode", "debug_sql", "parallel", "tags", "exclude_tags", "test_name_patterns",
            "pdb", "buffer", "enable_faulthandler", "timing", "shuffle",
        }  # fmt: skip
        general = {"settings", "pythonpath", "traceback", "no_color", "force_color"}
        self.assertLessEqual(stock | general | {"tour_mark"}, set(settings.RUNNER_OPTIONS))


class Item07(SimpleTestCase):
    def test_nobody_is_asked(self):
        self.assertIs(settings.RUNNER_OPTIONS["interactive"], False)


class Item08(SimpleTestCase):
    def test_argv_while_settings_are_imported(self):
        self.assertEqual(settings.SEEN_ARGV[:2], ["manage.py", "test"])

    def test_manage_py_was_executed(self):
        self.assertEqual(settings.SEEN_MANAGE, "loaded by manage.py")


class Item09(SimpleTestCase):
    def test_working_directory(self):
        self.assertEqual(os.getcwd(), str(settings.BASE_DIR))


class Item15(SimpleTestCase):
    def test_faulthandler(self):
        self.assertTrue(faulthandler.is_enabled())
