import io
import sys
import time
import unittest
from typing import Any, Callable, Optional

from hotclub_worker import failure
from hotclub_worker.result import streaming

from .support import temporary

_EMPTY: dict[str, int] = {}


class Project:
    """What ``look`` asks of a project: whether a file is its own."""

    def own(self, path: str) -> bool:
        return path == __file__


class Hearing:
    """A listener that keeps the messages."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def entered(self, test: Any) -> None:
        pass

    def stopped(self, test: Any) -> None:
        pass

    def look(self, err: Any) -> dict[str, Any]:
        return failure.look(Project(), err)

    def heard(self, test: Any, state: str, sight: Any = None, text: str = "", **more: Any) -> None:
        if sight is not None:
            self.messages.append(failure.message(sight, text))


def messages_of(kind: type[unittest.TestCase]) -> list[dict[str, Any]]:
    hearing = Hearing()
    result = streaming(unittest.TextTestResult, hearing)(_Stream(), True, 0)
    kind("test_it").run(result)
    return hearing.messages


class _Stream(io.StringIO):
    def writeln(self, text: str = "") -> None:
        pass


def message_of(
    test: Callable[[Any], Any],
    setUp: Optional[Callable[[Any], Any]] = None,
    tearDown: Optional[Callable[[Any], Any]] = None,
) -> dict[str, Any]:
    """The one message of a test with these methods."""
    parts = {"test_it": test, "setUp": setUp, "tearDown": tearDown}
    methods = {name: method for name, method in parts.items() if method is not None}
    kind = type("Case", (unittest.TestCase,), methods)
    (message,) = messages_of(kind)
    return message


class ValuesTests(unittest.TestCase):
    def values(self, test: Callable[[Any], Any]) -> Any:
        message = message_of(test)
        return message.get("actual"), message.get("expected")

    def test_equalities_bring_what_was_compared(self) -> None:
        for test, actual, expected in (
            (lambda self: self.assertEqual(1, 2), "1", "2"),
            (lambda self: self.assertEqual("a", "b"), "a", "b"),
            (lambda self: self.assertEqual([1, "x"], []), "[1, 'x']", "[]"),
            (lambda self: self.assertEqual({"b": 1, "a": 2}, {}), "{'a': 2, 'b': 1}", "{}"),
            (lambda self: self.assertEqual((1,), (2,), "words"), "(1,)", "(2,)"),
            (lambda self: self.assertEqual({1}, {2}), "{1}", "{2}"),
            (lambda self: self.assertMultiLineEqual("a\nb", "a"), "a\nb", "a"),
            (lambda self: self.assertCountEqual([1], [2]), "[1]", "[2]"),
            (lambda self: self.assertAlmostEqual(1, 2), "1", "2"),
        ):
            self.assertEqual(self.values(test), (actual, expected))

    def test_others_bring_none(self) -> None:
        for test in (
            lambda self: self.assertTrue(0),
            lambda self: self.fail("no"),
            lambda self: self.assertNotEqual(1, 1),
            lambda self: _EMPTY["x"],
        ):
            self.assertEqual(self.values(test), (None, None))

    def test_long_values_are_cut(self) -> None:
        message = message_of(lambda self: self.assertEqual("x" * 500_000 + "end", "y"))
        self.assertLess(len(message["actual"]), 70_000)
        self.assertIn("more characters", message["actual"])
        self.assertTrue(message["actual"].endswith("end"))
        self.assertEqual(message["expected"], "y")

    def test_long_values_have_a_line_for_each_item(self) -> None:
        order = {"number": 17, "lines": [1, 2], "customer": "Ada Lovelace", "paid": True}
        actual, expected = self.values(lambda self: self.assertEqual(order, {**order, "paid": 0}))
        lines = ["{'customer': 'Ada Lovelace',", " 'lines': [1, 2],", " 'number': 17,"]
        self.assertEqual(actual.split("\n"), [*lines, " 'paid': True}"])
        self.assertEqual(expected.split("\n"), [*lines, " 'paid': 0}"])

    def test_a_short_value_beside_a_long_one_has_lines_as_well(self) -> None:
        few = ["one word", "a second word"]
        kinds: list[Callable[[list[str]], Any]] = [list, tuple, set, frozenset, dict.fromkeys]
        for kind in kinds:

            def test(self: Any, kind: Callable[[list[str]], Any] = kind) -> None:
                self.assertEqual(kind([*few, "x" * 40]), kind(few))

            actual, expected = self.values(test)
            self.assertEqual([len(actual.split("\n")), len(expected.split("\n"))], [3, 2])
            self.assertEqual(expected.split("\n")[0][:-1], actual.split("\n")[0][:-1])

    def test_one_item_and_words_stay_whole(self) -> None:
        for short in (["two words"], {"key": "two words"}, "two words", None):

            def test(self: Any, short: Any = short) -> None:
                self.assertEqual(list(range(40)), short)

            actual, expected = self.values(test)
            self.assertEqual(len(actual.split("\n")), 40)
            self.assertEqual(expected, short if isinstance(short, str) else repr(short))

    def test_what_would_take_long_is_not_cut_into_lines(self) -> None:
        deep: Any = []
        for _ in range(400):
            deep = [deep]
        wide = list(range(1_000_000))

        class Compared:
            """Has the frame of assertEqual, without unittest's own diff, which takes minutes."""

            def assertEqual(self, first: Any, second: Any) -> None: ...

        for value in (deep, wide):
            frame: Any = _Frame(Compared.assertEqual.__code__, value, 1)
            begun = time.process_time()
            compared = failure._compared(frame)
            self.assertLess(time.process_time() - begun, 2)
            assert compared is not None
            self.assertLessEqual(compared[0].count("\n"), 2, "the mark of what is left out has two")
            self.assertLess(len(compared[0]), 70_000)

    def test_values_that_cannot_be_shown(self) -> None:
        class Odd:
            def __repr__(self) -> str:
                raise SystemExit

        def test(self: Any) -> None:
            odd, other = Odd(), Odd()
            frame: Any = None
            try:
                self.assertEqual(1, 2)
            except AssertionError:
                frame = sys.exc_info()[2]
            while frame.tb_next is not None and frame.tb_frame.f_code.co_name != "assertEqual":
                frame = frame.tb_next
            self.assertIsNone(failure._compared(_Frame(frame.tb_frame.f_code, odd, other)))

        self.assertEqual(messages_of(type("Case", (unittest.TestCase,), {"test_it": test})), [])


