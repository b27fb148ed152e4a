import { randomUUID } from "node:crypto";

import * as vscode from "vscode";

import { type Problems, textOf } from "./problems";
import type { Notice, RunAnswer, RunFinished, RunParams, RunStarted } from "./protocol";
import { counted, Report } from "./report";
import type { Session } from "./session";
import type { Tree } from "./tree";
import { trustedOrAsked } from "./trust";

/** What is to be run, and how the explorer shows it. */
export interface Order {
  params: Omit<RunParams, "runId">;
  /** Of the explorer. Without one, the run is shown as soon as its tests are known. */
  request?: vscode.TestRunRequest;
  name?: string;
  continuous?: boolean;
  /** What has become different, so that it runs again. */
  because?: string;
  /** How the server is asked; default: hotclub/run. */
  ask?: (params: RunParams, run: vscode.TestRun | undefined) => Promise<RunAnswer>;
  /** What is left to do when the tests have run, while the TestRun is still open. */
  conclude?: (run: vscode.TestRun, runId: string) => Promise<void>;
}

/** A run that goes on: asked for here, or by somebody else. */
interface Open {
  order: Order | undefined;
  report: Report | undefined;
  /** What was said before there was a place to show it. */
  notices: Notice[];
  end: (finished: RunFinished) => void;
}

/** More tests than these are named by their files when a run is shown that was begun elsewhere. */
const namedOneByOne = 200;

/** The runs that the explorer shows, whoever asked for them. */
export class Runs implements vscode.Disposable {
  private readonly open = new Map<string, Open>();
  private readonly listening: vscode.Disposable[];

  /** @param profile of runs that nobody began in the explorer: "run again" means it. */
  constructor(
    private readonly session: Session,
    private readonly tree: Tree,
    private readonly controller: vscode.TestController,
    private readonly problems: Problems,
    private readonly profile: () => vscode.TestRunProfile | undefined,
  ) {
    this.listening = [
      session.onRunStarted((begin) => {
        this.started(begin);
      }),
      session.onTestEvents((told) => this.open.get(told.runId)?.report?.events(told)),
      session.onNotice((notice) => {
        this.noticed(notice);
      }),
      session.onRunFinished((end) => {
        this.finished(end);
      }),
      session.onDidChangeState(({ state, reason }) => {
        if (state === "stopped" || state === "failed") {
          this.lost(reason ?? "Hotclub's server was stopped.");
        }
      }),
    ];
  }

  /** Carries out orders, and tells the person what came of those that ran no test. */
  async carryOut(orders: readonly Order[], token?: vscode.CancellationToken): Promise<void> {
    if (!trustedOrAsked()) {
      return;
    }
    const ends = await Promise.all(orders.map((order) => this.problems.watch(() => this.run(order, token))));
    const finished = ends.filter((end) => end !== undefined);
    for (const end of finished) {
      if (end.outcome === "error") {
        this.problems.report(new Error(`The tests could not be run: ${end.error ?? "the server does not say why."}`));
      }
    }
    const [first] = finished;
    if (first !== undefined && finished.length === orders.length && finished.every((end) => end.outcome === "nothing")) {
      void vscode.window.showInformationMessage(`No test was run: ${first.error ?? "no test matches."}`);
    }
  }

