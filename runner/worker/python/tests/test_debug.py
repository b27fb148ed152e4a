import json
import sys
import unittest
from pathlib import Path
from typing import Any

from hotclub_worker.debug import Debugger

from .support import JSON, SHOP, ProjectTestCase, Refusal, Server, running, temporary, write

# A debugpy that notes what is asked of it. A client is there while there is a file of that name.
DEBUGPY = {
    "debugpy/__init__.py": """
        import json, os, sys, pydevd, _pydevd_bundle.pydevd_api

        HERE = os.path.dirname(os.path.abspath(__file__))

        def note(*what):
            with open(os.path.join(HERE, "notes"), "a") as file:
                file.write(json.dumps(what) + "\\n")

        def configure(**options):
            note("configure", options)

        def listen(address):
            if os.path.exists(os.path.join(HERE, "broken")):
                raise RuntimeError("no room")
            note("listen", address)
            return address[0], 4242

        def is_client_connected():
            return os.path.exists(os.path.join(HERE, "client"))
    """,
    "pydevd.py": """
        import sys

        class Server:
            def trigger_exception_handler(self, error, as_uncaught):
                trace = error[2]
                while trace.tb_next is not None:
                    trace = trace.tb_next
                told = {name: repr(value) for name, value in trace.tb_frame.f_locals.items()}
                told.pop("self", None)
                sys.modules["debugpy"].note("stop", error[0].__name__, trace.tb_lineno, told)

        server = Server()

        def get_global_debugger():
            return server

        def stoptrace():
            sys.modules["debugpy"].note("stoptrace")
    """,
    "_pydevd_bundle/__init__.py": "",
    "_pydevd_bundle/pydevd_api.py": """
        import sys

        class PyDevdAPI:
            def set_dont_trace_start_end_patterns(self, server, start, end):
                sys.modules["debugpy"].note("hide", start, end)
    """,
}
TESTS = """
    import unittest

    class Tests(unittest.TestCase):
        def test_1_passes(self):
            pass

        def test_2_fails(self):
            left = 3
            self.assertEqual(left, 4)

        def test_3_fails_in_parts(self):
            for part in range(2):
                with self.subTest(part=part):
                    self.assertEqual(part, 0)

        @unittest.expectedFailure
        def test_4_fails_as_expected(self):
            self.fail()
"""


