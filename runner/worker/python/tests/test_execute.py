from typing import Any

from .suites import OUTCOME_STATES, ExecuteTestCase


class OutcomeTests(ExecuteTestCase):
    def test_every_outcome(self) -> None:
        verdicts = self.verdicts("tests_outcomes", "Outcomes")
        states = {name.partition(".")[2]: verdict["state"] for name, verdict in verdicts.items()}
        self.assertEqual(states, OUTCOME_STATES)
        got = {name.partition(".")[2]: verdict for name, verdict in verdicts.items()}
        self.assertNotIn("messages", got["test_passed"])
        self.assertEqual(self.output(got["test_passed"]), "said\n")
        self.assertEqual(self.output(got["test_failed"]), "about to fail\n")
        (message,) = got["test_failed"]["messages"]
        self.assertEqual((message["actual"], message["expected"]), ("[1]", "[2]"))
        self.assertEqual(message["phase"], "call")
        self.assertEqual(got["test_skipped"]["reason"], "not today")
        self.assertEqual(got["test_skipped_by_decorator"]["reason"], "never")
        self.assertEqual(got["test_subtest_skips"]["reason"], "this part")
        parts = [(part["phase"], part["subtest"]) for part in got["test_subtests_fail"]["messages"]]
        self.assertEqual(parts, [("subtest", "[part] (i=1)"), ("subtest", "[part] (i=3)")])
        (part,) = got["test_subtest_skips_and_fails"]["messages"]
        self.assertEqual(part["subtest"], "(i=1)")
        self.assertEqual(
            {
                name: sorted((each["description"], each["state"]) for each in verdict["subtests"])
                for name, verdict in got.items()
                if "subtests" in verdict
            },
            {
                "test_subtests_pass": [(f"(i={i})", "passed") for i in range(3)],
                "test_subtests_fail": [
                    (f"[part] (i={i})", "failed" if i % 2 else "passed") for i in range(4)
                ],
                "test_subtest_skips": [("(i=0)", "skipped"), ("(i=1)", "passed")],
                "test_subtest_skips_and_fails": [("(i=0)", "skipped"), ("(i=1)", "failed")],
            },
        )
        phases = [message["phase"] for message in got["test_two_messages"]["messages"]]
        self.assertEqual(phases, ["call", "tearDown"])
        self.assertEqual(self.worker.reports[0]["stopped"], [])

    def test_closed_streams_cost_nobody_else(self) -> None:
        verdicts = self.verdicts("tests_outcomes", "Streams")
        self.assertEqual({verdict["state"] for verdict in verdicts.values()}, {"passed"})
        self.assertEqual(self.output(verdicts["Streams.test_then_prints"]), "still here\n")

    def test_every_test_begins_once_before_it_ends(self) -> None:
        self.worker.collect("shop.tests_outcomes.Outcomes")
        verdicts = self.verdicts("tests_outcomes", "Outcomes")
        started = [params["test"] for params in self.worker.taken("started")]
        self.assertEqual(started, list(range(len(verdicts))))

    def test_fixtures_of_a_test(self) -> None:
        verdicts = self.verdicts("tests_outcomes", "SetUpFails", "TearDownFails")
        phases = {name: verdict["messages"][0]["phase"] for name, verdict in verdicts.items()}
        self.assertEqual(
            phases, {"SetUpFails.test_it": "setUp", "TearDownFails.test_it": "tearDown"}
        )
        self.assertEqual({verdict["state"] for verdict in verdicts.values()}, {"errored"})

    def test_fixtures_of_a_class(self) -> None:
        verdicts = self.verdicts("tests_outcomes", "ClassFails", "ClassSkips", "SkippedClass")
        self.assertEqual(
            {name: verdict["state"] for name, verdict in verdicts.items()},
            {
                "ClassFails.test_one": "errored",
                "ClassFails.test_two": "errored",
                "ClassSkips.test_one": "skipped",
                "SkippedClass.test_it": "skipped",
            },
        )
        for name in ("ClassFails.test_one", "ClassFails.test_two"):
            (message,) = verdicts[name]["messages"]
            self.assertEqual(
                (message["phase"], message["summary"]), ("setUpClass", "ValueError: no class")
            )
        self.assertEqual(verdicts["ClassSkips.test_one"]["reason"], "no class today")
        self.assertEqual(self.output(verdicts["ClassFails.test_one"]), "cleaned up\n")
        self.assertEqual(self.worker.taken("fixture"), [])

    def test_a_class_that_exits(self) -> None:
        verdicts = self.verdicts("tests_outcomes", "ClassExits")
        self.assertEqual([verdict["state"] for verdict in verdicts.values()], ["errored"] * 2)
        for verdict in verdicts.values():
            self.assertEqual(verdict["messages"][0]["summary"], "SystemExit: 1")
            self.assertEqual(verdict["messages"][0]["phase"], "setUpClass")

    def test_the_end_of_a_class(self) -> None:
        states = self.states("tests_outcomes", "TearDownClassFails")
        self.assertEqual(states, {"TearDownClassFails.test_it": "passed"})
        (fixture,) = self.worker.taken("fixture")
        self.assertEqual((fixture["phase"], fixture["state"]), ("tearDownClass", "errored"))
        self.assertEqual(fixture["name"], "shop.tests_outcomes.TearDownClassFails")
        self.assertEqual(fixture["messages"][0]["summary"], "ValueError: no end")
        self.assertEqual(self.output(fixture), "tearing down\n")

    def test_what_unittest_lets_fly_ends_the_worker_not_the_run(self) -> None:
        states = self.states("tests_outcomes", "Flies")
        self.assertEqual(states, {"Flies.test_it": "errored"})
        (report,) = self.worker.reports
        self.assertEqual(report["stopped"], [1])
        self.assertEqual(report["problem"], "KeyboardInterrupt came out of a test")

    def test_failfast(self) -> None:
        unit = self.worker.collect("shop.tests_outcomes.Outcomes")[0]
        names = [test["name"] for test in unit["tests"]]
        self.worker.request(
            "begin", labels=["shop.tests_outcomes"], options=["--failfast"], rung="stream"
        )
        verdicts: dict[str, Any] = {}
        report = self.worker.run_unit(unit, verdicts)
        first_bad = min(names.index(name) for name in ("test_errored", "test_exits", "test_failed"))
        self.assertEqual(report["stopped"], list(range(first_bad + 1, len(names))))
        self.assertEqual(len(verdicts), first_bad + 1)

    def test_cancel_stops_before_the_next_test(self) -> None:
        unit = self.worker.collect("shop.tests_outcomes.Outcomes")[0]
        self.worker.request("begin", labels=[unit["label"]], options=[], rung="stream")
        self.worker.send({"method": "cancel", "params": {}})
        # Before its unit it is meant for none.
        verdicts: dict[str, Any] = {}
        self.worker.request("check", aliases=[])
        self.assertEqual(self.worker.run_unit(unit, verdicts)["stopped"], [])
        names = [test["label"] for test in unit["tests"]]
        self.worker.send(
            {"id": 77, "method": "run", "params": {"labels": [unit["label"]], "tests": names}}
        )
        self.worker.send({"method": "cancel", "params": {}})
        while "result" not in (message := self.worker.receive()):
            pass
        self.assertGreater(len(message["result"]["stopped"]), 0)

    def test_a_test_that_is_gone(self) -> None:
        self.worker.request("begin", labels=["shop.tests_outcomes"], options=[], rung="stream")
        name = "shop.tests_outcomes.Outcomes.test_no_more"
        self.worker.request("run", labels=["shop.tests_outcomes.Outcomes"], tests=[name])
        (finished,) = self.worker.taken("finished")
        self.assertEqual(finished["state"], "failed")
        self.assertIn("could not be loaded again", finished["messages"][0]["text"])

    def test_buffered_output_comes_with_the_failure(self) -> None:
        verdicts = self.verdicts("tests_outcomes", "Outcomes", options=("--buffer",))
        self.assertEqual(self.output(verdicts["Outcomes.test_passed"]), "")
        self.assertIn("about to fail", verdicts["Outcomes.test_failed"]["messages"][0]["text"])


