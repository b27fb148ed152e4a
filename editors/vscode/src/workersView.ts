import * as vscode from "vscode";

import { stateText } from "./health";
import type { Pool, Pools } from "./pools";
import type { DatabaseStatus, Method, Requests, WorkerStatus } from "./protocol";

/** A row of the view. */
export type Row =
  | { kind: "project"; pool: Pool }
  | { kind: "worker"; pool: Pool; worker: WorkerStatus }
  | { kind: "databases"; pool: Pool }
  | { kind: "database"; database: DatabaseStatus }
  | { kind: "note"; text: string };

/** Who answers questions about databases. */
export interface Asked {
  request<M extends Method>(method: M, params: Requests[M][0]): Promise<Requests[M][1]>;
}

/** The view "Hotclub Workers": each project with its processes and its databases. */
export class WorkersView implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Row | undefined>();
  private readonly listening: vscode.Disposable;
  /** Answers about databases, by project, until something may have changed them: a run, or a step of the workers. */
  private readonly databases = new Map<string, { asof: string; answer: Promise<DatabaseStatus[]> }>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly session: Asked,
    private readonly pools: Pools,
  ) {
    this.listening = vscode.Disposable.from(
      pools.onDidChange(() => {
        this.changed.fire(undefined);
      }),
      pools.onDidFinishRun(() => {
        this.refresh();
      }),
    );
  }

  /** Shows what there is now. */
  refresh(): void {
    this.databases.clear();
    this.changed.fire(undefined);
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  getTreeItem(row: Row): vscode.TreeItem {
    switch (row.kind) {
      case "project":
        return projectItem(row.pool);
      case "worker":
        return workerItem(row.pool, row.worker);
      case "databases": {
        const item = new vscode.TreeItem("Databases", vscode.TreeItemCollapsibleState.Collapsed);
        item.id = `${row.pool.project}databases`;
        item.contextValue = "databases";
        item.iconPath = new vscode.ThemeIcon("database");
        return item;
      }
      case "database":
        return databaseItem(row.database);
      case "note":
        return new vscode.TreeItem(row.text);
    }
  }

  async getChildren(row?: Row): Promise<Row[]> {
    switch (row?.kind) {
      case undefined:
        return this.pools.all.map((pool) => ({ kind: "project", pool }));
      case "project":
        return [
          ...row.pool.workers.map((worker): Row => ({ kind: "worker", pool: row.pool, worker })),
          { kind: "databases", pool: row.pool },
        ];
      case "databases":
        return this.databaseRows(row.pool);
      default:
        return [];
    }
  }

  private async databaseRows(pool: Pool): Promise<Row[]> {
    const asof = JSON.stringify([pool.state, pool.generation, pool.count]);
    let known = this.databases.get(pool.project);
    if (known?.asof !== asof) {
      known = { asof, answer: this.ask(pool) };
      this.databases.set(pool.project, known);
    }
    try {
      const rows = (await known.answer).map((database): Row => ({ kind: "database", database }));
      return rows.length > 0 ? rows : [{ kind: "note", text: "none yet: the first run makes them" }];
    } catch (error) {
      return [{ kind: "note", text: error instanceof Error ? error.message : String(error) }];
    }
  }

  private async ask(pool: Pool): Promise<DatabaseStatus[]> {
    const { databases } = await this.session.request("hotclub/database", { action: "list", project: { root: pool.root } });
    return databases;
  }
}

function projectItem(pool: Pool): vscode.TreeItem {
  const item = new vscode.TreeItem(pool.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = pool.project;
  item.description = stateText(pool);
  item.tooltip = [pool.root, pool.fault?.text].filter((line) => line !== undefined).join("\n\n");
  item.contextValue = "project";
  item.iconPath = {
    cold: new vscode.ThemeIcon("circle-outline"),
    starting: new vscode.ThemeIcon("sync~spin"),
    ready: new vscode.ThemeIcon("flame", new vscode.ThemeColor("testing.iconPassed")),
    broken: new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconErrored")),
  }[pool.state];
  return item;
}

/** What the kinds of processes are there for. */
const purposes: Readonly<Record<string, string>> = {
  base: "has the third-party imports: layers are booted from it",
  layer: "has the project booted: workers are forked from it",
  forked: "forked ready to run, for one run",
  spawned: "started anew, for many runs",
};

function workerItem(pool: Pool, worker: WorkerStatus): vscode.TreeItem {
  const item = new vscode.TreeItem(worker.name);
  item.id = `${pool.project}${worker.name}`;
  const memory = worker.memoryMb === undefined ? [] : [`${Math.round(worker.memoryMb)} MB`];
  const doing = worker.test ?? worker.state;
  item.description = [doing, `pid ${worker.pid}`, ...memory].join(" · ");
  item.tooltip = [
    `${worker.kind}: ${purposes[worker.kind] ?? ""}`,
    `${worker.state} since ${new Date(worker.since).toLocaleTimeString()}`,
    ...(worker.generation === undefined ? [] : [`generation ${worker.generation}`]),
    ...(worker.loaded === undefined ? [] : [`has loaded ${worker.loaded.join(", ")}`]),
  ].join("\n");
  item.contextValue = "worker";
  item.iconPath = workerIcon(worker);
  return item;
}

function workerIcon(worker: WorkerStatus): vscode.ThemeIcon {
  switch (worker.state) {
    case "running":
      return new vscode.ThemeIcon("loading~spin");
    case "ready":
      return worker.kind === "base" || worker.kind === "layer"
        ? new vscode.ThemeIcon("layers")
        : new vscode.ThemeIcon("circle-filled", new vscode.ThemeColor("testing.iconPassed"));
    case "dead":
    case "draining":
      return new vscode.ThemeIcon("circle-slash");
    default:
      return new vscode.ThemeIcon("sync~spin");
  }
}

function databaseItem(database: DatabaseStatus): vscode.TreeItem {
  const item = new vscode.TreeItem(database.alias);
  item.description = [database.kind, database.state, size(database.sizeKb)].join(" · ");
  item.tooltip = [
    database.name,
    [database.engine, database.server].filter((part) => part !== undefined && part !== "").join(" on "),
    database.owner === undefined ? "" : `owner ${database.owner}`,
    database.why ?? "",
  ]
    .filter((line) => line !== "")
    .join("\n");
  item.contextValue = "database";
  item.iconPath = new vscode.ThemeIcon(database.kind === "template" ? "archive" : "database");
  return item;
}

function size(kb: number): string {
  return kb < 1024 ? `${kb} KB` : `${(kb / 1024).toFixed(1)} MB`;
}
