import type * as vscode from "vscode";
import { afterEach, beforeEach, expect, test as it } from "vitest";

import { Debug } from "../../src/debug";
import { Problems } from "../../src/problems";
import { Runs } from "../../src/runs";
import { Tree } from "../../src/tree";
import { DebugAdapterServer, type DebugSession, fakeDebugger } from "./debugger";
import { FakeSession } from "./session";
import { all, file, fileItems } from "./shop";
import { TestController, TestRunRequest } from "./testing";
import { fake, settle, Uri } from "./window";

let session: FakeSession;
let controller: TestController;
let runs: Runs;
let debug: Debug;
let request: vscode.TestRunRequest;

beforeEach(() => {
  fake.reset();
  fakeDebugger.reset();
  session = new FakeSession();
  controller = new TestController();
  const tree = new Tree(controller as unknown as vscode.TestController);
  tree.replace(all(fileItems("test_cart.py", ["test_add"])));
  request = new TestRunRequest([...controller.items].map(([, item]) => item)) as unknown as vscode.TestRunRequest;
  const problems = new Problems(fake.log as unknown as vscode.LogOutputChannel);
  runs = new Runs(session.real(), tree, controller as unknown as vscode.TestController, problems, () => undefined);
  debug = new Debug(session.real(), runs, problems);
});

afterEach(() => {
  debug.dispose();
});

/** Begins a run under the debugger, up to the session. */
async function attach(): Promise<{ runId: string; debugged: DebugSession; done: Promise<void> }> {
  const done = runs.carryOut([debug.order({ params: { select: { ids: [file("test_cart.py")] } }, request })]);
  const runId = await session.accept("hotclub/debug");
  session.tell("hotclub/debuggerReady", { runId, host: "127.0.0.1", port: 5678, pid: 4711 });
  await settle();
  const debugged = { type: "hotclub", configuration: fakeDebugger.begun[0]?.configuration ?? {} };
  fakeDebugger.start(debugged);
  return { runId, debugged, done };
}

it("attaches to the worker that waits, as a part of the test run", async () => {
  const { debugged, runId, done } = await attach();
  expect(debugged.configuration).toMatchObject({ request: "attach", justMyCode: true, runId });
  expect(fakeDebugger.begun[0]?.options).toEqual({ testRun: controller.runs[0] });
  expect(fakeDebugger.descriptor?.(debugged)).toEqual(new DebugAdapterServer(5678, "127.0.0.1"));
  await session.finish(runId);
  await done;
  expect(fakeDebugger.stopped).toEqual([debugged]);
});

it("passes on what the person wants, and the debugpy of the Python Debugger", async () => {
  fake.set("hotclub.stopOnFailure", true);
  fake.install("ms-python.debugpy", { extensionUri: Uri.file("/ext/debugpy") });
  await attach();
  expect(session.last("hotclub/debug").params).toMatchObject({ stopOnFailure: true, debugpy: "/ext/debugpy/bundled/libs" });
});

it("cancels the run when the session is stopped", async () => {
  const { debugged, runId, done } = await attach();
  fakeDebugger.terminate(debugged);
  expect(session.last("hotclub/cancelRun").params).toEqual({ runId });
  await session.finish(runId, { outcome: "cancelled" });
  await done;
  expect(fakeDebugger.stopped).toEqual([]);
});

it("lets a session that begins again keep its run", async () => {
  const { debugged } = await attach();
  fakeDebugger.tracker?.(debugged).onWillReceiveMessage({ command: "disconnect", arguments: { restart: true } });
  fakeDebugger.terminate(debugged);
  expect(session.count("hotclub/cancelRun")).toBe(0);
});

it("cancels the run that no debugger can be attached to, and says so", async () => {
  fakeDebugger.refuses = true;
  const { runId } = await attach();
  expect(session.last("hotclub/cancelRun").params).toEqual({ runId });
  expect(fake.messages[0]?.text).toContain("could not be attached");
});

it("does not attach to the workers of others", async () => {
  session.tell("hotclub/debuggerReady", { runId: "theirs", host: "127.0.0.1", port: 5678, pid: 4711 });
  await settle();
  expect(fakeDebugger.begun).toEqual([]);
});

it("says why a run cannot be debugged", async () => {
  session.features.delete("debug");
  await runs.carryOut([debug.order({ params: { select: {} }, request })]);
  expect(fake.messages[0]?.text).toContain("cannot debug");
  expect(controller.runs[0]?.ended).toBe(true);
});
