from django.test import SimpleTestCase, TestCase, tag

from catalog.recommend import features, jaccard, similar_books

from .factories import make_author, make_book


class JaccardTests(SimpleTestCase):
    def test_same(self):
        self.assertEqual(jaccard({1, 2}, {1, 2}), 1.0)

    def test_nothing_in_common(self):
        self.assertEqual(jaccard({1}, {2}), 0.0)

    @tag("slow")
    def test_is_symmetric_and_bounded(self):
        sets = [set(range(start, stop)) for start in range(30) for stop in range(start, 34, 5)]
        for left in sets:
            for right in sets:
                score = jaccard(left, right)
                self.assertEqual(score, jaccard(right, left))
                self.assertLessEqual(score, 1)


class SimilarBooksTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author = make_author()
        cls.book = make_book("One", author=cls.author, genres=["crime", "history"])
        cls.twin = make_book("Two", author=cls.author, genres=["crime", "history"])
        cls.cousin = make_book("Three", genres=["crime"])
        cls.stranger = make_book("Four", genres=["cookery"])

    def test_best_first(self):
        self.assertEqual(similar_books(self.book), [self.twin, self.cousin])

    def test_limit(self):
        self.assertEqual(similar_books(self.book, limit=1), [self.twin])

    def test_strangers(self):
        self.assertEqual(similar_books(self.stranger), [])

    def test_features(self):
        self.assertEqual(len(features(self.book)), 3)

    def test_number_of_queries(self):
        with self.assertNumQueries(5):
            similar_books(self.book)


@tag("slow")
class BigCatalogueTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        author = make_author()
        genres = ["crime", "history", "poetry", "children"]
        cls.books = [
            make_book(f"Book {number:02d}", author=author, genres=genres[: number % 4 + 1])
            for number in range(40)
        ]

    def test_the_same_genres_come_first(self):
        titles = [book.title for book in similar_books(self.books[0])]
        self.assertEqual(titles, ["Book 04", "Book 08", "Book 12"])

    def test_everybody_has_friends(self):
        for book in self.books[:8]:
            with self.subTest(book=book.title):
                self.assertEqual(len(similar_books(book, limit=10)), 10)
