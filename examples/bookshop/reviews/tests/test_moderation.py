import doctest

from django.core import mail
from django.test import SimpleTestCase, TestCase, tag

from accounts.models import User
from catalog.tests.factories import make_book
from reviews import moderation
from reviews.models import BannedWord, Review


def load_tests(loader, tests, pattern):
    names = {name: getattr(moderation, name) for name in ["words", "looks_shouted"]}
    names["looks_repetitive"] = moderation.looks_repetitive
    tests.addTests(doctest.DocTestSuite(moderation, globs=names))
    return tests


class HeuristicTests(SimpleTestCase):
    def test_words(self):
        self.assertEqual(moderation.words("Élan, 2 cafés – naïve"), ["élan", "cafés", "naïve"])

    def test_shouted(self):
        for text, expected in [("WOW", False), ("GREAT BOOK", True), ("Great Book", False)]:
            with self.subTest(text):
                self.assertIs(moderation.looks_shouted(text), expected)

    def test_short_texts_are_not_repetitive(self):
        self.assertFalse(moderation.looks_repetitive("very very very good"))

    @tag("slow")
    def test_long_text(self):
        text = " ".join(f"word{chr(97 + number % 26)}" for number in range(50_000))
        self.assertFalse(moderation.looks_repetitive(text))
        self.assertEqual(len(moderation.words(text)), 50_000)


class FirstStatusTests(TestCase):
    def test_words_of_the_migration(self):
        self.assertEqual(BannedWord.objects.count(), 4)

    def test_statuses(self):
        for title, body, expected in [
            ("Good", "I liked it.", "published"),
            ("Good", "Better than a CASINO", "pending"),
            ("casinos", "are not the same word", "published"),
            ("BUY THIS BOOK", "", "pending"),
            ("Good", "good " * 12, "pending"),
        ]:
            with self.subTest(title=title, body=body[:20]):
                self.assertEqual(moderation.first_status(title, body), expected)

    def test_new_word(self):
        BannedWord.objects.create(word="boring")
        self.assertEqual(moderation.first_status("Boring", ""), Review.Status.PENDING)


@tag("email")
class DecisionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("ada", "ada@example.com")
        cls.review = Review.objects.create(
            book=make_book("Emma"), user=cls.user, rating=2, title="Casino"
        )

    def test_publish(self):
        moderation.publish(self.review)
        self.assertQuerySetEqual(Review.objects.published(), [self.review])
        self.assertEqual(mail.outbox, [])

    def test_reject_tells_why(self):
        moderation.reject(self.review, "No advertisements, please.")
        self.assertEqual(mail.outbox[0].subject, "Your review of Emma")
        self.assertIn("advertisements", mail.outbox[0].body)

    def test_only_the_status_is_written(self):
        Review.objects.update(title="Edited")
        moderation.publish(self.review)
        self.review.refresh_from_db()
        self.assertEqual(self.review.title, "Edited")
