"""A debugger in a worker: debugpy, of the project's environment or from a folder that an editor
brings along.

debugpy starts a process of its own, the adapter, which clients attach to. It leaves our session;
Hotclub's server knows it by its environment and ends it when we are gone.
"""

import importlib
import os
import sys
import threading
import time
from types import TracebackType
from typing import Any, Callable, Optional

from hotclub_worker.wire import Wire
from hotclub_worker.worker import Refused

_HERE = os.path.dirname(os.path.abspath(__file__))
_LOOK = 0.02  # seconds between two looks for a client: debugpy itself waits in this way
_PATIENCE = 4.0  # seconds that a client may take to hear of the end and to leave

Error = tuple[Any, Any, Any]


class Debugger:
    """debugpy, listening. ``own`` tells the files of the project."""

    def __init__(self, folder: str, stops: bool, own: Callable[[str], bool]) -> None:
        self._stops = stops
        self._own = own
        self._debugpy = _import(folder)
        # What tests start stays what it is: a client of one process would have to attach again.
        self._debugpy.configure(subProcess=False)
        try:
            self.host, self.port = self._debugpy.listen(("127.0.0.1", 0))
        except Exception as error:
            raise Refused(f"debugpy cannot listen: {type(error).__name__}: {error}") from error
        self._adapter = _adapter()
        self._pydevd: Any = importlib.import_module("pydevd")
        self._leave_us_out()

    def _leave_us_out(self) -> None:
        """Hides our frames from stacks and steps, as debugpy's own are."""
        api = importlib.import_module("_pydevd_bundle.pydevd_api").PyDevdAPI()
        ours = (os.path.dirname(os.path.abspath(self._debugpy.__file__)), _HERE)
        api.set_dont_trace_start_end_patterns(self._server(), ours, ("debugpy_launcher.py",))

    def _server(self) -> Any:
        return self._pydevd.get_global_debugger()

    def attached(self) -> bool:
        """Whether a client is there and has said which breakpoints it wants."""
        return bool(self._debugpy.is_client_connected())

    def wait(self, wire: Wire) -> None:
        """Waits for a client, or until Hotclub's server has something to say: that the run is
        cancelled."""
        while not self.attached() and wire.receive_waiting() is None:
            time.sleep(_LOOK)

    def failed(self, error: Error) -> None:
        """Stops where a test has failed, if that is wanted: in the innermost frame that is the
        project's, with all that it knew, before the tear-down (on Python 3.11 and newer)."""
        if not self._stops or not self.attached():
            return
        trace = self._up_to_own(error[2])
        if trace is None:
            return
        server = self._server()
        error = (error[0], error[1], trace)
        if hasattr(server, "trigger_exception_handler"):
            server.trigger_exception_handler(error, as_uncaught=False)
            return
        while trace.tb_next is not None:
            trace = trace.tb_next
        thread = threading.current_thread()
        info = server.set_additional_thread_info(thread)
        info.is_tracing += 1
        try:
            server.do_stop_on_unhandled_exception(thread, trace.tb_frame, {}, error)
        finally:
            info.is_tracing -= 1

    def _up_to_own(self, trace: Optional[TracebackType]) -> Optional[TracebackType]:
        """The traceback without what lies below the project's code, an assertion's say."""
        entries = []
        while trace is not None:
            entries.append(trace)
            trace = trace.tb_next
        while entries and not self._own(entries[-1].tb_frame.f_code.co_filename):
            entries.pop()
        kept = None
        for each in reversed(entries):
            kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
        return kept

    def leave(self) -> None:
        """Ends the session as the end of a program does, so that the client hears of it: what the
        adapter has not said when we go remains unsaid."""
        self._pydevd.stoptrace()
        if self._adapter is not None:
            _wait_for_end(self._adapter)


def _import(folder: str) -> Any:
    found = None
    try:
        found = importlib.import_module("debugpy")
    except ModuleNotFoundError as error:
        if error.name != "debugpy":
            raise
    if found is None and folder:
        sys.path.insert(0, folder)
        try:
            found = importlib.import_module("debugpy")
        finally:
            sys.path.remove(folder)
    if found is None:
        raise Refused(
            f"debugpy is not installed in {sys.executable}: {sys.executable} -m pip install debugpy"
        )
    return found


def _adapter() -> Optional[int]:
    """Linux: the adapter, which has become our child when its parent ended."""
    if sys.platform != "linux":
        return None
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
            with open(f"/proc/{name}/cmdline", "rb") as raw:
                ours = parent == os.getpid() and b"--for-server" in raw.read()
        except OSError:
            continue  # it has ended meanwhile
        if ours:
            return int(name)
    return None


def _wait_for_end(child: int) -> None:
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        import select

        try:
            descriptor = os.pidfd_open(child)
        except OSError:
            return  # it has ended
        select.select([descriptor], [], [], _PATIENCE)
        os.close(descriptor)
