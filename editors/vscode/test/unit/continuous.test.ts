import type * as vscode from "vscode";
import { beforeEach, expect, test as it } from "vitest";

import { Continuous } from "../../src/continuous";
import { Problems } from "../../src/problems";
import { Runs } from "../../src/runs";
import { Tree } from "../../src/tree";
import { FakeSession } from "./session";
import { all, file, fileItems, test } from "./shop";
import { CancellationTokenSource, TestController } from "./testing";
import { fake, settle } from "./window";

let session: FakeSession;
let controller: TestController;
let continuous: Continuous;

beforeEach(() => {
  fake.reset();
  session = new FakeSession();
  controller = new TestController();
  const tree = new Tree(controller as unknown as vscode.TestController);
  tree.replace(all(fileItems("test_cart.py", ["test_add"])));
  const problems = new Problems(fake.log as unknown as vscode.LogOutputChannel);
  const runs = new Runs(session.real(), tree, controller as unknown as vscode.TestController, problems, () => undefined);
  continuous = new Continuous(session.real(), runs, problems);
});

const saves = "hotclub/saves";
const order = { params: { select: { ids: [file("test_cart.py")] } } };

async function watch(): Promise<{ source: CancellationTokenSource; done: Promise<void> }> {
  const source = new CancellationTokenSource();
  const done = continuous.watch("/shop", order, source.token as unknown as vscode.CancellationToken);
  await session.last(saves).answer({ changes: [] });
  return { source, done };
}

const saved = (): Promise<void> => session.last(saves).answer({ changes: [{ file: "/shop/cart.py", rule: "changed" }] });

/** A request that the server gives up, with the error that it answers then. */
const refused = (code: number): Error => Object.assign(new Error("refused"), { code });

it("runs what edits have changed at once, and again at each save", async () => {
  const { source, done } = await watch();
  expect(session.last("hotclub/run").params).toMatchObject({
    select: { ids: [file("test_cart.py")], affected: "sinceLastRun" },
    badFirst: true,
  });
  const first = await session.accept();
  await session.finish(first, { outcome: "nothing", unaffected: true, error: "no edit" });
  expect(controller.runs).toEqual([]);

  await saved();
  expect(session.count("hotclub/run")).toBe(2);
  const second = await session.accept();
  session.tell("hotclub/runStarted", { runId: second, tests: [test("test_add")], workers: 1, startMethod: "fork", generation: "g2" });
  expect(controller.runs[0]?.request.continuous).toBe(true);
  expect(controller.runs[0]?.output).toContain("/shop/cart.py changed\r\n");
  expect(fake.messages).toEqual([]);
  source.cancel();
  await done;
  expect(session.last("hotclub/cancelRun").params).toEqual({ runId: second });
});

it("cancels the run of the save before", async () => {
  const { source, done } = await watch();
  const first = await session.accept();
  await saved();
  expect(session.last("hotclub/cancelRun").params).toEqual({ runId: first });
  expect(session.count("hotclub/run")).toBe(2);
  source.cancel();
  await done;
});

it("asks for the saves of a project once, whoever watches it, and begins anew after the last has left", async () => {
  const one = await watch();
  const source = new CancellationTokenSource();
  const done = continuous.watch("/shop", order, source.token as unknown as vscode.CancellationToken);
  await settle();
  expect(session.count(saves)).toBe(2); // the beginning, and the wait
  source.cancel();
  one.source.cancel();
  await Promise.all([done, one.done]);
  await session.last(saves).refuse(refused(-32800));
  await watch();
  expect(session.count(saves)).toBe(4);
});

it("goes on when the daemon was replaced, and when the server runs again", async () => {
  const { source, done } = await watch();
  await session.last(saves).refuse(refused(-32802));
  expect(session.last(saves).params).toMatchObject({ begin: true });
  await session.last(saves).answer({ changes: [] });
  expect(session.count("hotclub/run")).toBe(2);

  session.enter({ state: "failed", reason: "gone" });
  await session.last(saves).refuse(refused(-32097));
  const before = session.count(saves);
  await settle();
  expect(session.count(saves)).toBe(before);
  session.enter({ state: "running" });
  await settle();
  expect(session.count(saves)).toBe(before + 1);
  source.cancel();
  await session.last(saves).answer({ changes: [] });
  await done;
});

it("ends with an error that asking again does not mend", async () => {
  const source = new CancellationTokenSource();
  const done = continuous.watch("/shop", order, source.token as unknown as vscode.CancellationToken);
  void session.last(saves).refuse(refused(-32803));
  await expect(done).rejects.toThrow("refused");
});