class _Frame:
    def __init__(self, code: Any, first: Any, second: Any) -> None:
        self.f_code = code
        self.f_locals = {"first": first, "second": second}


class SummaryTests(unittest.TestCase):
    def test_first_line(self) -> None:
        for test, summary in (
            (lambda self: self.assertEqual(1, 2), "1 != 2"),
            (lambda self: self.assertEqual([1], [2]), "Lists differ: [1] != [2]"),
            (lambda self: self.fail("one\ntwo"), "one"),
            (lambda self: self.fail("\n two"), "two"),
            (lambda self: _EMPTY["x"], "KeyError: 'x'"),
        ):
            self.assertEqual(message_of(test)["summary"], summary)

    def test_without_words_the_name(self) -> None:
        def silent(self: Any) -> None:
            raise AssertionError("  \n")

        def bare(self: Any) -> None:
            raise ValueError

        self.assertEqual(message_of(silent)["summary"], "AssertionError")
        self.assertEqual(message_of(bare)["summary"], "ValueError")

    def test_errors_that_cannot_be_formatted(self) -> None:
        for raised in (RuntimeError("inner"), SystemExit(3), KeyboardInterrupt()):

            def broken(self: Any, raised: BaseException = raised) -> str:
                raise raised

            error = type("Broken", (Exception,), {"__str__": broken, "__repr__": broken})
            summary = failure._summary((error, error(), None))
            self.assertEqual(summary, "Broken: <its message could not be formatted>")

        def test(self: Any) -> None:
            raise type("Broken", (Exception,), {"__str__": lambda self: 3})

        message = message_of(test)
        self.assertEqual(message["summary"], "Broken: <its message could not be formatted>")
        self.assertIn("in test", message["text"])


