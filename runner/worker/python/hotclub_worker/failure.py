"""Turns an exception into the message that a person sees. Formatted here, never pickled."""

import os
import pprint
import re
import traceback
from typing import Any, Optional

from hotclub_worker.wire import JSON

_LIMIT = 64 * 1024  # characters of an expected or actual value, and of a traceback
_LINE = 1024  # characters of a summary
_WIDTH = 44  # characters of a line of a value: a diff has two beside each other, in half a window
_LAID_OUT = 4 * _LIMIT  # characters of a value up to which it is cut into lines; that takes 0.1 s
_DEPTH = 100  # frames
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_OUR_FRAME = re.compile(
    r'  File "' + re.escape(_HERE) + r'[^"]*", line \d+, in [^\n]*\n(?:    [^\n]*\n)*'
)
# Assertions whose first two arguments are the values compared: actual first, as Django writes it.
_EQUALITIES = {
    "assertEqual", "assertMultiLineEqual", "assertSequenceEqual", "assertListEqual",
    "assertTupleEqual", "assertSetEqual", "assertDictEqual", "assertCountEqual",
    "assertHTMLEqual", "assertXMLEqual", "assertAlmostEqual",
}  # fmt: skip
_FIXTURES = {
    "_callSetUp": "setUp", "setUp": "setUp", "_pre_setup": "setUp", "_fixture_setup": "setUp",
    "_callTearDown": "tearDown", "tearDown": "tearDown", "doCleanups": "tearDown",
    "_post_teardown": "tearDown", "_fixture_teardown": "tearDown", "_callTestMethod": "call",
    "_handleClassSetUp": "setUpClass", "_handleModuleFixture": "setUpModule",
    "_tearDownPreviousClass": "tearDownClass", "_handleModuleTearDown": "tearDownModule",
}  # fmt: skip


def look(project: Any, error: Any) -> JSON:
    """What an exc_info triple tells by itself. To be called before unittest formats it, which
    cuts the frames of its assertions, and with them the values compared, out of the traceback."""
    frames, phase, values = _walk(project, error[2])
    sight: JSON = {"summary": _summary(error), "frames": frames, "phase": phase}
    own = [frame for frame in frames if frame["own"]]
    for frame in reversed(own or frames):
        sight["location"] = {"file": frame["file"], "line": frame["line"]}
        break
    if isinstance(error[1], SyntaxError) and os.path.isfile(error[1].filename or ""):
        sight["location"] = {"file": error[1].filename, "line": error[1].lineno or 1}
    if values is not None:
        sight["actual"], sight["expected"] = values
    return sight


def message(sight: JSON, text: str, phase: Optional[str] = None) -> JSON:
    """Completes a sight with the traceback as unittest formatted it."""
    sight["text"] = shortened(_OUR_FRAME.sub("", text))
    sight["phase"] = phase or sight["phase"]
    if phase == "import":
        # The loader has put the whole traceback into the exception; what happened is its end.
        sight["summary"] = text.strip().rpartition("\n")[2][:_LINE]
    return sight


_FRAME = re.compile(r'^  File "([^"]+)", line (\d+)(?:, in (.*))?$', re.MULTILINE)


def import_message(project: Any, text: str) -> JSON:
    """The message of a module that could not be imported: unittest's loader has made a text of the
    exception (``_make_failed_import_test``)."""
    told: JSON = {"text": shortened(_OUR_FRAME.sub("", text)), "phase": "import"}
    told["summary"] = text.rpartition("\n")[2][:_LINE]
    told["frames"] = [
        _frame(label or "<module>", file, int(line), project.own(file))
        for file, line, label in _FRAME.findall(text)
        if not file.startswith((_HERE, "<frozen importlib."))
    ][-_DEPTH:]
    own = [frame for frame in told["frames"] if frame["own"]]
    if own:
        told["location"] = {"file": own[-1]["file"], "line": own[-1]["line"]}
    return told