class ModuleTests(ExecuteTestCase):
    def test_fixtures_outlive_the_unit(self) -> None:
        states = self.states("tests_module", "A", "B")
        self.assertEqual(states, {"A.test_rows": "passed", "B.test_rows": "passed"})
        self.assertEqual(self.worker.printed().count("module up"), 1)
        self.assertEqual(self.worker.printed().count("module down"), 1)

    def test_a_class_that_commits_brings_the_module_to_its_end(self) -> None:
        states = self.states("tests_module")
        self.assertEqual(set(states.values()), {"passed"})
        self.assertEqual(len(states), 4)
        printed = self.worker.printed()
        self.assertEqual(printed.count("module up"), printed.count("module down"))
        self.assertEqual(printed.count("module up"), 2)

    def test_rows_of_a_module_go_with_it(self) -> None:
        verdicts = self.worker.run_all("shop.tests_module.A", "shop.tests_rows.Rolls")
        self.assertEqual({verdict["state"] for verdict in verdicts.values()}, {"passed"})

    def test_a_module_that_fails(self) -> None:
        verdicts = self.verdicts("tests_module_fails")
        self.assertEqual([verdict["state"] for verdict in verdicts.values()], ["errored"] * 3)
        for verdict in verdicts.values():
            (message,) = verdict["messages"]
            self.assertEqual(
                (message["phase"], message["summary"]), ("setUpModule", "ValueError: no module")
            )
        after = self.worker.run_all("shop.tests_outcomes.SkippedClass")
        self.assertEqual([verdict["state"] for verdict in after.values()], ["skipped"])

    def test_a_module_that_fails_does_not_touch_the_next(self) -> None:
        verdicts = self.worker.run_all("shop.tests_module_fails.B",
                                       "shop.tests_outcomes.TearDownFails",
                                       "shop.tests_module_skips")  # fmt: skip
        states = {name.split(".")[1]: verdict["state"] for name, verdict in verdicts.items()}
        self.assertEqual(
            states,
            {
                "tests_module_fails": "errored",
                "tests_outcomes": "errored",
                "tests_module_skips": "skipped",
            },
        )
        phases = {v["messages"][0]["phase"] for n, v in verdicts.items() if "TearDown" in n}
        self.assertEqual(phases, {"tearDown"})

    def test_a_module_that_skips(self) -> None:
        verdict = self.verdicts("tests_module_skips")["A.test_it"]
        self.assertEqual((verdict["state"], verdict["reason"]), ("skipped", "no module today"))

    def test_the_end_of_a_module(self) -> None:
        self.assertEqual(self.states("tests_module_ends_badly"), {"A.test_it": "passed"})
        (fixture,) = self.worker.taken("fixture")
        self.assertEqual(
            (fixture["phase"], fixture["name"]), ("tearDownModule", "shop.tests_module_ends_badly")
        )
        self.assertEqual(fixture["messages"][0]["summary"], "ValueError: no end of the module")


