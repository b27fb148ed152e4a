from django.test import TestCase

from flow.models import Note


class More(TestCase):
    def test_row_of_the_new_migration(self):
        self.assertEqual(Note.objects.get().text, "from the new migration")
