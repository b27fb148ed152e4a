from django.apps import AppConfig


class MutantConfig(AppConfig):
    name = "mutant"
    default_auto_field = "django.db.models.AutoField"

    def ready(self):
        from mutant import signals  # noqa: F401
