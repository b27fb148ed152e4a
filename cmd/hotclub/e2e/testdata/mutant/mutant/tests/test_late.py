"""Looks at what is read by tests, and by the modules of tests."""

import os

from django.template.loader import render_to_string
from django.test import SimpleTestCase
from django.utils import translation

from mutant.logic import DATA
from mutant.tests import helper

with open(os.path.join(DATA, "late.txt")) as file:
    AT_IMPORT = file.read().strip()


class Late(SimpleTestCase):
    expected = 1

    def test_own_value(self):
        self.assertEqual(self.expected, 1)

    def test_helper(self):
        self.assertEqual(helper.VALUE, 1)

    def test_file_read_at_import(self):
        self.assertEqual(AT_IMPORT, "1")

    def test_file_read_now(self):
        with open(os.path.join(DATA, "late.txt")) as file:
            self.assertEqual(file.read().strip(), "1")

    def test_template(self):
        self.assertEqual(render_to_string("mutant/page.html").strip(), "the value is 1")

    def test_translation(self):
        with translation.override("de"):
            self.assertEqual(translation.gettext("mutant value"), "1")