class PlaceTests(unittest.TestCase):
    def test_phases(self) -> None:
        def broken(self: Any) -> None:
            raise ValueError

        def fine(self: Any) -> None:
            pass

        def cleanup(self: Any) -> None:
            self.addCleanup(broken, self)

        self.assertEqual(message_of(fine, setUp=broken)["phase"], "setUp")
        self.assertEqual(message_of(broken)["phase"], "call")
        self.assertEqual(message_of(fine, tearDown=broken)["phase"], "tearDown")
        self.assertEqual(message_of(cleanup)["phase"], "tearDown")

    def test_what_a_test_calls_is_the_test(self) -> None:
        def tearDown() -> None:
            raise ValueError

        def test_it(self: Any) -> None:
            tearDown()

        self.assertEqual(message_of(test_it)["phase"], "call")

    def test_the_innermost_own_frame_is_the_place(self) -> None:
        import json

        def test(self: Any) -> None:
            json.loads("{")

        message = message_of(test)
        line = test.__code__.co_firstlineno + 1
        self.assertEqual(message["location"], {"file": __file__, "line": line})
        self.assertEqual([frame["own"] for frame in message["frames"]][:2], [True, False])
        self.assertEqual(message["frames"][0]["label"], "test")
        self.assertNotIn("unittest", str([frame["file"] for frame in message["frames"]]))

    def test_a_syntax_error_lies_in_its_file(self) -> None:
        with temporary() as folder:
            file = folder / "broken.py"
            file.write_text("x = 1\ny = (\n")

            def test(self: Any) -> None:
                compile(file.read_text(), str(file), "exec")

            message = message_of(test)
        self.assertEqual(message["location"], {"file": str(file), "line": 2})

    def test_a_syntax_error_of_a_text_lies_in_the_test(self) -> None:
        def test(self: Any) -> None:
            compile("y = (", "<text>", "exec")

        self.assertEqual(message_of(test)["location"]["file"], __file__)

    def test_deep_recursion_is_cut(self) -> None:
        def down(self: Any) -> None:
            down(self)

        message = message_of(down)
        self.assertTrue(message["summary"].startswith("RecursionError: "))
        self.assertLessEqual(len(message["frames"]), 100)
        self.assertEqual(message["location"]["file"], __file__)


class TextTests(unittest.TestCase):
    def test_our_own_frames_are_left_out(self) -> None:
        ours = (
            f'  File "{failure._HERE}queries.py", line 3, in counted\n    return x\n           ^\n'
        )
        theirs = '  File "/p/tests.py", line 1, in test\n    x()\n'
        text = f"Traceback:\n{theirs}{ours}{theirs}E: no\n"
        self.assertEqual(
            failure.message({"phase": "call"}, text)["text"], f"Traceback:\n{theirs}{theirs}E: no\n"
        )

    def test_the_text_is_what_unittest_writes(self) -> None:
        message = message_of(lambda self: self.assertEqual(1, 2))
        self.assertTrue(message["text"].startswith("Traceback (most recent call last):"))
        self.assertIn("AssertionError: 1 != 2", message["text"])
        self.assertNotIn("unittest/case.py", message["text"])

    def test_causes_stay(self) -> None:
        def test(self: Any) -> None:
            try:
                _EMPTY["inner"]
            except KeyError as error:
                raise ValueError("outer") from error

        text = message_of(test)["text"]
        self.assertIn("KeyError: 'inner'", text)
        self.assertIn("ValueError: outer", text)
