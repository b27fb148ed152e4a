import asyncio

from django.test import AsyncClient, AsyncRequestFactory, SimpleTestCase, TestCase
from django.urls import reverse

from bookshop.middleware import server_timing
from catalog.models import Book, StockItem
from catalog.views import stock_api

from .factories import make_book


class StockApiTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.book = make_book("Emma", slug="emma", stock=2)
        cls.url = reverse("catalog:stock_api", args=["emma"])

    async def test_json(self):
        response = await self.async_client.get(self.url)
        self.assertEqual(response.json(), {"slug": "emma", "quantity": 2, "low": True})

    async def test_unknown_book(self):
        response = await self.async_client.get(reverse("catalog:stock_api", args=["nothing"]))
        self.assertEqual(response.status_code, 404)

    async def test_sees_a_change(self):
        await StockItem.objects.filter(book=self.book).aupdate(quantity=30)
        response = await AsyncClient().get(self.url)
        self.assertFalse(response.json()["low"])

    async def test_withdrawn(self):
        await Book.objects.aupdate(is_available=False)
        self.assertEqual((await self.async_client.get(self.url)).status_code, 404)

    async def test_request_factory(self):
        response = await stock_api(AsyncRequestFactory().get(self.url), "emma")
        self.assertEqual(response.headers["Content-Type"], "application/json")

    def test_sync_client(self):
        self.assertEqual(self.client.get(self.url).json()["quantity"], 2)


class AsyncOrmTests(TestCase):
    async def test_iteration(self):
        await asyncio.gather(Book.objects.acount(), StockItem.objects.acount())
        self.assertEqual([book async for book in Book.objects.all()], [])

    async def test_waiting(self):
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(asyncio.sleep(0.02) for _ in range(50)))
        self.assertLess(asyncio.get_running_loop().time() - started, 0.9)


class ServerTimingTests(SimpleTestCase):
    async def test_async(self):
        response = await self.async_client.get("/no/such/page/")
        self.assertRegex(response.headers["Server-Timing"], r"^app;dur=\d+\.\d$")

    def test_sync(self):
        self.assertIn("Server-Timing", self.client.get("/no/such/page/").headers)

    async def test_waits_for_the_view(self):
        async def view(request):
            await asyncio.sleep(0.02)
            from django.http import HttpResponse

            return HttpResponse("late")

        response = await server_timing(view)(AsyncRequestFactory().get("/"))
        duration = float(response.headers["Server-Timing"].partition("dur=")[2])
        self.assertGreater(duration, 15)