class RowTests(ExecuteTestCase):
    def test_every_class_begins_on_the_migrated_state(self) -> None:
        # A class by itself, before others that would notice what it left.
        for first in ("Rolls", "Commits", "Serialized", "Plain"):
            worker = self.worker = self.fork(self.templates)
            begun = ["Rolls", "CommitsAgain", "PlainAgain", "Serialized"]
            labels = [f"shop.tests_rows.{name}" for name in [first, *begun]]
            units = [unit for label in labels for unit in worker.collect(label)]
            worker.request("begin", labels=labels, options=[], rung="stream")
            for unit in units:
                verdicts: dict[str, Any] = {}
                report = worker.run_unit(unit, verdicts)
                self.assertIsNone(report["problem"])
                for name, verdict in verdicts.items():
                    self.assertEqual(verdict["state"], "passed", (first, name, verdict))

    def test_queries_are_counted(self) -> None:
        verdicts = self.verdicts("tests_rows", "Queries")
        few = verdicts["Queries.test_none"].get("queries", 0)
        self.assertGreaterEqual(verdicts["Queries.test_three"]["queries"], few + 1)
        more = self.verdicts("tests_rows", "Queries")["Queries.test_three"]["queries"]
        self.assertGreaterEqual(more, 3)

    def test_sql_of_a_failure(self) -> None:
        verdicts = self.verdicts("tests_rows", "Commits", options=("--debug-sql",))
        self.assertEqual(verdicts["Commits.test_it"]["state"], "passed")

    def test_the_working_directory_comes_back(self) -> None:
        self.assertEqual(
            self.states("tests_rows", "Wanders", "WandersAgain"),
            {"Wanders.test_away": "passed", "WandersAgain.test_home": "passed"},
        )

    def test_a_transaction_left_open_is_a_problem(self) -> None:
        self.states("tests_rows", "LeavesOpen")
        self.assertIn("the connection of 'default' was left", self.worker.reports[0]["problem"])