def explained(error: BaseException, directory: str) -> JSON:
    """What to say of an exception outside of tests: where in the project it arose, where that
    can be told, and the traceback without our own frames."""
    told = traceback.TracebackException(type(error), error, error.__traceback__)
    frames = list(told.stack)
    base = os.path.join(directory, "")

    def own(file: str) -> bool:
        return file.startswith(base) and "site-packages" not in file

    location = None
    for frame in frames:
        if own(frame.filename):
            location = {"file": frame.filename, "line": frame.lineno}
            launching = os.path.basename(frame.filename) == "manage.py" and frame is not frames[-1]
            location = None if launching else location
    if isinstance(error, SyntaxError) and error.filename:
        location = {"file": error.filename, "line": error.lineno or 1}
    _leave_us_out(told)
    return {
        "location": location,
        "summary": named(error),
        "frames": [
            _frame(frame.name, frame.filename, frame.lineno or 0, own(frame.filename))
            for frame in list(told.stack)[-_DEPTH:]
        ],
        "traceback": shortened("".join(told.format())),
    }


def _frame(label: str, file: str, line: int, own: bool) -> JSON:
    return {"label": label, "file": file, "line": line, "own": own}


def _leave_us_out(told: traceback.TracebackException) -> None:
    kept = [
        frame
        for frame in told.stack
        if not frame.filename.startswith((_HERE, "<frozen importlib."))
    ]
    told.stack = traceback.StackSummary.from_list(kept)
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _leave_us_out(other)


def shortened(text: str, limit: int = _LIMIT) -> str:
    """The beginning and the end of a text that is too long to be read."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} more characters …\n{text[-half:]}"


def named(error: BaseException) -> str:
    """The exception in one line, however long or unspeakable its message is."""
    return _summary((type(error), error, None))


def _summary(error: Any) -> str:
    try:
        text = str(error[1])
    except BaseException:  # it is the project's code
        text = "<its message could not be formatted>"
    name = str(getattr(error[0], "__name__", error[0]))
    first = text[:_LINE].strip().split("\n")[0]
    if issubclass(error[0], AssertionError) and first:
        return first
    return f"{name}: {first}" if first else name


def _walk(project: Any, trace: Any) -> tuple[list[JSON], str, Optional[tuple[str, str]]]:
    """The frames outside unittest, the phase that they lie in, and the values of an equality."""
    frames: list[JSON] = []
    phase, values = "call", None
    inside = False
    while trace is not None:
        frame, line = trace.tb_frame, trace.tb_lineno
        code = frame.f_code
        trace = trace.tb_next
        if "__unittest" in frame.f_globals or code.co_filename.startswith(_HERE):
            if not inside:
                phase = _FIXTURES.get(code.co_name, phase)
            if code.co_name in _EQUALITIES and values is None:
                values = _compared(frame)
            continue
        if code.co_name in _EQUALITIES and values is None:
            values = _compared(frame)  # Django's own assertions before 5.2 (ticket 35622)
        if not inside:
            phase = _FIXTURES.get(code.co_name, phase)
            inside = code.co_name.startswith("test")
        frames.append(_frame(code.co_name, code.co_filename, line, project.own(code.co_filename)))
    if len(frames) > _DEPTH:
        frames = frames[: _DEPTH // 2] + frames[-_DEPTH // 2 :]
    return frames, phase, values


def _compared(frame: Any) -> Optional[tuple[str, str]]:
    names = frame.f_code.co_varnames[1:3]
    try:
        if "first_seq" in frame.f_locals:  # assertCountEqual, which counts under the first names
            names = ("first_seq", "second_seq")
        first, second = (frame.f_locals[name] for name in names)
        return _shown(first, second)
    except BaseException:  # it is the project's code
        return None


def _shown(first: Any, second: Any) -> tuple[str, str]:
    """Two values as texts of which a diff can be read: where one is long both have a line for each
    item, so that those which are alike stand beside each other."""
    # unittest has made these texts, too, for its message: they cost no more than the failure did.
    both = [(value, value if isinstance(value, str) else repr(value)) for value in (first, second)]
    lines = any(len(text) > _WIDTH for value, text in both if not isinstance(value, str))
    one, other = (shortened(_laid_out(value, text, lines)) for value, text in both)
    return one, other


def _laid_out(value: Any, text: str, lines: bool) -> str:
    if isinstance(value, str) or len(text) > _LAID_OUT:
        return text
    width = _WIDTH
    if lines and isinstance(value, (dict, list, tuple, set, frozenset)) and len(value) > 1:
        width = min(width, len(text) - 1)  # it does not fit into one line; its items do
    try:
        return pprint.pformat(value, width=width)
    except RecursionError:  # it goes deeper than repr does
        return text
