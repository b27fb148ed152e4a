import io
import unittest
from typing import Any

from hotclub_worker.result import Outcome, streaming

ORDER = ("passed", "skipped", "xfailed", "xpassed", "failed", "errored")


class OutcomeTests(unittest.TestCase):
    def test_the_worst_stays(self) -> None:
        for i, one in enumerate(ORDER):
            for j, other in enumerate(ORDER):
                outcome = Outcome()
                outcome.worsen(one)
                outcome.worsen(other)
                self.assertEqual(outcome.state, ORDER[max(i, j)])

    def test_subtests_are_many(self) -> None:
        for length, told in ((10, 200), (1000, 20)):
            outcome = Outcome()
            for i in range(300):
                outcome.add_part(f"{i:{length}}", "passed")
            self.assertEqual(len(outcome.parts), told)
            self.assertEqual(outcome.parts[-1]["description"].strip(), str(told - 1))


class Listener:
    def __init__(self, log: list[Any]) -> None:
        self.log = log

    def entered(self, test: Any) -> None:
        self.log.append("entered")

    def stopped(self, test: Any) -> None:
        pass

    def look(self, err: Any) -> Any:
        self.log.append("look")
        return {"type": err[0].__name__}

    def heard_part(self, test: Any, description: str, state: str) -> None:
        self.log.append(["part", description, state])

    def heard(self, test: Any, state: str, sight: Any = None, text: str = "", **more: Any) -> None:
        kept = {name: value for name, value in more.items() if value}
        self.log.append((state, sight and sight["type"], text.strip().rpartition("\n")[2], kept))


class _Stream(io.StringIO):
    def writeln(self, text: str = "") -> None:
        self.write(text + "\n")


class Case(unittest.TestCase):
    def passed(self) -> None:
        pass

    def failed(self) -> None:
        self.fail("no")

    def errored(self) -> None:
        raise ValueError("no")

    def skipped(self) -> None:
        self.skipTest("why")

    @unittest.expectedFailure
    def xfailed(self) -> None:
        self.fail("no")

    @unittest.expectedFailure
    def xpassed(self) -> None:
        pass

    def subtests(self) -> None:
        for i in range(4):
            with self.subTest("part", i=i):
                self.assertNotEqual(i, 1)
                if i == 2:
                    raise ValueError("two")

    def subskip(self) -> None:
        with self.subTest(i=0):
            self.skipTest("part")
        with self.subTest(i=1):
            self.fail("other")


def heard(method: str, base: type = unittest.TextTestResult) -> tuple[list[Any], Any]:
    log: list[Any] = []
    result = streaming(base, Listener(log))(_Stream(), True, 0)
    Case(method).run(result)
    return log, result


class StreamingTests(unittest.TestCase):
    def test_every_outcome(self) -> None:
        for method, told in (
            ("passed", [("passed", None, "", {})]),
            ("failed", ["look", ("failed", "AssertionError", "AssertionError: no", {})]),
            ("errored", ["look", ("errored", "ValueError", "ValueError: no", {})]),
            ("skipped", [("skipped", None, "", {"reason": "why"})]),
            ("xfailed", [("xfailed", None, "", {})]),
            ("xpassed", [("xpassed", None, "", {})]),
        ):
            self.assertEqual(heard(method)[0], ["entered", *told], method)

    def test_subtests_one_by_one(self) -> None:
        log, result = heard("subtests")
        outcomes = [entry for entry in log if isinstance(entry, tuple)]
        self.assertEqual(
            [(state, kind, more["subtest"]) for state, kind, _, more in outcomes],
            [
                ("failed", "AssertionError", "[part] (i=1)"),
                ("errored", "ValueError", "[part] (i=2)"),
            ],
        )
        self.assertEqual((len(result.failures), len(result.errors)), (1, 1))
        self.assertEqual(
            [entry for entry in log if isinstance(entry, list)],
            [
                ["part", "[part] (i=0)", "passed"],
                ["part", "[part] (i=1)", "failed"],
                ["part", "[part] (i=2)", "errored"],
                ["part", "[part] (i=3)", "passed"],
            ],
        )

    def test_a_skipped_subtest(self) -> None:
        states = sorted(entry[0] for entry in heard("subskip")[0] if isinstance(entry, tuple))
        self.assertEqual(states, ["failed", "skipped"])

    def test_the_base_does_its_own(self) -> None:
        class Shouting(unittest.TextTestResult):
            def addFailure(self, test: Any, err: Any) -> None:
                super().addFailure(test, err)
                self.stream.writeln("FAILED!")

        _, result = heard("failed", Shouting)
        self.assertIn("FAILED!", result.stream.getvalue())
        self.assertEqual(type(result).__name__, "Shouting")
        self.assertEqual(len(result.failures), 1)

    def test_a_base_that_keeps_nothing_is_asked_to_format(self) -> None:
        class Forgetful(unittest.TextTestResult):
            def addFailure(self, test: Any, err: Any) -> None:
                pass

        self.assertEqual(
            heard("failed", Forgetful)[0][-1],
            ("failed", "AssertionError", "AssertionError: no", {}),
        )

    def test_sql_beside_the_text(self) -> None:
        class DebugSQL(unittest.TextTestResult):
            def addError(self, test: Any, err: Any) -> None:
                super().addError(test, err)
                kept: list[Any] = self.errors
                kept[-1] = (*kept[-1], "SELECT 1")

        self.assertEqual(heard("errored", DebugSQL)[0][-1][3], {"sql": "SELECT 1"})

    def test_parameters_that_cannot_be_shown(self) -> None:
        class Odd:
            def __repr__(self) -> str:
                raise ValueError

        class WithOdd(Case):
            def runTest(self) -> None:
                with self.subTest(odd=Odd()):
                    self.fail("no")

        class Quiet(unittest.TextTestResult):
            def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
                pass

        log: list[Any] = []
        WithOdd("runTest").run(streaming(Quiet, Listener(log))(_Stream(), True, 0))
        self.assertEqual(log[-1][3]["subtest"], "(its parameters could not be formatted)")
