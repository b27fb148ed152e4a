from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.reports import days_between, roll_up


def iso_date(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a date.") from None


class Command(BaseCommand):
    help = "Write the daily sales into the analytics database."

    def add_arguments(self, parser):
        parser.add_argument("first", nargs="?", type=iso_date)
        parser.add_argument("last", nargs="?", type=iso_date)

    def handle(self, *args, first, last, **options):
        first = first or timezone.localdate()
        for day in days_between(first, last or first):
            self.stdout.write(str(roll_up(day)))
