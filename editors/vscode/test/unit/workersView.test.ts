import { beforeEach, expect, test } from "vitest";

import { type OpenRun, type Pool, Pools } from "../../src/pools";
import type { DatabaseStatus, WorkerStatus } from "../../src/protocol";
import { type Row, WorkersView } from "../../src/workersView";
import { EventEmitter } from "./events";
import type { ThemeIcon } from "./window";

const worker = (changes: Partial<WorkerStatus>): WorkerStatus => ({ name: "f22", kind: "forked", state: "ready", pid: 4732, since: "2026-11-25T14:00:00Z", ...changes });
const pool = (changes: Partial<Pool> = {}): Pool => ({
  project: "shop//", root: "/work/shop", name: "shop", state: "ready", generation: "g2", count: { ready: 1, booting: 0, running: 0 },
  workers: [], change: undefined, fault: undefined, unwatched: undefined, ...changes,
});

class FakePools {
  all: Pool[] = [pool()];
  readonly changed = new EventEmitter<void>();
  readonly finished = new EventEmitter<OpenRun>();
  readonly onDidChange = this.changed.event;
  readonly onDidFinishRun = this.finished.event;
}

let pools: FakePools;
let asked: [string, unknown][];
let databases: DatabaseStatus[] | Error;
let view: WorkersView;

beforeEach(() => {
  pools = new FakePools();
  asked = [];
  databases = [];
  const session = {
    request: (method: string, params: unknown) => {
      asked.push([method, params]);
      return databases instanceof Error ? Promise.reject(databases) : Promise.resolve({ databases });
    },
  };
  view = new WorkersView(session, pools as unknown as Pools);
});

/** A row as a person sees it: label and description. */
const shown = (row: Row): string => {
  const item = view.getTreeItem(row);
  return [item.label, item.description].filter((part) => typeof part === "string").join(" | ");
};
const below = async (row?: Row): Promise<string[]> => (await view.getChildren(row)).map(shown);
const project = async (): Promise<Row> => {
  const [first] = await view.getChildren();
  if (first === undefined) {
    throw new Error("no project");
  }
  return first;
};

test("a window without a project has an empty view, which shows the welcome", async () => {
  pools.all = [];
  expect(await view.getChildren()).toEqual([]);
});

test("a project has its processes, with what each does", async () => {
  pools.all = [pool({
    workers: [
      worker({ name: "s16", kind: "base", pid: 4720, memoryMb: 31.5 }),
      worker({ name: "f21", state: "running", test: "tests.test_cart.CartTests.test_total", pid: 4731 }),
      worker({ loaded: ["tests.test_cart"], memoryMb: 14 }),
      worker({ name: "f23", state: "booting" }),
    ],
  })];
  const row = await project();
  expect(shown(row)).toBe("shop | 1 ready");
  expect(await below(row)).toEqual([
    "s16 | ready · pid 4720 · 32 MB",
    "f21 | tests.test_cart.CartTests.test_total · pid 4731",
    "f22 | ready · pid 4732 · 14 MB",
    "f23 | booting · pid 4732",
    "Databases",
  ]);
  const rows = await view.getChildren(row);
  const icons = rows.map((each) => (view.getTreeItem(each).iconPath as unknown as ThemeIcon).id);
  expect(icons).toEqual(["layers", "loading~spin", "circle-filled", "sync~spin", "database"]);
  expect(view.getTreeItem(rows[2] ?? row).tooltip).toContain("has loaded tests.test_cart");
});

test("a project that does not start has its traceback at hand", async () => {
  pools.all = [pool({ state: "broken", fault: { text: "Traceback …\nImportError: no such app" } })];
  const item = view.getTreeItem(await project());
  expect(item.description).toBe("does not start");
  expect(item.tooltip).toBe("/work/shop\n\nTraceback …\nImportError: no such app");
});

test("databases are asked for when they are looked at, and again after a run", async () => {
  databases = [{ alias: "default", engine: "postgresql", server: "me@localhost:5432", kind: "template", name: "hc_t_0123", sizeKb: 8192, created: "", state: "sealed", why: "for 3 apps" }];
  const row = (await view.getChildren(await project())).at(-1);
  expect(asked).toEqual([]);
  expect(await below(row)).toEqual(["default | template · sealed · 8.0 MB"]);
  expect(asked).toEqual([["hotclub/database", { action: "list", project: { root: "/work/shop" } }]]);
  await below(row); // as the view is drawn again
  expect(asked).toHaveLength(1);
  let redrawn = 0;
  view.onDidChangeTreeData(() => (redrawn += 1));
  pools.finished.fire({ runId: "r", project: "shop//", total: 1, done: 1, failed: 0, waitsFor: undefined });
  expect(redrawn).toBe(1);
  databases = [];
  expect(await below(row)).toEqual(["none yet: the first run makes them"]);
  asked = [];
  await below({ kind: "databases", pool: pool({ count: { ready: 2, booting: 0, running: 0 } }) }); // a worker has got its own
  expect(asked).toHaveLength(1);
});

test("what cannot be listed is said in the view, not in a message", async () => {
  databases = new Error("the workspace is not trusted");
  expect(await below({ kind: "databases", pool: pool() })).toEqual(["the workspace is not trusted"]);
});
