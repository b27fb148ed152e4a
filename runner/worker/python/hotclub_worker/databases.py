"""The databases of this process.

Until a clone is attached every alias points at its test database's name, so that nothing that is
imported can reach the developer's own data. Names and settings follow Django
(``db/backends/base/creation.py``, ``test/utils.py``); where a clone comes from is the server's
business.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

from hotclub_worker.collect import name_databases
from hotclub_worker.kinds import Clone, Kind, Remembered, kind_of, really_close
from hotclub_worker.reads import Recorder
from hotclub_worker.wire import JSON


class Databases:
    """All connections of the project, by alias."""

    def __init__(self, project: Any, params: JSON) -> None:
        from django.db import connections

        self._project = project
        # Django's vendors of databases on servers that can be cloned there.
        self._engines: list[str] = params.get("engines") or []
        self._flush_from_images = params.get("flush") != "django"
        self._connections = connections
        self._original: dict[str, Remembered] = {}
        self._attached: dict[str, Clone] = {}
        self._own: Any = None
        # Whether nobody sees any more what they hold before they are put back.
        self.unseen: Callable[[], bool] = always_seen

    def report(self) -> list[JSON]:
        return [
            {
                "alias": alias,
                "engine": self._connections[alias].vendor,
                "clonable": self._kind(alias).clonable(self._connections[alias], self._engines),
            }
            for alias in self._connections
        ]

    def _kind(self, alias: str) -> Kind:
        return kind_of(self._connections[alias])

    def guard(self) -> None:
        """Points every alias away from the developer's data."""
        for alias in self._connections:
            connection = self._connections[alias]
            self._original[alias] = self._kind(alias).remember(connection)
            self._kind(alias).guard(connection)

    def prime(self) -> None:
        """Loads what attaching will need."""
        if any(not each["clonable"] and each["engine"] in self._engines for each in self.report()):
            import django.core.management.commands.flush  # noqa: F401

            import hotclub_worker.flush
            import hotclub_worker.rollback  # noqa: F401

    def unguard(self, aliases: Optional[list[str]] = None) -> None:
        """Gives aliases, or all, back what the settings say."""
        for alias in self._original if aliases is None else aliases:
            connection = self._connections[alias]
            really_close(connection)
            self._kind(alias).recall(connection, self._original[alias])

    @contextmanager
    def _as_configured(self) -> Iterator[None]:
        """The settings as they were before anything was guarded or attached; nothing may connect
        meanwhile."""
        present = {
            alias: self._kind(alias).remember(self._connections[alias]) for alias in self._original
        }
        for alias, original in self._original.items():
            self._kind(alias).recall(self._connections[alias], original)
        try:
            yield
        finally:
            for alias, remembered in present.items():
                self._kind(alias).recall(self._connections[alias], remembered)

    def close_all(self) -> None:
        for connection in self._connections.all():
            really_close(connection)

    def open_aliases(self) -> list[str]:
        return [each.alias for each in self._connections.all() if each.connection is not None]

    def groups(self, aliases: Any) -> tuple[dict[str, list[str]], dict[str, str]]:
        """What stands behind aliases: for each database of its own the aliases that share it,
        the first of them leading, and the mirrors (``get_unique_databases_and_mirrors``)."""
        from django.test.utils import get_unique_databases_and_mirrors

        # Names decide which aliases share a database: the names that the settings have.
        with self._as_configured():
            unique, mirrors = get_unique_databases_and_mirrors(set(aliases))
        shared = {}
        for _, members in unique.values():
            ordered = sorted(members, key=lambda alias: (alias != "default", alias))
            shared[ordered[0]] = ordered
        return shared, dict(mirrors)

    def server(self, alias: str) -> dict[str, str]:
        """How to reach the server of an alias, {} where there is none."""
        with self._as_configured():
            return self._kind(alias).server(self._connections[alias])

    def memory(self, alias: str) -> bool:
        """Whether the test database of an alias lives in memory."""
        return self._kind(alias).memory(self._connections[alias])

    def depends_on(self, alias: str) -> list[str]:
        return self._kind(alias).depends_on(self._connections[alias])

    def attach(self, clones: JSON, worker: Any) -> JSON:
        """Attaches clones by leading alias and lets the aliases that share or mirror them follow.
        Returns what each took in milliseconds."""
        from time import perf_counter

        took = {}
        for alias, place in clones.items():
            begun = perf_counter()
            connection = self._connections[alias]
            self.unguard([alias])
            self._attached[alias] = self._kind(alias).attach(connection, place, worker)
            took[alias] = round((perf_counter() - begun) * 1000, 3)
        shared, mirrors = self.groups(set(self._connections))
        for leader, members in shared.items():
            if leader in self._attached:
                for alias in members[1:]:
                    self._follow(alias, leader)
        for alias, leader in mirrors.items():
            leader = next((first for first, all_ in shared.items() if leader in all_), leader)
            if leader in self._attached:
                self._follow(alias, leader)
        if getattr(self._project.runner, "debug_sql", False):
            self.debug(True)
        if self._flush_from_images and any(self._kind(alias).on_server for alias in self._attached):
            from hotclub_worker.flush import serve_from_images
            from hotclub_worker.rollback import serve_rollbacks

            serve_from_images(worker, self)
            serve_rollbacks(worker, self)
        return took

    def rehearse(self) -> Optional[str]:
        """Makes the first test with the databases on servers as quick as the second; the reason why
        it won't be, or None."""
        from hotclub_worker.rehearsal import rehearse

        clones = {a: c for a, c in self._attached.items() if self._kind(a).on_server}
        return rehearse(clones) if clones else None

    def _follow(self, alias: str, leader: str) -> None:
        connection = self._connections[alias]
        really_close(connection)
        connection.creation.set_as_test_mirror(self._connections[leader].settings_dict)
        followers = self._attached[leader].followers
        if connection not in followers:
            followers.append(connection)

    def clone_of(self, alias: str) -> Optional[Clone]:
        """The clone that an alias has, shares or mirrors."""
        for leader, clone in self._attached.items():
            if alias == leader or any(alias == each.alias for each in clone.followers):
                return clone
        return None

    def revive(self) -> None:
        """Makes sure, before a run begins, that its databases are still to be had."""
        self.reset([alias for alias, clone in self._attached.items() if clone.revive()])

    def debug(self, on: bool) -> None:
        """Lets every connection keep its queries, as ``setup_databases(debug_sql=True)`` does."""
        for alias in self._connections:
            self._connections[alias].force_debug_cursor = on

    def dirty(self) -> list[str]:
        """The aliases whose clone holds something committed since it was last clean."""
        return [alias for alias, clone in self._attached.items() if clone.dirty()]

    def attached(self) -> list[str]:
        return list(self._attached)

    def accept(self) -> None:
        """Takes the present contents as clean, for rows that a module's set-up committed."""
        for clone in self._attached.values():
            clone.accept()

    def clean(self) -> None:
        """Puts back what the tests of a class may have committed, and lets go of what they may have
        left in the sessions of connections to servers. Django's own classes close these as well."""
        suspects = [alias for alias, clone in self._attached.items() if clone.suspect()]
        for alias in suspects:
            self._attached[alias].renew()
        self.reset(suspects)

    def reset(self, aliases: list[str]) -> None:
        """Puts clones back to the migrated state. Raises when one can't be."""
        clones = [self._attached[alias] for alias in aliases]
        for clone in clones:
            clone.begin_reset()
        changed = [clone.end_reset() for clone in clones]
        if any(changed):
            _forget_rows()

    def lost(self) -> Optional[str]:
        """Why a connection is of no use to the next class, or None."""
        for alias, clone in self._attached.items():
            problem = clone.lost()
            if problem is not None:
                return f"the connection of {alias!r} {problem}"
        return None

    def serialize(self, recorder: Recorder) -> None:
        """Keeps the contents for ``serialized_rollback`` as ``setup_databases`` does; a clone
        that is clean holds exactly what was serialized there."""
        from hotclub_worker import serialized

        # Models of tests are serialized as well, and not in every worker there are the same.
        shared = not self._project.models_of_tests()
        for alias, clone in self._attached.items():
            connection = self._connections[alias]
            if not hasattr(connection, "_test_serialized_contents"):
                recorder.disregard(clone.place.get("serialized") or "/")
                with clone.only_read():
                    connection._test_serialized_contents = serialized.contents(
                        connection, clone.place if shared else {}
                    )

    def build(self, places: list[JSON], models: list[str], worker: Any) -> JSON:
        """Creates the databases through the project's runner and writes each to its place. As in
        ``DiscoverRunner.run_tests``, the models that test modules define are there by then."""
        from hotclub_worker.extend import noted
        from hotclub_worker.inputs import Watch

        self._project.import_models(models)
        runner = self._builder()
        self.unguard()
        extends = self._extends(places)
        if any(place.get("missing") for place in places):
            runner.keepdb, runner.interactive = extends, False
        for place in places:
            for alias in place["aliases"]:
                self._kind(alias).before_build(self._connections[alias], place)
        watch = Watch(worker)
        wanted = dict.fromkeys(self._with_dependencies(places), False)
        with noted() as found:
            old_config = runner.setup_databases(aliases=wanted, serialized_aliases=set())
        try:
            for place in places:
                alias = place["alias"]
                self._kind(alias).after_build(
                    self._connections[alias], place, self._original[alias]
                )
        finally:
            runner.teardown_databases(old_config)
            self.close_all()
        return {**watch.inputs(models), "afresh": not extends, **found}

    def _extends(self, places: list[JSON]) -> bool:
        """Whether the older databases that lie at places can be migrated on; else they are made
        afresh."""
        older = [place for place in places if place.get("missing")]
        if not older:
            return False
        from hotclub_worker.extend import begun

        if all(begun(self._connections[place["alias"]], place) for place in older):
            return True
        for place in older:
            place["missing"] = []
        return False

    def _builder(self) -> Any:
        """The runner, ready for ``setup_databases``: one of its own may look at what
        ``build_suite`` has found."""
        runner = self._project.runner
        if self._project.overrides("setup_databases"):
            name_databases(runner, runner.build_suite([]))
        return runner

    def _with_dependencies(self, places: list[JSON]) -> set[str]:
        """The aliases of some places and all that TEST["DEPENDENCIES"] says must be created
        before them; without these Django calls the dependencies circular."""
        waiting = [alias for place in places for alias in place["aliases"]]
        wanted: set[str] = set()
        while waiting:
            alias = waiting.pop()
            if alias in wanted or alias not in self._original:
                continue
            wanted.add(alias)
            test = self._connections[alias].settings_dict["TEST"]
            waiting.extend(test.get("DEPENDENCIES", ["default"]))
        return wanted

    def set_up_own(self, aliases: list[str]) -> JSON:
        """The step of the ladder on which the runner's own databases serve one worker."""
        runner = self._builder()
        self.unguard()
        config = runner.setup_databases(
            aliases=dict.fromkeys(aliases, True), serialized_aliases=set(aliases)
        )
        self._own = (runner, config)
        return {}

    def tear_down_own(self) -> None:
        if self._own is not None:
            runner, config = self._own
            self._own = None
            runner.teardown_databases(config)


def always_seen() -> bool:
    """Says of ``Databases.unseen`` that somebody may look."""
    return False


def _forget_rows() -> None:
    """Empties the caches in which Django keeps rows across tests; their keys may differ now."""
    from django.apps import apps

    for label, model in (("contenttypes", "ContentType"), ("sites", "Site")):
        if apps.is_installed(f"django.contrib.{label}"):
            apps.get_model(label, model).objects.clear_cache()
