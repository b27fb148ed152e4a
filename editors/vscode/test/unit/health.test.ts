import { beforeEach, expect, test } from "vitest";

import { followContexts } from "../../src/contexts";
import { Pools, type PoolEvents } from "../../src/pools";
import type { DidChangeStatus, Message, PoolState, Test, Verdict } from "../../src/protocol";
import type { SessionState } from "../../src/session";
import { StatusBar } from "../../src/statusBar";
import { EventEmitter } from "./events";
import { fake } from "./window";

/** A server of which only the events are there. */
class Server {
  private readonly emitters = {
    onDidChangeState: new EventEmitter<unknown>(),
    onDidChangeStatus: new EventEmitter<unknown>(),
    onDidChangeWorkers: new EventEmitter<unknown>(),
    onDidChangeTests: new EventEmitter<unknown>(),
    onNotice: new EventEmitter<unknown>(),
    onRunStarted: new EventEmitter<unknown>(),
    onTestEvents: new EventEmitter<unknown>(),
    onRunFinished: new EventEmitter<unknown>(),
  };
  readonly events = Object.fromEntries(Object.entries(this.emitters).map(([name, { event }]) => [name, event])) as unknown as PoolEvents;
  state: SessionState = "stopped";

  tell(event: keyof Server["emitters"], what: object): void {
    this.emitters[event].fire(what);
  }

  enter(state: SessionState, reason?: string): void {
    this.state = state;
    this.tell("onDidChangeState", { state, reason });
  }

  pool(name: string, state: PoolState, changes: Partial<DidChangeStatus> = {}): void {
    this.tell("onDidChangeStatus", { project: `${name}//`, root: `/work/${name}`, state, workers: { ready: 0, booting: 0, running: 0 }, ...changes });
  }
}

let server: Server;
let pools: Pools;

beforeEach(() => {
  fake.reset();
  server = new Server();
  pools = new Pools(server.events);
  const session = {
    get state() {
      return server.state;
    },
    onDidChangeState: server.events.onDidChangeState,
  };
  new StatusBar(session, pools);
  followContexts(session, pools);
});

const shown = (): string | undefined => (fake.statusItem.visible ? fake.statusItem.text : undefined);
const tooltip = (): string => fake.statusItem.tooltip?.value ?? "";
const tests = (project: string, count: number): Test[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${project}//t.py::T::test_${i}`, label: "", name: "", module: "", class: "" }));
const finished = (state: Verdict["state"]) => ({ event: "finished", test: tests("shop", 1)[0], verdict: { state } });

test("a window without a server or a project says nothing", () => {
  expect(shown()).toBeUndefined();
  server.enter("running");
  expect(shown()).toBeUndefined();
});

test("from the start of the server to the first workers", () => {
  server.enter("starting");
  expect(shown()).toBe("$(loading~spin) Hotclub: starting");
  server.enter("running");
  server.pool("shop", "cold");
  expect(shown()).toBe("$(circle-outline) Hotclub: cold");
  server.pool("shop", "starting", { change: { at: "", kind: "booting", lastMs: 1830, cause: { file: "/work/shop/models.py", rule: "changed" } } });
  expect(shown()).toBe("$(sync~spin) Hotclub: booting");
  expect(tooltip()).toBe("shop: booting, which took 1.8 s last time\nlast: boot begun because /work/shop/models.py changed");
  server.pool("shop", "ready", { workers: { ready: 2, booting: 1, running: 0 } });
  expect(shown()).toBe("$(flame) Hotclub");
  expect(tooltip()).toBe("shop: 2 ready, 1 booting");
});

test("a run shows how far it is, whoever began it", () => {
  server.enter("running");
  server.pool("shop", "ready");
  server.tell("onNotice", { runId: "r", text: "booting a worker" });
  expect(shown()).toBe("$(loading~spin) Hotclub: booting a worker");
  server.tell("onRunStarted", { runId: "r", tests: tests("shop", 3) });
  server.tell("onTestEvents", { runId: "r", seq: 1, events: [finished("passed"), { event: "started" }, finished("errored")] });
  expect(shown()).toBe("$(loading~spin) Hotclub: 2/3, 1 failed");
  server.tell("onRunFinished", { runId: "r" });
  expect(shown()).toBe("$(flame) Hotclub");
  server.tell("onRunStarted", { runId: "other", tests: tests("api", 1) }); // of another project
  expect(shown()).toBe("$(flame) Hotclub");
});

test("a project that does not start says why, until it does", () => {
  server.enter("running");
  const fault: Message = { text: "Traceback\nImportError: no such app\n", summary: "ImportError: no such app" };
  server.pool("shop", "broken", { change: { at: "", kind: "failed", fault } });
  expect(shown()).toBe("$(error) Hotclub: does not start");
  expect(fake.statusItem.backgroundColor?.id).toBe("statusBarItem.errorBackground");
  expect(tooltip()).toContain("ImportError: no such app");
  server.pool("shop", "broken", { change: { at: "", kind: "booting" } }); // the next attempt
  expect(tooltip()).toContain("ImportError: no such app");
  server.pool("shop", "ready", { workers: { ready: 1, booting: 0, running: 0 } });
  expect(fake.statusItem.backgroundColor).toBeUndefined();
  expect(tooltip()).toBe("shop: 1 ready");
});

test("of several folders the one before the person counts, by name; the tooltip has all, that one first", () => {
  server.enter("running");
  server.pool("api", "ready", { workers: { ready: 1, booting: 0, running: 0 } });
  server.pool("shop", "broken");
  expect(shown()).toBe("$(flame) Hotclub (api)");
  fake.lookAt("/work/shop/tests.py");
  expect(shown()).toBe("$(error) Hotclub (shop): does not start");
  expect(tooltip()).toBe("shop: does not start\napi: 1 ready");
  fake.lookAt("/work/shopping/tests.py"); // of no project
  expect(shown()).toBe("$(flame) Hotclub (api)");
});

test("a server that has failed says why, and what it knew of workers is gone", () => {
  server.enter("running");
  server.pool("shop", "ready");
  server.tell("onRunStarted", { runId: "r", tests: tests("shop", 1) });
  server.enter("failed", "Hotclub's server has ended.");
  expect(shown()).toBe("$(error) Hotclub: stopped");
  expect(tooltip()).toBe("Hotclub's server has ended.");
  expect([pools.all, pools.runs]).toEqual([[], []]);
});

test("without trust nothing is started, and that is said until it is granted", () => {
  fake.trusted = false;
  server.enter("running");
  server.pool("shop", "cold");
  expect(shown()).toBe("$(shield) Hotclub: not trusted");
  fake.grantTrust();
  expect(shown()).toBe("$(circle-outline) Hotclub: cold");
});

test("a project that is deleted while it is open goes", () => {
  server.enter("running");
  server.pool("shop", "ready");
  server.tell("onDidChangeWorkers", { project: "shop//", workers: [] });
  server.tell("onDidChangeTests", { items: [], removed: ["shop//"], revision: 2, errors: [] });
  expect(shown()).toBeUndefined();
  expect(fake.executed.filter(([, key]) => key === "hotclub.hasProjects").map(([, , value]) => value)).toEqual([false, true, false]);
});
