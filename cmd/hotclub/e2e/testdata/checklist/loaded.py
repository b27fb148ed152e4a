"""Tells which tests Django itself loads, in which order.

    python loaded.py < [["label", "--option", ...], ...] > [["test id", ...], ...]

To be run where manage.py is, with DJANGO_SETTINGS_MODULE. Each list is what would follow
"manage.py test"; its answer is what a serial run would run.
"""

import contextlib
import json
import os
import sys


def main():
    asked = json.load(sys.stdin)
    sys.argv = ["manage.py", "test"]
    sys.path[0] = os.getcwd()
    import django

    django.setup()
    from django.core.management.commands.test import Command

    with contextlib.redirect_stdout(sys.stderr):
        loaded = [load(Command(), arguments) for arguments in asked]
    json.dump(loaded, sys.stdout)


def load(command, arguments):
    from django.conf import settings
    from django.test.utils import get_runner

    options = vars(command.create_parser("manage.py", "test").parse_args(arguments))
    labels = options.pop("args")
    runner = get_runner(settings)(**options)
    return [test.id() for test in runner.build_suite(labels)]


if __name__ == "__main__":
    main()
