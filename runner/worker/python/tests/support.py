"""What the tests share: small Django projects, and a server that speaks with a real worker."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Optional

JSON = dict[str, Any]

PARENT = Path(__file__).resolve().parent.parent
AGENT = PARENT / "hotclub_worker" / "__main__.py"
TIMEOUT = 60.0

MANAGE = """
    import os, sys

    if __name__ == "__main__":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf")
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
"""
SETTINGS = """
    SECRET_KEY = "x"
    INSTALLED_APPS = ["django.contrib.contenttypes", "shop"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "real.sqlite3"}}
    DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
    USE_TZ = True
"""
MODELS = """
    from django.db import models

    class Item(models.Model):
        name = models.CharField(max_length=20)
"""
MIGRATION = """
    from django.db import migrations, models

    def load(apps, schema_editor):
        items = apps.get_model("shop", "Item").objects.using(schema_editor.connection.alias)
        items.create(name="migrated")

    class Migration(migrations.Migration):
        initial = True
        operations = [
            migrations.CreateModel("Item", [
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=20)),
            ]),
            migrations.RunPython(load),
        ]
"""
SHOP = {
    "manage.py": MANAGE,
    "conf.py": SETTINGS,
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": MIGRATION,
}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def _unasked(method: str, params: JSON) -> JSON:
    raise AssertionError(f"nobody expected the worker to ask {method} {params}")


class Refusal(Exception):
    def __init__(self, error: JSON) -> None:
        super().__init__(error["message"])
        self.data: JSON = error["data"]


class Died(Exception):
    """The worker ended in the middle of a request."""


class Server:
    """The other end of one worker."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self.scratch = scratch
        self.events: list[tuple[str, JSON]] = []
        self.when_loaded = "go"
        self.answer: Callable[[str, JSON], JSON] = _unasked  # to what the worker asks
        self.capture = scratch / f"{len(list(scratch.iterdir()))}.out"
        self.pid = 0
        self._connection: Any = None
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._forks: list[Server] = []
        self._id = 0

    @classmethod
    def spawn(cls, root: Path, scratch: Path, environment: Optional[JSON] = None) -> "Server":
        server = cls(root, scratch)
        variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
        # As the server starts it; sockets instead of pipes are all the same to the worker.
        ours, theirs = socket.socketpair()
        with open(server.capture, "ab") as capture, theirs:
            server._process = subprocess.Popen(
                [sys.executable, "-u", str(AGENT)],
                cwd=root, env=variables, stdin=theirs.fileno(), stdout=theirs.fileno(),
                stderr=capture, start_new_session=True,
            )  # fmt: skip
        server.pid = server._process.pid
        server._adopt(ours)
        return server

    def _adopt(self, connection: socket.socket) -> None:
        connection.settimeout(TIMEOUT)
        self._socket = connection
        self._connection = connection.makefile("rwb")

    def boot(self, **params: Any) -> JSON:
        told: JSON = {"root": str(self.root), "directory": str(self.root), "key": "k"}
        told["manage"] = str(self.root / "manage.py")
        return self.request("boot", **{**told, **params})

    def request(self, method: str, **params: Any) -> JSON:
        """Asks and waits; what the worker says in the meantime is kept in ``events``."""
        self._id += 1
        self.send({"id": self._id, "method": method, "params": params})
        while True:
            message = self.receive()
            if "id" in message and "method" in message:
                self._serve(message)
            elif "method" in message:
                self.events.append((message["method"], message["params"]))
                if message["method"] == "loaded":
                    self.send({"method": self.when_loaded})
            elif "error" in message:
                raise Refusal(message["error"])
            else:
                result: JSON = message["result"]
                return result

    def _serve(self, message: JSON) -> None:
        try:
            answer: JSON = {"result": self.answer(message["method"], message["params"])}
        except Exception as error:
            answer = {"error": {"code": -32000, "message": str(error)}}
        self.send({"id": message["id"], **answer})

    def send(self, message: JSON) -> None:
        self._connection.write(json.dumps(message).encode() + b"\n")
        self._connection.flush()

    def receive(self) -> JSON:
        line = self._connection.readline()
        if not line:
            raise Died(self.printed())
        message: JSON = json.loads(line)
        return message

    def fork(self) -> "Server":
        """A worker forked from this one."""
        child = Server(self.root, self.scratch)
        child.answer = self.answer
        address = str(self.scratch / f"{child.capture.stem}.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen()
            listener.settimeout(TIMEOUT)
            child.pid = self.request(
                "fork", capture=str(child.capture), address=address, token=child.capture.stem
            )["pid"]
            connection, _ = listener.accept()
        child._adopt(connection)
        assert child.receive()["params"] == {"token": child.capture.stem}
        self._forks.append(child)
        return child

    def taken(self, kind: str) -> list[JSON]:
        """The events of one kind since they were last taken."""
        found = [params for name, params in self.events if name == kind]
        self.events = [event for event in self.events if event[0] != kind]
        return found

    def reads(self) -> dict[str, list[Any]]:
        """The entries that were reported since they were last taken, by path."""
        entries = [entry for params in self.taken("reads") for entry in params["entries"]]
        return {entry[0]: entry for entry in entries}

    def printed(self) -> str:
        return self.capture.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        for fork in self._forks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(fork.pid, signal.SIGKILL)
            fork._hang_up()
        self._hang_up()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.close()
        self._socket.close()

    # What the dispatcher does with these requests.

    def collect(self, *labels: str, options: tuple[str, ...] = ()) -> list[JSON]:
        units: list[JSON] = self.request("collect", labels=list(labels), options=list(options))[
            "units"
        ]
        return units

    def build(self, *aliases: str) -> dict[str, JSON]:
        """Templates for some aliases, made by a fork; what ``attach`` takes."""
        builder = self.fork()
        schemas = builder.request("schemas", aliases=list(aliases))["schemas"]
        places = [
            {**schema, "path": str(self.scratch / f"{builder.capture.stem}-{schema['alias']}.db")}
            for schema in schemas
        ]
        self.built = builder.request("build", places=places, models=[])
        return {
            place["alias"]: {
                "template": place["path"],
                "clone": "" if place["memory"] else place["path"] + ".clone",
            }
            for place in places
        }

    def run_all(
        self, *labels: str, options: tuple[str, ...] = (), rung: str = "stream"
    ) -> dict[str, JSON]:
        """Collects, runs and ends; the verdicts by the names of the tests."""
        units = self.collect(*labels, options=options)
        self.request("begin", labels=list(labels), options=list(options), rung=rung)
        verdicts: dict[str, JSON] = {}
        self.reports = [self.run_unit(unit, verdicts) for unit in units]
        self.ended = self.request("end")
        return verdicts

    def run_unit(self, unit: JSON, verdicts: dict[str, JSON], last: bool = False) -> JSON:
        names = [test["label"] for test in unit["tests"]]
        self.taken("finished")
        labels = [unit["label"], unit["module"]]
        report = self.request("run", labels=labels, tests=names, last=last)
        for finished in self.taken("finished"):
            name = names[finished["test"]]
            assert name not in verdicts, f"two verdicts for {name}"
            verdicts[name] = finished
        return report


class ProjectTestCase(unittest.TestCase):
    """Tests of a worker that has booted the project in ``files``; each gets a fork of it."""

    files: dict[str, str] = SHOP
    layer: Server
    report: JSON

    @classmethod
    def setUpClass(cls) -> None:
        cls.layer = cls.enterProject(cls.files)
        cls.report = cls.layer.boot()

    @classmethod
    def enterProject(cls, files: dict[str, str], environment: Optional[JSON] = None) -> Server:
        """A process in a new project, not booted yet."""
        base = Path(os.path.realpath(tempfile.mkdtemp(prefix="hc-agent-")))
        cls.addClassCleanup(shutil.rmtree, base, ignore_errors=True)
        root, scratch = base / "project", base / "s"
        scratch.mkdir()
        write(root, files)
        server = Server.spawn(root, scratch, environment)
        cls.addClassCleanup(server.close)
        return server

    def fork(self, databases: Optional[dict[str, JSON]] = None) -> Server:
        worker = self.layer.fork()
        worker.request("attach", slot=1, databases=databases or {})
        worker.events.clear()
        return worker


class TemplateTestCase(ProjectTestCase):
    """As above, with a migrated template for each database."""

    aliases: tuple[str, ...] = ("default",)
    templates: dict[str, JSON]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.templates = cls.layer.build(*cls.aliases)

    def setUp(self) -> None:
        self.worker = self.fork(self.templates)


def script(code: str, *arguments: str, **variables: str) -> Any:
    """Runs code in an interpreter of its own and returns what it prints, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": str(PARENT), **variables},
        capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(f"exit {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hc-agent-") as name:
        yield Path(os.path.realpath(name))


@contextlib.contextmanager
def running(target: Any) -> Iterator[None]:
    """Runs a function in a thread beside the block."""
    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield
    finally:
        thread.join(TIMEOUT)
