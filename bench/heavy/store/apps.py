from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "store"

    def ready(self):
        from store import reports, signals, tasks  # noqa: F401
