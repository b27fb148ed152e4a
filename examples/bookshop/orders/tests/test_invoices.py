import shutil
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.test import TestCase, tag
from django.test.testcases import SerializeMixin

from orders.invoices import WIDTH, render_invoice, write_invoice

from .helpers import make_order

FOLDER = None


def setUpModule():
    global FOLDER
    FOLDER = Path(tempfile.mkdtemp(prefix="bookshop-invoices-"))


def tearDownModule():
    shutil.rmtree(FOLDER)


class RenderInvoiceTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.order = make_order("paid", lines=3, total="30.00")

    def test_width(self):
        for line in render_invoice(self.order).splitlines():
            self.assertLessEqual(len(line), WIDTH)

    def test_total(self):
        self.assertRegex(render_invoice(self.order), r"TOTAL +30\.00\n$")

    def test_written(self):
        path = write_invoice(self.order, FOLDER)
        self.assertEqual(path.name, "invoice-1001.txt")
        self.assertIn("1 x Book 3", path.read_text(encoding="utf-8"))

    @tag("slow")
    def test_long_invoice(self):
        order = make_order("paid", lines=300, total="300.00")
        with self.assertNumQueries(1):
            text = render_invoice(order)
        self.assertEqual(text.count(" x Book "), 300)


class ArchiveMixin(SerializeMixin):
    """The archive is one folder of the project: its tests may not run at the same time."""

    lockfile = __file__
    folder = Path(settings.MEDIA_ROOT) / "test-archive"

    def setUp(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, self.folder)

    def archive(self, count):
        for _ in range(count):
            write_invoice(make_order("paid"), self.folder)
            time.sleep(0.01)
        return sorted(path.name for path in self.folder.iterdir())


class ArchiveOneTests(ArchiveMixin, TestCase):
    def test_one(self):
        self.assertEqual(self.archive(1), ["invoice-1001.txt"])

    def test_rewritten(self):
        order = make_order("paid")
        self.assertEqual(write_invoice(order, self.folder), write_invoice(order, self.folder))


class ArchiveManyTests(ArchiveMixin, TestCase):
    def test_many(self):
        self.assertEqual(len(self.archive(4)), 4)

    def test_empty(self):
        self.assertEqual(self.archive(0), [])
