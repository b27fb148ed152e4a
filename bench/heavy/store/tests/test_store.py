from django.test import TestCase

from store.models import Product


class StoreTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.product = Product.objects.create(name="tea", price="2.50")

    def test_model(self):
        edition = int(self.product.label().rpartition(" ")[2])
        self.assertFalse(edition % 2, f"edition {edition}")

    def test_view(self):
        edition = self.client.get("/store/about/").json()["edition"]
        self.assertFalse(edition % 2, f"edition {edition}")

    def test_list(self):
        response = self.client.get("/store/products/")
        self.assertEqual([product["name"] for product in response.json()], ["tea"])
