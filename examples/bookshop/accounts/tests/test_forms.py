from django.test import SimpleTestCase, TestCase, tag

from accounts.forms import AddressForm, ProfileForm, SignupForm
from accounts.models import User


class AddressFormTests(SimpleTestCase):
    def make(self, **changes):
        data = {"line1": "1 Mill Lane", "city": "Ely", "postcode": "CB7 4AA", "country": "GB"}
        return AddressForm({**data, **changes})

    def test_required(self):
        for field in ["line1", "city", "postcode", "country"]:
            with self.subTest(field):
                self.assertFormError(self.make(**{field: ""}), field, "This field is required.")


def _clean_test(field, raw, expected):
    def test(self):
        form = self.make(**{field: raw})
        form.full_clean()
        self.assertEqual(form.cleaned_data[field], expected)

    return test


for _number, _case in enumerate(
    [
        ("postcode", " cb7  4aa", "CB7 4AA"),
        ("postcode", "75001", "75001"),
        ("country", "gb", "GB"),
        ("country", "fr", "FR"),
        ("city", " Ely ", "Ely"),
    ]
):
    setattr(AddressFormTests, f"test_clean_{_case[0]}_{_number}", _clean_test(*_case))

for _code in ["1", "X1", "??"]:

    def _test(self, code=_code):
        self.assertFormError(self.make(country=code), "country", "Use a two-letter country code.")

    setattr(AddressFormTests, f"test_wrong_country_{ord(_code[0])}", _test)


class SignupFormTests(TestCase):
    def make(self, **changes):
        data = {
            "username": "ada",
            "email": "ada@example.com",
            "password1": "difference engine",
            "password2": "difference engine",
        }
        return SignupForm({**data, **changes})

    def test_valid(self):
        user = self.make(newsletter="on").save()
        self.assertTrue(user.newsletter)

    def test_email_in_capitals_is_the_same(self):
        self.make().save()
        form = self.make(username="eve", email="ADA@example.com")
        self.assertFormError(form, "email", "This address already has an account.")

    def test_passwords_differ(self):
        self.assertIn("password2", self.make(password2="analytical engine").errors)

    def test_weak_passwords(self):
        for password in ["password", "12345678", "short", "adaadaada"[:3]]:
            with self.subTest(password=password):
                form = self.make(password1=password, password2=password)
                self.assertFalse(form.is_valid())

    @tag("slow")
    def test_passwords_that_look_like_the_name(self):
        for number in range(100, 160):
            name = f"countess{number}"
            with self.subTest(name):
                form = self.make(username=name, password1=name, password2=name)
                self.assertIn("password2", form.errors)

    def test_profile_form_cannot_make_staff(self):
        user = User.objects.create_user("eve", "eve@example.com")
        ProfileForm({"display_name": "Eve", "is_staff": "on"}, instance=user).save()
        user.refresh_from_db()
        self.assertEqual((user.display_name, user.is_staff), ("Eve", False))