class DebugTests(ProjectTestCase):
    files = {**SHOP, "test_it.py": TESTS}

    def setUp(self) -> None:
        self.worker = self.fork()
        self.folder = self.worker.scratch / f"debugpy-{self.worker.capture.stem}"
        write(self.folder, DEBUGPY)

    def mark(self, name: str) -> Path:
        path = self.folder / "debugpy" / name
        path.touch()
        return path

    def notes(self, kind: str) -> list[Any]:
        lines = (self.folder / "debugpy" / "notes").read_text(encoding="utf-8").splitlines()
        return [note[1:] for note in map(json.loads, lines) if note[0] == kind]

    def attach(self, stops: bool = False) -> JSON:
        return self.worker.request("debug", folder=str(self.folder), stopOnFailure=stops)

    def run_all(self) -> dict[str, JSON]:
        verdicts = self.worker.run_all("test_it")
        return {name.rpartition(".")[2]: verdict for name, verdict in verdicts.items()}

    def test_a_client_is_waited_for(self) -> None:
        worker = self.worker
        worker.send({"id": "d", "method": "debug", "params": self.params()})
        self.assertEqual(self.heard(worker, "debugger"), {"host": "127.0.0.1", "port": 4242})
        self.assertEqual(self.notes("listen"), [[["127.0.0.1", 0]]])
        self.assertEqual(self.notes("configure"), [[{"subProcess": False}]])
        client = self.mark("client")
        self.assertEqual(self.answer(worker, "d"), {})
        hidden = self.notes("hide")[0][0]
        self.assertEqual([Path(each).name for each in hidden], ["debugpy", "hotclub_worker"])
        states = {name: verdict["state"] for name, verdict in self.run_all().items()}
        self.assertEqual(list(states.values()), ["passed", "failed", "failed", "xfailed"])
        self.assertTrue(worker.reports[0]["debugged"])
        self.assertNotIn("footprint", worker.reports[0])
        self.assertEqual(worker.ended["imported"], [])
        self.assertEqual(self.notes("stoptrace"), [[]])
        self.assertEqual(self.notes("stop"), [])
        client.unlink()

    def test_a_client_that_has_left(self) -> None:
        client = self.mark("client")
        self.attach(stops=True)
        client.unlink()
        self.run_all()
        self.assertFalse(self.worker.reports[0]["debugged"])
        self.assertEqual(self.notes("stop"), [])

    def test_a_cancel_ends_the_waiting(self) -> None:
        self.worker.send({"id": "d", "method": "debug", "params": self.params()})
        self.heard(self.worker, "debugger")
        self.worker.send({"method": "cancel"})
        self.assertEqual(self.answer(self.worker, "d"), {})

    def test_the_end_of_the_server_ends_the_waiting(self) -> None:
        self.worker.send({"id": "d", "method": "debug", "params": self.params()})
        self.heard(self.worker, "debugger")
        with running(self.worker._hang_up):
            self.assertIn("status", self.layer.request("reap", pid=self.worker.pid))

    def test_stops_in_the_innermost_own_frame(self) -> None:
        self.mark("client")
        self.attach(stops=True)
        self.run_all()
        text = (self.worker.root / "test_it.py").read_text(encoding="utf-8").splitlines()
        fails = text.index("        self.assertEqual(left, 4)") + 1
        part = text.index("                self.assertEqual(part, 0)") + 1
        self.assertEqual(
            self.notes("stop"),
            [
                ["AssertionError", fails, {"left": "3"}],
                ["AssertionError", part, {"part": "1"}],
            ],
        )

    def test_a_folder_is_on_the_path_only_meanwhile(self) -> None:
        self.mark("client")
        write(self.worker.root, {"test_path.py": PATH})
        self.attach()
        verdicts = self.worker.run_all("test_path")
        self.assertEqual([verdict["state"] for verdict in verdicts.values()], ["passed"])

    def test_without_debugpy(self) -> None:
        with self.assertRaisesRegex(Refusal, "debugpy is not installed in .*-m pip install"):
            self.worker.request("debug", folder="", stopOnFailure=False)

    def test_debugpy_that_does_not_listen(self) -> None:
        self.mark("broken")
        with self.assertRaisesRegex(Refusal, "debugpy cannot listen: RuntimeError: no room"):
            self.attach()

    def params(self) -> JSON:
        return {"folder": str(self.folder), "stopOnFailure": False}

    def heard(self, worker: Server, method: str) -> JSON:
        while True:
            message = worker.receive()
            if message.get("method") == method:
                params: JSON = message["params"]
                return params

    def answer(self, worker: Server, token: str) -> JSON:
        while True:
            message = worker.receive()
            if message.get("id") == token:
                result: JSON = message["result"]
                return result


PATH = """
    import sys, unittest

    class Tests(unittest.TestCase):
        def test_path(self):
            self.assertEqual([each for each in sys.path if "debugpy-" in each], [])
"""


class OlderDebugpyTests(unittest.TestCase):
    """Before it had trigger_exception_handler."""

    def test_stops_with_tracing_off(self) -> None:
        stopped: list[Any] = []

        class Info:
            is_tracing = 0

        class Server:
            info = Info()

            def set_additional_thread_info(self, thread: Any) -> Info:
                return self.info

            def do_stop_on_unhandled_exception(
                self, thread: Any, frame: Any, frames: Any, error: Any
            ) -> None:
                stopped.append((frame.f_code.co_name, self.info.is_tracing, error[0]))

        debugger = Debugger.__new__(Debugger)
        server: Any = Server()
        debugger._stops, debugger._own = True, lambda path: path == __file__
        setattr(debugger, "_server", lambda: server)  # noqa: B010
        setattr(debugger, "attached", lambda: True)  # noqa: B010
        with temporary() as place:
            try:
                (place / "nowhere" / "file").read_text()
            except OSError:
                debugger.failed(sys.exc_info())
        self.assertEqual(stopped, [("test_stops_with_tracing_off", 1, FileNotFoundError)])
        self.assertEqual(server.info.is_tracing, 0)
