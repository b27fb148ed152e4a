import json
import time
from urllib.error import HTTPError
from urllib.request import urlopen

from django.test import LiveServerTestCase, tag

from .factories import make_book


@tag("slow")
class LiveCatalogueTests(LiveServerTestCase):
    def setUp(self):
        self.book = make_book("Emma", slug="emma", stock=3)

    def read(self, path):
        with urlopen(self.live_server_url + path) as response:
            return response.read().decode()

    def test_list(self):
        self.assertIn("Emma", self.read("/"))

    def test_stock(self):
        self.assertEqual(json.loads(self.read("/api/stock/emma/"))["quantity"], 3)

    def test_somebody_else_buys(self):
        self.read("/books/emma/")
        time.sleep(0.02)
        self.book.stock.take(3)
        self.assertIn("sold out", self.read("/books/emma/"))

    def test_not_found(self):
        with self.assertRaises(HTTPError) as caught:
            self.read("/books/unknown/")
        self.assertEqual(caught.exception.code, 404)
        caught.exception.close()
