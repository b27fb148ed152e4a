import type * as vscode from "vscode";
import { beforeEach, expect, test as it } from "vitest";

import { ordersOf } from "../../src/orders";
import { Problems } from "../../src/problems";
import type { Test, Verdict } from "../../src/protocol";
import { Runs } from "../../src/runs";
import { Tree } from "../../src/tree";
import { FakeSession } from "./session";
import { all, file, fileItems, item, project, test, verdict } from "./shop";
import { CancellationTokenSource, TestController, type TestItem, type TestRun, TestRunRequest } from "./testing";
import { fake, settle } from "./window";

let session: FakeSession;
let controller: TestController;
let tree: Tree;
let runs: Runs;

beforeEach(() => {
  fake.reset();
  session = new FakeSession();
  controller = new TestController();
  tree = new Tree(controller as unknown as vscode.TestController);
  tree.replace(all(fileItems("test_cart.py", ["test_add", "test_drop"]), fileItems("test_till.py", ["test_open"])));
  const problems = new Problems(fake.log as unknown as vscode.LogOutputChannel);
  runs = new Runs(session.real(), tree, controller as unknown as vscode.TestController, problems, () => undefined);
});

const id = (name: string): string => `${file("test_cart.py")}::T::${name}`;
const find = (wanted: string): TestItem => tree.find(wanted) as unknown as TestItem;
const request = (...ids: string[]): vscode.TestRunRequest => new TestRunRequest(ids.map(find)) as unknown as vscode.TestRunRequest;

/** Asks for a run of items, as the explorer does. */
function ask(...ids: string[]): { done: Promise<void>; source: CancellationTokenSource } {
  const source = new CancellationTokenSource();
  const done = runs.carryOut(ordersOf(request(...ids), tree), source.token as unknown as vscode.CancellationToken);
  return { done, source };
}

function begin(runId: string, ...tests: Test[]): void {
  session.tell("hotclub/runStarted", { runId, tests, workers: 1, startMethod: "fork", generation: "g1" });
}

function finished(name: string, made: Verdict, output?: string): Parameters<FakeSession["events"]>[1] {
  return { event: "finished", test: test(name), verdict: made, ...(output !== undefined && { output }) };
}

/** Runs test_add to a verdict. */
async function runOne(made: Verdict, output?: string): Promise<TestRun> {
  const { done } = ask(id("test_add"));
  const runId = await session.accept();
  begin(runId, test("test_add"));
  session.events(runId, { event: "started", id: id("test_add"), worker: "w1", at: "" }, finished("test_add", made, output));
  await session.finish(runId, { counts: { [made.state]: 1 } });
  await done;
  return latest();
}

function latest(): TestRun {
  const run = controller.runs.at(-1);
  if (run === undefined) {
    throw new Error("no run is shown");
  }
  return run;
}

it("tells the states of a test in their order, with its time, and ends the run", async () => {
  const run = await runOne(verdict("passed"), "one\ntwo");
  expect(run.steps.map((step) => step.state)).toEqual(["enqueued", "started", "passed"]);
  expect(run.steps.at(-1)?.duration).toBe(1.5);
  expect(run.output).toContain("one\r\ntwo\r\n");
  expect(run.output).toContain("1 passed in 12 ms.");
  expect(run.ended).toBe(true);
});

it("shows a failure with expected and actual, its line, and its stack with the innermost frame first", async () => {
  const run = await runOne(
    verdict("failed", [
      {
        text: "Traceback …\nAssertionError: 3 != 4",
        summary: "3 != 4",
        expected: "4",
        actual: "3",
        location: { file: "/shop/test_cart.py", line: 9 },
        frames: [
          { label: "test_add", file: "/shop/test_cart.py", line: 9, own: true },
          { label: "total", file: "/shop/cart.py", line: 3, own: true },
        ],
        phase: "call",
      },
    ]),
  );
  const [message] = run.steps.at(-1)?.messages ?? [];
  expect(message).toMatchObject({ message: "3 != 4", expectedOutput: "4", actualOutput: "3", location: { position: { line: 8 } } });
  expect(message?.stackTrace?.map((frame) => [frame.label, frame.position?.line])).toEqual([["total", 2], ["test_add", 8]]);
  expect(run.output).toContain("Traceback …\r\nAssertionError: 3 != 4\r\n");
});

it("says in which phase something broke, and whole what has no stack", async () => {
  const run = await runOne(verdict("errored", [{ text: "the worker died\nlast words", summary: "died", phase: "worker" }]));
  expect(run.steps.at(-1)).toMatchObject({ state: "errored", messages: [{ message: "in worker: the worker died\nlast words" }] });
});

