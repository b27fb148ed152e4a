import * as path from "node:path";
import * as vscode from "vscode";

import type { Message, Notifications, PoolChange, PoolState, WorkerCount, WorkerStatus } from "./protocol";
import type { StateChange } from "./session";

/** Where a project and its warm workers stand. */
export interface Pool {
  /** Id of the project's item. */
  project: string;
  root: string;
  name: string;
  state: PoolState;
  generation: string | undefined;
  count: WorkerCount;
  workers: readonly WorkerStatus[];
  /** The latest step that led there. */
  change: PoolChange | undefined;
  /** Why the project does not start, while it does not. */
  fault: Message | undefined;
  /** Why saves are noticed only when somebody asks. */
  unwatched: string | undefined;
}

/** A run that goes on, of this window or of another client. */
export interface OpenRun {
  runId: string;
  project: string | undefined;
  total: number;
  done: number;
  failed: number;
  /** What it waits for, until its tests begin. */
  waitsFor: string | undefined;
}

/** What is heard of the server. */
export interface PoolEvents {
  readonly onDidChangeState: vscode.Event<StateChange>;
  readonly onDidChangeStatus: vscode.Event<Notifications["hotclub/didChangeStatus"]>;
  readonly onDidChangeWorkers: vscode.Event<Notifications["hotclub/didChangeWorkers"]>;
  readonly onDidChangeTests: vscode.Event<Notifications["hotclub/didChangeTests"]>;
  readonly onNotice: vscode.Event<Notifications["hotclub/notice"]>;
  readonly onRunStarted: vscode.Event<Notifications["hotclub/runStarted"]>;
  readonly onTestEvents: vscode.Event<Notifications["hotclub/testEvents"]>;
  readonly onRunFinished: vscode.Event<Notifications["hotclub/runFinished"]>;
}

/** The pools of this window's projects and the runs on them, as the server has told. */
export class Pools implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly finished = new vscode.EventEmitter<OpenRun>();
  private readonly listening: vscode.Disposable;
  private readonly pools = new Map<string, Pool>();
  private readonly workers = new Map<string, readonly WorkerStatus[]>();
  private readonly open = new Map<string, OpenRun>();

  /** A pool or a run stands in another way. */
  readonly onDidChange = this.changed.event;
  /** A run has ended. */
  readonly onDidFinishRun = this.finished.event;

  constructor(session: PoolEvents) {
    this.listening = vscode.Disposable.from(
      session.onDidChangeState(({ state }) => {
        if (state !== "running") {
          this.clear();
        }
      }),
      session.onDidChangeStatus((status) => {
        this.hearStatus(status);
      }),
      session.onDidChangeWorkers(({ project, workers }) => {
        this.hearWorkers(project, workers);
      }),
      session.onDidChangeTests(({ removed }) => {
        this.drop(removed);
      }),
      session.onNotice(({ runId, text }) => {
        const run = this.run(runId);
        if (run.total === 0) {
          run.waitsFor = text;
          this.fire();
        }
      }),
      session.onRunStarted(({ runId, tests }) => {
        const run = this.run(runId);
        run.total = tests.length;
        run.project = tests[0] && projectOf(tests[0].id);
        run.waitsFor = undefined;
        this.fire();
      }),
      session.onTestEvents(({ runId, events }) => {
        this.count(this.run(runId), events);
        this.fire();
      }),
      session.onRunFinished(({ runId }) => {
        const run = this.run(runId);
        this.open.delete(runId);
        this.fire();
        this.finished.fire(run);
      }),
    );
  }

  /** Every project of the window, by root. */
  get all(): readonly Pool[] {
    return [...this.pools.values()].sort((a, b) => a.root.localeCompare(b.root));
  }

  /** The runs that go on, the oldest first. */
  get runs(): readonly OpenRun[] {
    return [...this.open.values()];
  }

  /** The project around a file. */
  around(file: string): Pool | undefined {
    const around = this.all.filter(({ root }) => isInside(file, root));
    return around.sort((a, b) => b.root.length - a.root.length)[0];
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
    this.finished.dispose();
  }

  private hearStatus(status: Notifications["hotclub/didChangeStatus"]): void {
    const before = this.pools.get(status.project);
    this.pools.set(status.project, {
      project: status.project,
      root: status.root,
      name: path.basename(status.root),
      state: status.state,
      generation: status.generation,
      count: status.workers,
      workers: this.workers.get(status.project) ?? [],
      change: status.change,
      fault: status.state === "broken" ? (status.change?.fault ?? before?.fault) : undefined,
      unwatched: status.unwatched,
    });
    this.fire();
  }

  private hearWorkers(project: string, workers: readonly WorkerStatus[]): void {
    this.workers.set(project, workers); // may come before the first status
    const pool = this.pools.get(project);
    if (pool !== undefined) {
      pool.workers = workers;
      this.fire();
    }
  }

  private drop(items: readonly string[]): void {
    const gone = items.filter((id) => this.pools.delete(id));
    for (const id of gone) {
      this.workers.delete(id);
    }
    if (gone.length > 0) {
      this.fire();
    }
  }

  private run(runId: string): OpenRun {
    let run = this.open.get(runId);
    if (run === undefined) {
      run = { runId, project: undefined, total: 0, done: 0, failed: 0, waitsFor: undefined };
      this.open.set(runId, run);
    }
    return run;
  }

  private count(run: OpenRun, events: Notifications["hotclub/testEvents"]["events"]): void {
    for (const event of events) {
      if (event.event === "finished") {
        run.done += 1;
        run.failed += ["failed", "errored", "xpassed"].includes(event.verdict.state) ? 1 : 0;
      }
    }
  }

  private clear(): void {
    this.pools.clear();
    this.workers.clear();
    this.open.clear();
    this.fire();
  }

  private fire(): void {
    this.changed.fire();
  }
}

/** Ids of a project's items begin with the project's, which ends in two slashes. */
function projectOf(id: string): string {
  return id.slice(0, id.indexOf("//") + 2);
}

/** Reports whether a path is a folder or lies within it. */
export function isInside(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return !way.startsWith("..") && !path.isAbsolute(way);
}
