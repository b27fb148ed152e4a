"""What the server can ask of a worker: one method of ``Worker`` for each request."""

import faulthandler
import gc
import os
import signal
import sys
import time
import traceback
from typing import Any, Callable, Optional

from hotclub_worker.capture import Capture
from hotclub_worker.failure import explained, named
from hotclub_worker.queries import QueryCounter
from hotclub_worker.reads import Recorder, spelled
from hotclub_worker.wire import JSON, Wire, end_with_children


class Refused(Exception):
    """A request that could not be served, with what a person needs to know about it."""

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.data = data


class Forked(Exception):
    """Raised in the child of a fork to leave the request of the parent unanswered."""


class Worker:
    """One process. Before ``boot`` it knows nothing of the project; after it, it serves from
    within the project's own ``manage.py``."""

    def __init__(self, wire: Wire, recorder: Recorder, born: float) -> None:
        self.wire = wire
        self.recorder = recorder
        self.capture = Capture()
        self.born = born
        self.forked = False
        self.queries = QueryCounter()
        self.calls: Any = None  # hotclub_worker.calls.Calls, where templates are to be built
        self.project: Any = None  # hotclub_worker.project.Project, once booted
        self.databases: Any = None  # hotclub_worker.databases.Databases
        self.session: Any = None  # hotclub_worker.execute.Session, while a run is on
        self.footprint: Any = None  # hotclub_worker.footprint.Footprint, where it is wanted
        self.measurement: Any = None  # hotclub_worker.coverage.Measurement, where it is wanted
        self.debugger: Any = None  # hotclub_worker.debug.Debugger, where tests are debugged
        if hasattr(os, "register_at_fork"):
            # A child must not speak for us, nor keep the connection open when we end.
            os.register_at_fork(after_in_child=lambda: self.wire.close())

    def run(self) -> None:
        """Serves until the server goes away."""
        while True:
            message = self.wire.receive()
            if message.get("method") == "boot":
                self._boot(message)
            self._answer(message)

    def serve(self) -> None:
        """The loop of a booted worker; ``boot`` runs it deep inside manage.py."""
        while True:
            self._answer(self.wire.receive())

    def _boot(self, message: JSON) -> None:
        from hotclub_worker import boot

        arm_stack(self.capture.own)
        _adopt_orphans(True)

        # So early that a change of what has been read already can begin the boot again.
        self.recorder.tell(self.report_reads)

        def ready(report: JSON) -> None:
            self.recorder.tell(None)
            if self.calls is not None:
                self.calls.gather()
            self._settle()
            # What is loaded stays: the collector need not walk over it, in no fork either.
            gc.collect()
            gc.freeze()
            self.report_reads()
            self.wire.send({"id": message["id"], "result": report})
            self.serve()

        self._observe(message["params"])
        try:
            boot.boot(self, message["params"], ready)
        except boot.BootFailed as failure:
            self.recorder.tell(None)
            self.report_reads()
            self._refuse(message, str(failure), failure.data)
        # A project that does not boot leaves a half-imported process: it is of no more use.
        self.wire.receive()
        os._exit(1)

    def _answer(self, message: JSON) -> None:
        method = message.get("method", "")
        handler: Optional[Callable[[JSON], Any]] = getattr(self, "do_" + method, None)
        if "id" not in message:
            return  # a cancel that came after the unit it was meant for
        if handler is None:
            self._refuse(message, f"unknown request {method!r}", {})
            return
        try:
            result = handler(message.get("params") or {})
        except Forked:
            return
        except Refused as refusal:
            self.report_reads()
            self._refuse(message, str(refusal), refusal.data)
        except BaseException as error:  # the project's code may raise anything
            self.report_reads()
            directory = self.project.directory if self.project else os.getcwd()
            self._refuse(message, named(error), explained(error, directory))
        else:
            self.report_reads()
            self.wire.send({"id": message["id"], "result": result})

    def _refuse(self, message: JSON, text: str, data: JSON) -> None:
        error = {"code": -32000, "message": text, "data": data}
        self.wire.send({"id": message["id"], "error": error})

    def _observe(self, params: JSON) -> None:
        """Begins to note what tests execute, before anything of the project is."""
        from hotclub_worker.footprint import Footprint, depth_of

        depth = depth_of(params.get("depth", "off"))
        if depth != "off":
            self.footprint = self.recorder.footprint = Footprint(params["root"], depth)
            self.footprint.install()

    def _settle(self) -> None:
        if self.footprint is not None:
            self.footprint.settle()

    def report_reads(self) -> bool:
        """Tells what has been read since the last time; whether there was anything."""
        entries = self.recorder.drain()
        if entries:
            self.wire.notify("reads", {"entries": [spelled(entry) for entry in entries]})
        return bool(entries)

    # Requests, in the order of a worker's life.

    def do_fork(self, params: JSON) -> JSON:
        """Forks a worker that shares all this process has loaded."""
        _adopt_orphans(False)  # those of a fork that has ended shall be seen to be orphans
        self.capture.offset()  # what waits to be printed would be printed by the child as well
        self._settle()
        child = os.fork()
        if child:
            return {"pid": child}
        self._become(params)
        raise Forked

    def do_base(self, params: JSON) -> JSON:
        """Imports what a project needs from outside itself, for projects to be booted in forks."""
        from hotclub_worker import base

        return base.load(self.recorder, params)

    def do_survey(self, params: JSON) -> JSON:
        """What a booted process has imported from outside the project."""
        from hotclub_worker import base

        return base.survey(self.recorder)

    def do_environment(self, params: JSON) -> JSON:
        """Makes the variables those of the client whose tests come next. The boot has read none of
        them, and what happens here is no reading either."""
        self.recorder.replace_environment(params["set"], params["unset"])
        return {}

    def do_prime(self, params: JSON) -> JSON:
        """Loads into a layer what tests were seen to need."""
        self.project.prime_more(params["modules"])
        gc.collect()
        gc.freeze()
        self.databases.close_all()
        return {"unsafe": self.project.unsafe_to_fork(self.databases)}

    def do_reap(self, params: JSON) -> JSON:
        """Collects a forked worker that has been killed or has ended; answers how it ended."""
        try:
            _, status = os.waitpid(params["pid"], 0)
        except ChildProcessError:
            status = 0
        return {"status": status}

    def _become(self, params: JSON) -> None:
        try:
            self.forked = True
            self.born = time.time()
            os.setsid()
            _die_with_parent()
            self.capture.redirect(params["capture"])
            self.wire = Wire.dial(params["address"])
            arm_stack(self.capture.own)
            self.wire.notify("hello", {"token": params["token"]})
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def do_attach(self, params: JSON) -> JSON:
        """Gives the worker its number and its databases."""
        os.environ["HOTCLUB_WORKER"] = str(params["slot"])
        _adopt_orphans(True)
        if self.footprint is not None:
            self.footprint.watch_memory()
        self.project.take_slot(params["slot"], self.forked)
        return {"databases": self.databases.attach(params["databases"], self)}

    def do_rehearse(self, params: JSON) -> JSON:
        """Goes through what tests have in common, where nobody waits for the worker yet."""
        return {"problem": self.databases.rehearse()}

    def do_schemas(self, params: JSON) -> JSON:
        """Which databases stand behind some aliases, and what their schema depends on."""
        from hotclub_worker import fingerprint

        return fingerprint.schemas(self, params["aliases"])

    def do_build(self, params: JSON) -> JSON:
        """Creates and migrates databases as the project does and writes them to files."""
        try:
            built: JSON = self.databases.build(params["places"], params["models"], self)
        except Exception as error:
            if "disk is full" not in str(error):
                raise
            places = ", ".join(os.path.dirname(place["path"]) for place in params["places"])
            raise Refused(
                f"{named(error)}; free some space on the file system of {places}, or give Hotclub "
                "a state directory on another one (XDG_STATE_HOME)"
            ) from error
        return built

    def _stop_calls(self) -> None:
        """Ends the watch over calls: tests come next."""
        if self.calls is not None:
            self.calls.stop()
            self.calls = None

    def do_own(self, params: JSON) -> JSON:
        """Lets the project's runner set up its databases in this very process."""
        self.project.take_slot(params["slot"], self.forked)
        own: JSON = self.databases.set_up_own(params["aliases"])
        self.project.keep_ready([])  # what the set-up left on the first runner goes with it
        return own

    def do_disown(self, params: JSON) -> JSON:
        self.databases.tear_down_own()
        return {}

    def do_check(self, params: JSON) -> JSON:
        """The system checks, as DiscoverRunner.run_checks makes them after the set-up."""
        return {"error": self.project.check(params["aliases"])}

    def do_collect(self, params: JSON) -> JSON:
        from hotclub_worker.collect import collect

        self._stop_calls()
        return collect(self.project, params["labels"], params["options"])

    def do_debug(self, params: JSON) -> JSON:
        """Waits for a debugger. From here on nobody else listens to what is executed."""
        from hotclub_worker.debug import Debugger

        self._stop_calls()
        if self.footprint is not None:
            self.footprint.uninstall()
            self.footprint = self.recorder.footprint = None
        _adopt_orphans(True)
        debugger = Debugger(params["folder"], params["stopOnFailure"], self.project.own)
        self.debugger = debugger
        self.wire.notify("debugger", {"host": debugger.host, "port": debugger.port})
        debugger.wait(self.wire)
        return {}

    def do_begin(self, params: JSON) -> JSON:
        """Begins this worker's part in a run."""
        from hotclub_worker.execute import Session

        self._stop_calls()
        self.session = Session(self, params)
        return {"base": self.footprint.token if self.footprint is not None else ""}

    def do_footprint(self, params: JSON) -> JSON:
        """What had happened in this process, or in its layer, before it got its part in a run."""
        return self.footprint.base() if self.footprint is not None else {}

    def do_run(self, params: JSON) -> JSON:
        """Runs one unit; the verdicts travel as notifications before the answer."""
        result: JSON = self.session.run(params)
        if self.debugger is not None:
            result["debugged"] = self.debugger.attached()
        return result

    def do_end(self, params: JSON) -> JSON:
        """Ends this worker's part in a run: module fixtures are torn down."""
        session, self.session = self.session, None
        session.end()
        if self.debugger is not None:
            self.debugger.leave()
            return {"imported": []}  # debugpy is nothing that other workers need
        result = {"imported": self.project.imported_from_outside()}
        if self.footprint is not None:
            result["footprint"] = self.footprint.report()
        return result

    def do_measured(self, params: JSON) -> JSON:
        """Saves what this process, and its layer before it, has executed so far."""
        with self.recorder.aside():
            self.measurement.save(params["path"])
        return {}

    def do_coverage(self, params: JSON) -> JSON:
        """What the processes of a run have executed together, from what each has saved."""
        coverage: JSON = self.measurement.report(params["paths"])
        return coverage

    def do_judge(self, params: JSON) -> JSON:
        """What the project's own ``suite_result`` makes of a run that others have carried out."""
        from hotclub_worker.judge import judge

        return judge(self.project, params)

    def do_cold(self, params: JSON) -> JSON:
        """The whole of ``manage.py test`` in this process, only the verdicts are listened to."""
        from hotclub_worker.cold import run_cold

        result = run_cold(self, params)
        if self.debugger is not None:
            self.debugger.leave()
        return result

    def do_exit(self, params: JSON) -> JSON:
        """An orderly end, for workers whose runner has something to tear down."""
        self.project.tear_down()
        return {}

    def do_quit(self, params: JSON) -> JSON:
        end_with_children()
        return {}


def arm_stack(descriptor: int) -> None:
    """Lets the server ask for the stacks of all threads, also of one that hangs in C code: they
    are written to the capture file, wherever the test has led standard error."""
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR2, file=descriptor, all_threads=True)


def _adopt_orphans(yes: bool) -> None:
    """Linux: what this process starts and lets go of, a daemon say, stays below it, so that the
    server finds it when the process ends."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, int(yes), 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _die_with_parent() -> None:
    """Linux: the end of the layer, which ends with the server, ends its forks."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