it("has a word for a test that should have failed, and takes one that failed as it should as passed", async () => {
  expect((await runOne(verdict("xpassed"))).steps.at(-1)).toMatchObject({
    state: "failed",
    messages: [{ message: "It passed, although it is marked as an expected failure." }],
  });
  expect((await runOne(verdict("xfailed"))).stateOf("test_add")).toBe("passed");
  const skipped = await runOne({ ...verdict("skipped"), reason: "not today" });
  expect(skipped.stateOf("test_add")).toBe("skipped");
  expect(skipped.output).toContain("skipped: not today");
});

it("shows subtests as children, those that passed too", async () => {
  const text = "AssertionError: 3 == 3";
  const run = await runOne({
    ...verdict("failed", [{ text, phase: "subtest", subtest: "(i=3)" }]),
    subtests: [
      { description: "(i=2)", state: "passed" },
      { description: "(i=3)", state: "failed" },
    ],
  });
  expect(run.stateOf("(i=2)")).toBe("passed");
  expect(run.steps.find((step) => step.label === "(i=3)")).toMatchObject({ state: "failed", messages: [{ message: text }] });
  expect(run.steps.at(-1)).toMatchObject({ label: "test_add", state: "failed", messages: [{ message: "A subtest did not pass: (i=3)" }] });
  const again = await runOne(verdict("passed"));
  expect(again.stateOf("(i=3)")).toBeUndefined();
  expect(find(id("test_add")).children.size).toBe(0);
});

it("shows failing subtests of a server that tells of no others", async () => {
  const run = await runOne(
    verdict("errored", [
      { text: "AssertionError: no", phase: "subtest", subtest: "(i=1)" },
      { text: "KeyError: 2", phase: "subtest", subtest: "(i=2)" },
      { text: "RuntimeError: the till is open", phase: "tearDown" },
    ]),
  );
  expect([run.stateOf("(i=1)"), run.stateOf("(i=2)")]).toEqual(["failed", "errored"]);
  expect(run.steps.at(-1)?.messages.map((each) => each.message)).toEqual(["in tearDown: RuntimeError: the till is open"]);
});

it("leaves out what the person excluded, and runs each project by itself", () => {
  const other = { ...item("q//", undefined, "project", { name: "office" }) };
  tree.apply({ revision: 1, items: [other, item("q//a.py", "q//", "file"), item("q//a.py::A", "q//a.py", "class")], removed: [], errors: [] });
  const asked = new TestRunRequest(undefined, [find(id("test_drop"))]) as unknown as vscode.TestRunRequest;
  expect(ordersOf(asked, tree).map((order) => [order.name, order.params])).toEqual([
    ["shop", { select: { ids: [project] }, exclude: [id("test_drop")] }],
    ["office", { select: { ids: ["q//"] } }],
  ]);
});

it("runs the test of a subtest", async () => {
  const parent = tree.testItem(test("test_add"));
  const [part] = tree.subtests(parent, ["(i=1)"]);
  const asked = new TestRunRequest([part as unknown as TestItem, parent as unknown as TestItem]) as unknown as vscode.TestRunRequest;
  expect(ordersOf(asked, tree)[0]?.params.select.ids).toEqual([parent.id]);
  await settle();
});

it("cancels the run of a request, and of a click on the run's own button", async () => {
  const { done, source } = ask(file("test_cart.py"));
  const runId = await session.accept();
  begin(runId, test("test_add"), test("test_drop"));
  session.events(runId, finished("test_add", verdict("passed")));
  source.cancel();
  expect(session.last("hotclub/cancelRun").params).toEqual({ runId });
  session.events(runId, finished("test_drop", { state: "cancelled", reason: "somebody stopped the run" }));
  await session.finish(runId, { outcome: "cancelled", counts: { passed: 1, cancelled: 1 } });
  await done;
  expect(latest().stateOf("test_drop")).toBe("enqueued");
  expect(latest().output).toContain("cancelled: 1 passed, 1 cancelled");

  const second = ask(id("test_add"));
  const next = await session.accept();
  latest().cancel();
  expect(session.last("hotclub/cancelRun").params).toEqual({ runId: next });
  await session.finish(next, { outcome: "cancelled" });
  await second.done;
});

it("cancels a run that is cancelled before the server has taken it", async () => {
  const { done, source } = ask(id("test_add"));
  source.cancel();
  const runId = await session.accept();
  expect(session.last("hotclub/cancelRun").params).toEqual({ runId });
  await session.finish(runId, { outcome: "cancelled" });
  await done;
  expect(latest().ended).toBe(true);
});