  /** Carries out one order. It rejects if the server refuses the run. */
  async run(order: Order, token?: vscode.CancellationToken): Promise<RunFinished> {
    const runId = randomUUID();
    const notices = order.because === undefined ? [] : [{ runId, text: order.because }];
    const open: Open = { order, report: undefined, notices, end: () => undefined };
    const ended = new Promise<RunFinished>((resolve) => {
      open.end = resolve;
    });
    this.open.set(runId, open);
    if (order.request !== undefined) {
      this.show(runId, open, order.request, order.name);
    }
    const cancelling = token?.onCancellationRequested(() => {
      this.cancel(runId);
    });
    try {
      const params: RunParams = { ...order.params, runId };
      const ask = order.ask ?? ((asked: RunParams) => this.session.request("hotclub/run", asked));
      const answer = await ask(params, open.report?.run);
      if (answer.unsaved.length > 0) {
        const files = answer.unsaved.map((uri) => vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
        this.noticed({ runId, text: `Not saved, so that what is on the disk runs: ${files.join(", ")}`, warning: true });
      }
      if (token?.isCancellationRequested) {
        this.cancel(runId);
      }
      return await ended;
    } catch (error) {
      this.open.delete(runId);
      open.report?.failed(order.request?.include ?? [], textOf(error));
      open.report?.run.end();
      throw error;
    } finally {
      cancelling?.dispose();
    }
  }

  /** Cancels a run of this window; what has run stays judged. */
  cancel(runId: string): void {
    void this.problems.watch(() => this.session.request("hotclub/cancelRun", { runId }));
  }

  /** Whether a run goes on. */
  has(runId: string): boolean {
    return this.open.has(runId);
  }

  dispose(): void {
    this.lost("The window is closed.");
    for (const each of this.listening) {
      each.dispose();
    }
  }

  private started(begin: RunStarted): void {
    let open = this.open.get(begin.runId);
    if (open === undefined) {
      open = { order: undefined, report: undefined, notices: [], end: () => undefined };
      this.open.set(begin.runId, open);
    }
    const report = open.report ?? this.show(begin.runId, open, this.requestOf(begin, open.order), nameOf(begin, open.order));
    report.started(begin);
    if (open.order === undefined && begin.origin !== undefined && begin.origin !== vscode.env.appName) {
      report.write(`It was begun by ${begin.origin}, and can be stopped only there.\n`);
    }
  }

  /** A request as the explorer would have made it. */
  private requestOf(begin: RunStarted, order: Order | undefined): vscode.TestRunRequest {
    let items = begin.tests.map((test) => this.tree.testItem(test));
    if (items.length > namedOneByOne) {
      const files = new Map(items.map((item) => [item.uri?.toString(), item.uri]));
      const found = [...files.values()].map((uri) => uri && this.tree.fileAt(uri));
      items = found.every((file) => file !== undefined) ? found : items;
    }
    const elsewhere = order === undefined;
    return new vscode.TestRunRequest(items, undefined, this.profile(), order?.continuous ?? false, elsewhere);
  }

  private show(runId: string, open: Open, request: vscode.TestRunRequest, name?: string): Report {
    const run = this.controller.createTestRun(request, name, true);
    const report = new Report(run, this.tree);
    open.report = report;
    for (const notice of open.notices.splice(0)) {
      report.notice(notice);
    }
    run.token.onCancellationRequested(() => {
      this.cancel(runId);
    });
    return report;
  }

  private noticed(notice: Notice): void {
    const open = this.open.get(notice.runId);
    if (open?.report !== undefined) {
      open.report.notice(notice);
    } else {
      open?.notices.push(notice);
    }
  }

  private finished(end: RunFinished): void {
    const open = this.open.get(end.runId);
    if (open === undefined) {
      return;
    }
    this.open.delete(end.runId);
    void this.close(open, end);
  }

  private async close({ order, report, end: settle }: Open, end: RunFinished): Promise<void> {
    if (report !== undefined) {
      report.summary(end);
      if (end.outcome === "error" && Object.keys(end.counts).length === 0) {
        report.failed(order?.request?.include ?? [], end.error ?? "The tests could not be run.");
      }
      await this.problems.watch(async () => order?.conclude?.(report.run, end.runId));
      report.run.end();
    }
    settle(end);
  }

  /** Ends what nobody will tell the end of. */
  private lost(reason: string): void {
    for (const [runId, open] of [...this.open]) {
      this.finished({ runId, outcome: "error", counts: {}, durationMs: 0, failed: true, error: reason });
      open.notices.length = 0;
    }
  }
}

function nameOf(begin: RunStarted, order: Order | undefined): string | undefined {
  return order === undefined ? `${counted(begin.tests.length)}, run by ${begin.origin ?? "another client"}` : order.name;
}
