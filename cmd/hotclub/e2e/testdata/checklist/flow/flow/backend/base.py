"""A database backend of the project's own, which knows its own way to clone."""

from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.db.backends.sqlite3.creation import DatabaseCreation as SQLiteCreation

from flow.journal import note


class DatabaseCreation(SQLiteCreation):
    def _create_test_db(self, *args, **kwargs):
        note("backend creates", self.connection.alias)
        return super()._create_test_db(*args, **kwargs)

    def _clone_test_db(self, suffix, verbosity, keepdb=False):
        note("backend clones", self.connection.alias)
        return super()._clone_test_db(suffix, verbosity, keepdb)


class DatabaseWrapper(SQLite):
    creation_class = DatabaseCreation
