import sys
import unittest
from typing import Any

from .suites import OUTCOME_STATES, ExecuteTestCase


class LadderTests(ExecuteTestCase):
    def test_the_suite_rung_gives_the_same_verdicts(self) -> None:
        self.assertEqual(
            {name.partition(".")[2]: state
             for name, state in self.states("tests_outcomes", "Outcomes", rung="suite").items()},
            OUTCOME_STATES,
        )  # fmt: skip

    def test_the_suite_rung_blames_fixtures(self) -> None:
        states = self.states("tests_outcomes", "ClassFails", "ClassSkips", rung="suite")
        self.assertEqual(
            states,
            {
                "ClassFails.test_one": "errored",
                "ClassFails.test_two": "errored",
                "ClassSkips.test_one": "skipped",
            },
        )
        states = self.states("tests_module_fails", "A", rung="suite")
        self.assertEqual(set(states.values()), {"errored"})

    def test_the_suite_rung_forgets_the_fixture_of_another_module(self) -> None:
        units = self.worker.collect("shop.tests_module_fails.B", "shop.tests_outcomes.Outcomes")
        self.worker.request("begin", labels=["shop"], options=["--failfast"], rung="suite")
        verdicts: dict[str, Any] = {}
        units.sort(key=lambda unit: unit["class"])
        self.worker.run_unit(units[0], verdicts)
        report = self.worker.run_unit(units[1], verdicts)
        self.assertGreater(len(report["stopped"]), 0)
        errored = [name for name, verdict in verdicts.items() if "setUpModule" in str(verdict)]
        self.assertEqual(errored, ["shop.tests_module_fails.B.test_it"])

    def test_the_suite_rung_resets_databases(self) -> None:
        for names in (("Commits", "CommitsAgain"), ("Plain", "PlainAgain"), ("Rolls",)):
            self.assertEqual(
                set(self.states("tests_rows", *names, rung="suite").values()), {"passed"}
            )

    @unittest.skipIf(
        sys.version_info[:3] == (3, 12, 1),
        "gh-113267: no startTest for skipped tests, by which Django numbers its events",
    )
    def test_the_replay_rung(self) -> None:
        states = self.states("tests_outcomes", "Outcomes", rung="replay")
        got = {name.partition(".")[2]: state for name, state in states.items()}
        self.maxDiff = None
        self.assertEqual(got, OUTCOME_STATES)
        states = self.states("tests_outcomes", "ClassFails", "ClassSkips", rung="replay")
        self.assertEqual(
            states,
            {
                "ClassFails.test_one": "errored",
                "ClassFails.test_two": "errored",
                "ClassSkips.test_one": "skipped",
            },
        )


class ColdTests(ExecuteTestCase):
    def cold(self, *labels: str, options: tuple[str, ...] = ()) -> tuple[dict[str, Any], Any]:
        worker = self.fork()
        names = [test["label"] for unit in worker.collect(*labels) for test in unit["tests"]]
        report = worker.request("cold", labels=list(labels), options=list(options), tests=names)
        finished = worker.taken("finished")
        self.assertEqual(len(finished), len({each["test"] for each in finished}))
        return {names[each["test"]].split(".", 2)[2]: each for each in finished}, report

    def test_verdicts(self) -> None:
        verdicts, report = self.cold("shop.tests_outcomes.Outcomes", "shop.tests_rows.Rolls")
        states = {name: verdict["state"] for name, verdict in verdicts.items()}
        want = {f"Outcomes.{name}": state for name, state in OUTCOME_STATES.items()}
        self.assertEqual(states, {**want, "Rolls.test_one": "passed", "Rolls.test_two": "passed"})
        self.assertEqual(report, {"failed": True, "stopped": []})

    def test_fixtures(self) -> None:
        module = "shop.tests_outcomes"
        verdicts, report = self.cold(
            f"{module}.ClassFails", f"{module}.ClassSkips", "shop.tests_module_fails",
            f"{module}.TearDownFails",
        )  # fmt: skip
        states = {name: verdict["state"] for name, verdict in verdicts.items()}
        self.assertEqual(
            states,
            {
                "A.test_one": "errored", "A.test_two": "errored", "B.test_it": "errored",
                "ClassFails.test_one": "errored", "ClassFails.test_two": "errored",
                "ClassSkips.test_one": "skipped", "TearDownFails.test_it": "errored",
            },
        )  # fmt: skip
        self.assertEqual(report["stopped"], [])
        self.assertEqual(verdicts["A.test_two"]["messages"][0]["phase"], "setUpModule")
        self.assertEqual(verdicts["TearDownFails.test_it"]["messages"][0]["phase"], "tearDown")

    def test_options(self) -> None:
        verdicts, report = self.cold("shop.tests_outcomes.Outcomes", options=("--failfast",))
        self.assertGreater(len(report["stopped"]), 0)
        self.assertEqual(len(verdicts) + len(report["stopped"]), len(OUTCOME_STATES))

    def test_the_developers_data_are_not_touched(self) -> None:
        _, report = self.cold("shop.tests_rows.Rolls")
        self.assertFalse(report["failed"])
        self.assertFalse((self.layer.root / "real.sqlite3").exists())
