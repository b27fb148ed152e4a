"""Two classes that cannot end unless they run at the same time, and commit the same keys."""

from django.test import TransactionTestCase

from beyond.meeting import path
from beyond.models import Row


class Meeting:
    def test_meet(self):
        with open(path("meeting"), self.mode):
            Row.objects.create(pk=77, text="the same key on both sides")
        self.assertEqual(Row.objects.count(), 2)


class OneSide(Meeting, TransactionTestCase):
    mode = "w"


class OtherSide(Meeting, TransactionTestCase):
    mode = "r"
