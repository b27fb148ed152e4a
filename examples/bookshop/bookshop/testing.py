"""What the tests of several apps share."""

from django.contrib.contenttypes.models import ContentType


class SerializedRollbackMixin:
    """Let a TransactionTestCase with serialized_rollback follow one without it.

    The flush after an ordinary TransactionTestCase makes the content types again, with other ids
    than those the serialized rows refer to; both together do not fit into the table.
    """

    serialized_rollback = True

    @classmethod
    def setUpClass(cls):
        ContentType.objects.all().delete()
        ContentType.objects.clear_cache()
        super().setUpClass()
