from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase, skipUnlessDBFeature, tag

from accounts.models import Address, User


class PublicNameTests(SimpleTestCase):
    def test_order_of_preference(self):
        for fields, expected in [
            ({"display_name": "Bookworm", "first_name": "Ada"}, "Bookworm"),
            ({"first_name": "Ada", "last_name": "King"}, "Ada King"),
            ({}, "ada"),
        ]:
            with self.subTest(expected):
                self.assertEqual(User(username="ada", **fields).public_name, expected)

    def test_loyalty(self):
        self.assertFalse(User(loyalty_points=99).is_loyal)
        self.assertTrue(User(loyalty_points=100).is_loyal)

    def test_is_the_user_model(self):
        self.assertIs(get_user_model(), User)


class UserManagerTests(TestCase):
    def test_create_user(self):
        user = User.objects.create_user("ada", "ada@EXAMPLE.com", "secret")
        self.assertEqual(user.email, "ada@example.com")
        self.assertTrue(user.check_password("secret"))
        self.assertFalse(user.is_staff)

    def test_create_superuser(self):
        self.assertTrue(User.objects.create_superuser("root", "root@example.com").is_superuser)

    def test_email_is_unique(self):
        User.objects.create_user("ada", "ada@example.com")
        with self.assertRaises(IntegrityError), transaction.atomic():
            User.objects.create_user("eve", "ada@example.com")

    @tag("slow")
    def test_strong_hash(self):
        user = User.objects.create_user("ada", "ada@example.com")
        hashers = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
        with self.settings(PASSWORD_HASHERS=hashers):
            user.set_password("secret")
        self.assertTrue(user.password.startswith("pbkdf2_sha256$"))


class GroupDataTests(TestCase):
    def test_groups_of_the_migration(self):
        self.assertQuerySetEqual(
            Group.objects.order_by("name"), ["Booksellers", "Moderators"], transform=str
        )

    def test_members(self):
        user = User.objects.create_user("ada", "ada@example.com")
        user.groups.add(Group.objects.get(name="Moderators"))
        self.assertEqual(user.groups.count(), 1)


class AddressTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("ada", "ada@example.com")
        cls.home = Address.objects.create(
            user=cls.user, line1="1 Mill Lane", city="Ely", postcode="CB7", is_default=True
        )
        cls.work = Address.objects.create(
            user=cls.user, line1="2 High St", city="Ely", postcode="CB7"
        )

    def test_str(self):
        self.assertEqual(str(self.home), "1 Mill Lane, Ely CB7, GB")

    def test_default_first(self):
        self.work.make_default()
        self.assertQuerySetEqual(self.user.addresses.all(), [self.work, self.home])

    @skipUnlessDBFeature("supports_partial_indexes")
    def test_only_one_default(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Address.objects.filter(pk=self.work.pk).update(is_default=True)

    def test_many_that_are_not_default(self):
        self.home.delete()
        Address.objects.create(user=self.user, line1="3 Back St", city="Ely", postcode="CB7")
        self.assertEqual(self.user.addresses.filter(is_default=False).count(), 2)

    def test_deleted_with_the_user(self):
        self.user.delete()
        self.assertFalse(Address.objects.exists())


class AuthenticateTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("ada", "ada@example.com", "difference engine")

    def test_right_password(self):
        self.assertEqual(authenticate(username="ada", password="difference engine"), self.user)

    def test_wrong_password(self):
        self.assertIsNone(authenticate(username="ada", password="analytical engine"))

    def test_inactive(self):
        User.objects.update(is_active=False)
        self.assertIsNone(authenticate(username="ada", password="difference engine"))
