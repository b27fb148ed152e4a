import os
import unittest
from typing import Any

from .support import script, temporary

# A process whose descriptors 1 and 2 are a file, as the server starts it. It answers through a
# copy of the first standard output.
PRELUDE = """
import json, os, subprocess, sys, traceback
answer = os.dup(1)
file = os.open(sys.argv[1] + "/out", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.dup2(file, 1), os.dup2(file, 2), os.close(file)
from hotclub_worker.capture import Capture
capture = Capture()
sys.excepthook = lambda *error: traceback.print_exception(*error, file=os.fdopen(answer, "w"))
def say(value): os.write(answer, json.dumps(value).encode() + b"\\n")
"""


class Captured(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = self.enterContext_(temporary())

    def enterContext_(self, manager: Any) -> Any:  # unittest has it from 3.11 on
        entered = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return entered

    def told(self, code: str) -> Any:
        return script(PRELUDE + code, str(self.directory), PYTHONUNBUFFERED="")

    def printed(self, name: str = "out") -> str:
        return str((self.directory / name).read_text())


class CaptureTests(Captured):
    def test_offset_counts_what_was_printed_at_any_level(self) -> None:
        told = self.told(
            """
offsets = [capture.offset()]
print("four", end=""); offsets.append(capture.offset())
sys.stderr.write("ä"); offsets.append(capture.offset())
os.write(1, b"xyz"); offsets.append(capture.offset())
subprocess.run(["echo", "child"]); offsets.append(capture.offset())
say(offsets)
"""
        )
        self.assertEqual(told, [0, 4, 6, 9, 15])
        self.assertEqual(self.printed(), "fouräxyzchild\n")

    def test_offset_bears_with_odd_streams(self) -> None:
        told = self.told(
            """
class Odd:
    def flush(self): raise RuntimeError("no")
os.write(1, b"12")
sys.stdout, sys.stderr = Odd(), None
one = capture.offset()
sys.stdout = sys.__stdout__; sys.stdout.close()
say([one, capture.offset()])
"""
        )
        self.assertEqual(told, [2, 2])

    def test_mend_opens_what_a_test_closed(self) -> None:
        self.told(
            """
sys.stdout.close()
capture.mend()
print("after close", flush=True)
os.close(1); os.close(2)
capture.mend()
print("after os.close", flush=True)
sys.stderr = None
capture.mend()
print("error", file=sys.stderr, flush=True)
os.write(2, b"two")
say(None)
"""
        )
        self.assertEqual(self.printed(), "after close\nafter os.close\nerror\ntwo")

    def test_mend_leaves_a_stream_in_order_alone(self) -> None:
        told = self.told(
            """
import io
before = sys.stdout
capture.mend()
same = sys.stdout is before
sys.stdout = mine = io.StringIO()
capture.mend()
say([same, sys.stdout is mine])
"""
        )
        self.assertEqual(told, [True, True])

    def test_redirect_begins_a_file_of_its_own(self) -> None:
        told = self.told(
            """
print("before", flush=True)
capture.redirect(sys.argv[1] + "/fork")
start = capture.offset()
print("after", flush=True); os.write(2, b"2")
end = capture.offset()
os.close(1); capture.mend(); os.write(1, b"mended")
say([start, end])
"""
        )
        self.assertEqual(told, [0, 7])
        self.assertEqual(self.printed(), "before\n")
        self.assertEqual(self.printed("fork"), "after\n2mended")
        self.assertEqual(os.stat(self.directory / "fork").st_mode & 0o777, 0o600)

    def test_restore_takes_back_what_a_test_replaced(self) -> None:
        told = self.told(
            """
import io
before = sys.stdout, sys.stderr, sys.stdin
capture.remember()
sys.stdout = io.StringIO(); sys.stderr = io.StringIO(); sys.stdin = io.StringIO("x")
other = os.open(sys.argv[1] + "/other", os.O_WRONLY | os.O_CREAT)
os.dup2(other, 1); os.dup2(other, 2)
readable = os.open(sys.argv[1] + "/out", os.O_RDONLY)
os.dup2(readable, 0)
capture.mend()  # between the tests of a class they stay
os.write(1, b"elsewhere")
capture.restore()
os.write(1, b"1"); os.write(2, b"2")
say([before == (sys.stdout, sys.stderr, sys.stdin), len(os.read(0, 10))])
"""
        )
        self.assertEqual(told, [True, 0])
        self.assertEqual(self.printed(), "12")
        self.assertEqual(self.printed("other"), "elsewhere")

    def test_a_closed_stream_is_not_brought_back(self) -> None:
        told = self.told(
            """
capture.remember()
sys.stdout.close()
capture.restore()
print("works", flush=True)
capture.restore()
print("still", flush=True)
say(sys.stdout.closed)
"""
        )
        self.assertFalse(told)
        self.assertEqual(self.printed(), "works\nstill\n")

    def test_c_keeps_nothing_in_its_buffers_when_python_does_not(self) -> None:
        told = script(
            PRELUDE
            + """
import ctypes
ctypes.CDLL(None).printf(b"from C")
say(capture.offset())
""",
            str(self.directory),
            PYTHONUNBUFFERED="1",  # as python -u
        )
        self.assertEqual(told, 6)


class SurroundingsTests(Captured):
    def test_the_directory_comes_back(self) -> None:
        told = self.told(
            """
from hotclub_worker.surroundings import Surroundings
root = sys.argv[1]
os.mkdir(root + "/home"), os.mkdir(root + "/away"), os.chdir(root + "/home")
surroundings = Surroundings(capture)
os.chdir(root + "/away")
surroundings.mend_directory()
kept = os.getcwd() == root + "/away"
surroundings.restore()
back = os.getcwd() == root + "/home"
os.chdir(root + "/away"), os.rmdir(root + "/away")
surroundings.mend_directory()
say([kept, back, os.getcwd() == root + "/home", surroundings.lost()])
"""
        )
        self.assertEqual(told, [True, True, True, None])

    def test_lowered_limits_are_lost(self) -> None:
        told = self.told(
            """
import resource
from hotclub_worker.surroundings import Surroundings
surroundings = Surroundings(capture)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
say(surroundings.lost())
"""
        )
        self.assertEqual(told, "a test changed the limits of the process")