it("shows a run that was begun elsewhere, with exactly its tests", async () => {
  session.tell("hotclub/runStarted", {
    runId: "theirs", tests: [test("test_add"), test("test_generated")], workers: 2, startMethod: "fork", generation: "g1", origin: "hotclub run",
  });
  session.events("theirs", finished("test_add", verdict("passed")), finished("test_generated", verdict("failed", [{ text: "no" }])));
  await session.finish("theirs");
  expect(latest().name).toBe("2 tests, run by hotclub run");
  expect([latest().stateOf("test_add"), latest().stateOf("test_generated")]).toEqual(["passed", "failed"]);
  expect(latest().request.preserveFocus).toBe(true);
  expect(latest().output).toContain("begun by hotclub run, and can be stopped only there");
  expect(latest().ended).toBe(true);
});

it("shows an error of a class or file at its item", async () => {
  const { done } = ask(file("test_cart.py"));
  const runId = await session.accept();
  begin(runId, test("test_add"));
  const broken = verdict("errored", [{ text: "RuntimeError: the till is open", phase: "tearDownClass" }]);
  session.events(runId, { event: "classErrored", id: `${file("test_cart.py")}::T`, kind: "class", label: "test_cart.T", verdict: broken });
  await session.finish(runId);
  await done;
  expect(latest().steps.at(-1)).toMatchObject({ label: "T", state: "errored", messages: [{ message: "in tearDownClass: RuntimeError: the till is open" }] });
});

it("shows why a run was refused, at what was to be run and once as a message", async () => {
  const { done } = ask(id("test_add"));
  await session.last("hotclub/run").refuse(new Error("no project here"));
  await done;
  expect(latest().steps.at(-1)).toMatchObject({ state: "errored", messages: [{ message: "no project here" }] });
  expect(latest().ended).toBe(true);
  expect(fake.messages.map((each) => each.text)).toEqual(["no project here"]);
});

it("shows why a project does not start", async () => {
  const { done } = ask(id("test_add"));
  const runId = await session.accept();
  await session.finish(runId, { outcome: "error", error: "settings are broken", failed: true });
  await done;
  expect(latest().steps.at(-1)).toMatchObject({ state: "errored", messages: [{ message: "settings are broken" }] });
  expect(fake.messages.map((each) => each.text)).toEqual(["The tests could not be run: settings are broken"]);
});

it("says that nothing was run only if no project had anything", async () => {
  const done = runs.carryOut([{ params: { select: { failed: true, ids: ["p//"] } } }, { params: { select: { failed: true, ids: ["q//"] } } }]);
  const [first, second] = session.asked;
  const answer = { total: 0, position: 0, unsaved: [], workers: { ready: 0, booting: 0, running: 0 } };
  await first?.answer(answer);
  await second?.answer(answer);
  await session.finish(first?.params["runId"] as string, { outcome: "nothing", error: "no test has failed" });
  await session.finish(second?.params["runId"] as string, { outcome: "nothing", error: "no test has failed" });
  await done;
  expect(fake.messages.map((each) => each.text)).toEqual(["No test was run: no test has failed"]);
  expect(controller.runs).toEqual([]);
});

it("tells what is waited for, also before there is a run to tell it in", async () => {
  const done = runs.carryOut([{ params: { select: { uri: "file:///shop/test_cart.py" } } }]);
  const runId = await session.accept("hotclub/run", ["file:///shop/test_cart.py"]);
  session.tell("hotclub/notice", { runId, text: "booting a worker" });
  expect(controller.runs).toEqual([]);
  begin(runId, test("test_add"));
  await session.finish(runId);
  await done;
  expect(latest().output).toMatch(/Warning: Not saved, .*test_cart\.py\r\nbooting a worker\r\nRunning 1 test on 1 worker \(fork\)\.\r\n/);
});

it("ends what nobody will tell the end of when the server is gone", async () => {
  const { done } = ask(id("test_add"));
  const runId = await session.accept();
  begin(runId, test("test_add"));
  session.enter({ state: "failed", reason: "Hotclub's server has ended." });
  await done;
  expect(latest().ended).toBe(true);
  expect(latest().output).toContain("Hotclub's server has ended.");
  await session.finish(runId); // too late, and nobody minds
});

it("starts nothing in a workspace that is not trusted", async () => {
  fake.trusted = false;
  await ask(id("test_add")).done;
  expect(session.asked).toEqual([]);
  expect(fake.messages).toHaveLength(1);
});
