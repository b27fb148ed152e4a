import time

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import TransactionTestCase

from accounts.models import Address, User
from bookshop.testing import SerializedRollbackMixin


class DefaultAddressTransactionTests(TransactionTestCase):
    def test_switch_is_atomic(self):
        user = User.objects.create_user("ada", "ada@example.com")
        data = {"user": user, "line1": "1 Mill Lane", "city": "Ely", "postcode": "CB7"}
        home = Address.objects.create(is_default=True, **data)
        work = Address.objects.create(**data)
        with self.assertRaises(RuntimeError), transaction.atomic():
            work.make_default()
            raise RuntimeError("the power is gone")
        self.assertEqual(user.addresses.get(is_default=True), home)

    def test_slow_callback_runs_outside_the_transaction(self):
        def callback():
            time.sleep(0.03)
            self.assertFalse(connection.in_atomic_block)

        with transaction.atomic():
            User.objects.create_user("ada", "ada@example.com")
            transaction.on_commit(callback)
        self.assertEqual(User.objects.count(), 1)

    def test_on_commit(self):
        calls = []
        with transaction.atomic():
            User.objects.create_user("ada", "ada@example.com")
            transaction.on_commit(lambda: calls.append(User.objects.count()))
            self.assertEqual(calls, [])
        self.assertEqual(calls, [1])


class GroupSerializedTests(SerializedRollbackMixin, TransactionTestCase):
    serialized_rollback = True

    def test_groups_are_there(self):
        self.assertEqual(Group.objects.count(), 2)

    def test_groups_are_there_again(self):
        Group.objects.filter(name="Moderators").delete()
        self.assertEqual(Group.objects.get().name, "Booksellers")
