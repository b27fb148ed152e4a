"""Section B of the checklist: what run_tests prepares."""

import signal

from django.conf import settings
from django.core import mail
from django.db import OperationalError
from django.template import Template
from django.test import SimpleTestCase
from django.test.utils import instrumented_test_render, setup_test_environment

from tour.models import Book

try:
    TITLES_AT_IMPORT = list(Book.objects.values_list("title", flat=True))
except OperationalError:
    TITLES_AT_IMPORT = ["no table yet"]


class Item13(SimpleTestCase):
    def test_settings(self):
        self.assertIs(settings.DEBUG, False)
        self.assertEqual(settings.ALLOWED_HOSTS, ["example.com", "testserver"])
        self.assertEqual(mail.outbox, [])

    def test_mail_stays_here(self):
        mail.send_mail("subject", "body", "from@example.com", ["to@example.com"])
        self.assertEqual(len(mail.outbox), 1)

    def test_templates_are_instrumented(self):
        self.assertIs(Template._render, instrumented_test_render)

    def test_translation_is_deactivated(self):
        self.assertEqual(settings.LANGUAGES_AROUND_SET_UP, ("de", settings.LANGUAGE_CODE))

    def test_environment_is_set_up_once(self):
        with self.assertRaisesMessage(RuntimeError, "setup_test_environment() was already called"):
            setup_test_environment()

    def test_control_c_has_its_handler(self):
        self.assertEqual(type(signal.getsignal(signal.SIGINT)).__name__, "_InterruptHandler")


class Item14(SimpleTestCase):
    def test_import_does_not_reach_the_developers_data(self):
        # Django itself would show "of the developer" here and warns of it; Hotclub must not.
        print(f"seen at import: {TITLES_AT_IMPORT}")
