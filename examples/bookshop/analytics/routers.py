class AnalyticsRouter:
    """Keep the analytics app, and nothing else, in the analytics database."""

    app_label = "analytics"
    alias = "analytics"

    def db_for_read(self, model, **hints):
        return self.alias if model._meta.app_label == self.app_label else None

    def db_for_write(self, model, **hints):
        return self.alias if model._meta.app_label == self.app_label else None

    def allow_relation(self, obj1, obj2, **hints):
        labels = {obj1._meta.app_label, obj2._meta.app_label}
        if self.app_label in labels:
            return len(labels) == 1
        return None

    def allow_migrate(self, db, app_label, **hints):
        if app_label == self.app_label:
            return db == self.alias
        return False if db == self.alias else None
