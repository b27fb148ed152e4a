import type * as vscode from "vscode";
import { expect, test as it } from "vitest";

import { Coverage, detailsOf } from "../../src/coverage";
import { FakeSession } from "./session";
import { CancellationTokenSource, type FileCoverage, type StatementCoverage, TestRun, TestRunRequest } from "./testing";
import { settle } from "./window";

it("makes a statement of each line, with the branches that leave it", () => {
  const details = detailsOf({
    executed: [[0, 1], [4, 4]],
    missed: [[2, 2]],
    branches: [{ line: 1, to: 2, taken: false }, { line: 1, to: 4, taken: true }, { line: 4, to: -1, taken: true }],
  }) as unknown as StatementCoverage[];
  expect(details.map((each) => [each.location.start.line, each.executed])).toEqual([[0, true], [1, true], [4, true], [2, false]]);
  expect(details[1]?.branches.map((each) => [each.label, each.executed])).toEqual([["to line 3", false], ["to line 5", true]]);
  expect(details[2]?.branches.map((each) => each.label)).toEqual(["to the end"]);
});

it("adds the files of a run to it, and asks for the lines of one when they are looked at", async () => {
  const session = new FakeSession();
  const coverage = new Coverage(session.real());
  const order = coverage.order({ params: { select: {} } });
  expect(order.params.coverage).toEqual({ branches: true });
  const run = new TestRun(new TestRunRequest(), undefined);
  const concluded = order.conclude?.(run as unknown as vscode.TestRun, "run-1");
  await session.last("hotclub/coverage").answer({
    tool: "coverage 7.6.1",
    files: [{ uri: "file:///shop/cart.py", executed: 3, total: 4, branchesExecuted: 1, branchesTotal: 2 }, { uri: "file:///shop/till.py", executed: 0, total: 9 }],
  });
  await concluded;
  const [cart, till] = run.covered as [FileCoverage, FileCoverage];
  expect(cart).toMatchObject({ uri: { fsPath: "/shop/cart.py" }, statementCoverage: { covered: 3, total: 4 }, branchCoverage: { covered: 1, total: 2 } });
  expect(till.branchCoverage).toBeUndefined();

  const token = new CancellationTokenSource().token as unknown as vscode.CancellationToken;
  const details = coverage.detail(cart as unknown as vscode.FileCoverage, token);
  await settle();
  expect(session.last("hotclub/coverage").params).toEqual({ runId: "run-1", uri: "file:///shop/cart.py" });
  await session.last("hotclub/coverage").answer({ tool: "coverage 7.6.1", files: [{ uri: "file:///shop/cart.py", executed: 1, total: 1, detail: { executed: [[0, 0]], missed: [] } }] });
  expect(await details).toHaveLength(1);
});

it("has no coverage of a run that was cancelled", async () => {
  const session = new FakeSession();
  const run = new TestRun(new TestRunRequest(), undefined);
  run.cancel();
  await new Coverage(session.real()).order({ params: { select: {} } }).conclude?.(run as unknown as vscode.TestRun, "run-1");
  expect(session.asked).toEqual([]);
});
