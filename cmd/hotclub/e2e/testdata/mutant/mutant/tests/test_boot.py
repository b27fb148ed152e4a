"""Looks at what the project read while it booted."""

from django.conf import settings
from django.test import SimpleTestCase

from mutant import logic
from mutant.models import Gadget


class Code(SimpleTestCase):
    def test_function(self):
        self.assertEqual(logic.answer(), 1)

    def test_method(self):
        self.assertEqual(Gadget().label(), 1)

    def test_method_of_another(self):
        self.assertEqual(Gadget().answer(), 1)

    def test_renamed_module(self):
        self.assertEqual(logic.part_value(), 1)

    def test_module_or_package(self):
        self.assertEqual(logic.shape_value(), 1)

    def test_optional_module(self):
        self.assertIsNone(logic.optional)

    def test_optional_module_at_the_top(self):
        self.assertIsNone(logic.mutant_extension)

    def test_lazy_module(self):
        self.assertEqual(logic.lazy_value(), 1)

    def test_fields(self):
        self.assertEqual([field.name for field in Gadget._meta.fields], ["id", "name", "size"])


class Data(SimpleTestCase):
    def test_file(self):
        self.assertEqual(logic.TABLE, "1")

    def test_link(self):
        self.assertEqual(logic.CURRENT, "1")

    def test_linked_folder(self):
        self.assertEqual(logic.FOLDER, "1")

    def test_names(self):
        self.assertEqual(logic.NAMES, ["first"])


class Settings(SimpleTestCase):
    def test_level(self):
        self.assertEqual(settings.MUTANT_LEVEL, 1)

    def test_variable(self):
        self.assertEqual(settings.MUTANT_VARIABLE, "1")

    def test_flag(self):
        self.assertFalse(settings.MUTANT_FLAG)

    def test_mark(self):
        self.assertFalse(settings.MUTANT_MARK)

    def test_env_file(self):
        self.assertEqual(settings.MUTANT_ENV, "1")

    def test_local_file(self):
        self.assertEqual(settings.MUTANT_LOCAL, "1")
