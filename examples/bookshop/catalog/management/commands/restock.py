from django.core.management.base import BaseCommand, CommandError

from catalog.models import Book, StockItem


class Command(BaseCommand):
    help = "Add copies of books to the stock, or list what has to be ordered."

    def add_arguments(self, parser):
        parser.add_argument("slugs", nargs="*", metavar="slug")
        parser.add_argument("--quantity", type=int, default=10)
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args, slugs, quantity, dry_run, **options):
        if quantity < 1:
            raise CommandError("The quantity has to be positive.")
        if slugs:
            for slug in slugs:
                self.restock(slug, quantity, dry_run)
        else:
            self.list_low()

    def restock(self, slug, quantity, dry_run):
        try:
            book = Book.objects.get(slug=slug)
        except Book.DoesNotExist:
            raise CommandError(f"There is no book {slug!r}.") from None
        item, _ = StockItem.objects.get_or_create(book=book)
        if not dry_run:
            item.quantity += quantity
            item.save(update_fields=["quantity"])
        self.stdout.write(self.style.SUCCESS(f"{book}: {item.quantity}"))

    def list_low(self):
        items = StockItem.objects.select_related("book").order_by("book__title")
        low = [item for item in items if item.needs_reorder]
        for item in low:
            self.stdout.write(f"{item.book.slug}\t{item.quantity}")
        if not low:
            self.stderr.write("Nothing to order.")
