import time

from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings
from django.urls import resolve, reverse

from accounts.models import User
from catalog.models import Book, Genre, Publisher
from catalog.views import BookListView

from .factories import make_author, make_book


class FixtureBookListTests(TestCase):
    fixtures = ["books.json"]

    def get(self, **query):
        return self.client.get(reverse("catalog:book_list"), query)

    def titles(self, **query):
        return [book.title for book in self.get(**query).context["books"]]

    def test_template_and_title(self):
        response = self.get()
        self.assertTemplateUsed(response, "catalog/book_list.html")
        self.assertTemplateUsed(response, "base.html")
        self.assertContains(response, "<h1>Books</h1>", html=True)

    def test_withdrawn_books_are_hidden(self):
        self.assertNotContains(self.get(), "Coming Up for Air")

    def test_prices_are_formatted(self):
        self.assertContains(self.get(), "£7.99", count=1)

    def test_sold_out(self):
        self.assertContains(self.get(), "sold out", count=1)

    def test_search(self):
        self.assertEqual(self.titles(q="austen"), ["Emma", "Persuasion"])

    def test_filters(self):
        for query, expected in [
            ({"max_price": "7"}, ["Persuasion"]),
            ({"q": "zzz"}, []),
            ({"sort": "-published", "max_price": "8.99"}, ["Nineteen Eighty-Four", "Persuasion"]),
        ]:
            with self.subTest(**query):
                self.assertEqual(self.titles(**query)[: len(expected)], expected)

    def test_wrong_filter_shows_everything(self):
        self.assertEqual(len(self.titles(max_price="cheap")), 4)

    def test_empty_result(self):
        self.assertContains(self.get(q="zzz"), "No books found.")


class GenreFilterTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.crime = make_book("The Moonstone", genres=["crime", "fiction"])
        cls.poems = make_book("Poems", genres=["poetry"])

    def setUp(self):
        cache.clear()

    def test_filter(self):
        response = self.client.get("/", {"genre": "crime"})
        self.assertQuerySetEqual(response.context["books"], [self.crime])

    def test_unknown_genre_is_a_form_error(self):
        form = self.client.get("/", {"genre": "unknown"}).context["form"]
        self.assertFormError(
            form,
            "genre",
            "Select a valid choice. That choice is not one of the available choices.",
        )

    def test_counts(self):
        response = self.client.get(reverse("catalog:genre_list"))
        counts = {genre["slug"]: genre["count"] for genre in response.context["genres"]}
        self.assertEqual(counts["crime"], 1)
        self.assertEqual(counts["cookery"], 0)
        self.assertEqual(len(counts), Genre.objects.count())

    def test_counts_are_cached(self):
        self.client.get(reverse("catalog:genre_list"))
        with self.assertNumQueries(0):
            self.client.get(reverse("catalog:genre_list"))

    def test_post_is_not_allowed(self):
        self.assertEqual(self.client.post(reverse("catalog:genre_list")).status_code, 405)


@override_settings(SHOP_PAGE_SIZE=2)
class PaginationTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for number in range(5):
            make_book(f"Book {number}")

    def test_first_page(self):
        response = self.client.get("/")
        self.assertContains(response, "Page 1 of 3")
        self.assertEqual(len(response.context["books"]), 2)

    def test_last_page(self):
        self.assertEqual(len(self.client.get("/?page=3").context["books"]), 1)

    def test_beyond_the_last_page(self):
        self.assertEqual(self.client.get("/?page=4").status_code, 404)

    @override_settings(SHOP_PAGE_SIZE=50)
    def test_everything_on_one_page(self):
        self.assertNotContains(self.client.get("/"), "Page 1 of")

    def test_number_of_queries_does_not_grow(self):
        request = RequestFactory().get("/")
        view = BookListView()
        view.setup(request)
        with self.assertNumQueries(3), self.settings(SHOP_PAGE_SIZE=5):
            response = view.get(request)
            list(response.context_data["books"])


class BookDetailTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        author = make_author("Wilkie Collins")
        cls.book = make_book("The Moonstone", author=author, genres=["crime"], slug="moonstone")
        cls.other = make_book("No Name", author=author, genres=["fiction"])

    def test_detail(self):
        response = self.client.get(self.book.get_absolute_url())
        self.assertContains(response, self.book.isbn)
        self.assertContains(response, "Wilkie Collins")
        self.assertTemplateUsed(response, "catalog/book_detail.html")

    def test_similar_books(self):
        response = self.client.get(self.book.get_absolute_url())
        self.assertEqual(response.context["similar"], [self.other])

    def test_sold_out_books_cannot_be_bought(self):
        self.book.stock.take(5)
        response = self.client.get(self.book.get_absolute_url())
        self.assertNotContains(response, "Add to cart")

    def test_withdrawn_book_is_not_found(self):
        Book.objects.filter(pk=self.book.pk).update(is_available=False)
        self.assertEqual(self.client.get(self.book.get_absolute_url()).status_code, 404)

    def test_author_page(self):
        response = self.client.get(self.book.authors.get().get_absolute_url())
        self.assertContains(response, "No Name")


class BookCreateTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create_user("bookseller", "seller@bookshop.example", "secret")
        cls.user.user_permissions.add(Permission.objects.get(codename="add_book"))
        cls.author = make_author()
        cls.publisher = Publisher.objects.create(name="Virago")

    def setUp(self):
        self.client.force_login(self.user)
        self.data = {
            "title": "Orlando",
            "slug": "orlando",
            "isbn": "978-0-14-103614-4",
            "authors": [self.author.pk],
            "publisher": self.publisher.pk,
            "price": "5.00",
        }

    def post(self, **changes):
        return self.client.post(reverse("catalog:book_add"), {**self.data, **changes})

    def test_created_with_a_plain_isbn(self):
        self.assertRedirects(self.post(), "/books/orlando/")
        self.assertEqual(Book.objects.get().isbn, "9780141036144")

    def test_wrong_isbn(self):
        form = self.post(isbn="9780141036143").context["form"]
        self.assertFormError(form, "isbn", "9780141036143 is not a valid ISBN-13.")

    def test_free_printed_book(self):
        form = self.post(price="0", pages="10").context["form"]
        self.assertFormError(form, "price", "A printed book cannot be free.")

    def test_others_are_forbidden(self):
        self.client.force_login(User.objects.create_user("reader", "reader@example.com"))
        self.assertEqual(self.client.get(reverse("catalog:book_add")).status_code, 403)

    def test_visitors_have_to_log_in(self):
        self.client.logout()
        self.assertRedirects(
            self.client.get(reverse("catalog:book_add")), "/accounts/login/?next=/books/add/"
        )


class UrlTests(SimpleTestCase):
    def test_names(self):
        for path, name in [
            ("/", "catalog:book_list"),
            ("/genres/", "catalog:genre_list"),
            ("/books/add/", "catalog:book_add"),
            ("/books/emma/", "catalog:book_detail"),
            ("/api/stock/emma/", "catalog:stock_api"),
        ]:
            with self.subTest(path):
                self.assertEqual(resolve(path).view_name, name)

    def test_not_found_page(self):
        self.assertIn("We do not stock that page", render_to_string("404.html"))

    def test_unknown_path(self):
        with self.assertTemplateUsed("404.html"):
            response = self.client.get("/no/such/page/")
        self.assertContains(response, "do not stock", status_code=404)


class GenreCacheTimeoutTests(TestCase):
    """The counts are read again once the cache has forgotten them."""

    def setUp(self):
        cache.clear()
        self.addCleanup(cache.clear)

    def test_a_new_book_is_counted_later(self):
        self.client.get(reverse("catalog:genre_list"))
        make_book(genres=["poetry"])
        self.assertNotContains(self.client.get("/genres/"), "(1)")
        cache.touch("catalog:genres", 0.02)
        time.sleep(0.04)
        self.assertContains(self.client.get("/genres/"), "(1)", count=1)

    def test_cache_is_empty_at_first(self):
        self.assertIsNone(cache.get("catalog:genres"))
