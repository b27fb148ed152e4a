import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as vscode from "vscode";

import { Interpreters } from "../../src/interpreter";
import { EventEmitter } from "./vscode";
import { fake, settle, Uri } from "./window";

const log = fake.log as unknown as vscode.LogOutputChannel;

beforeEach(() => {
  fake.reset();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The Python extension, with an interpreter for each folder. */
class Python {
  readonly changed = new EventEmitter<unknown>();
  readonly api = {
    ready: Promise.resolve(),
    environments: {
      getActiveEnvironmentPath: (folder?: Uri) => ({ id: "", path: this.active.get(folder?.fsPath ?? "") ?? "" }),
      resolveEnvironment: ({ path }: { path: string }) =>
        Promise.resolve(path === "" ? undefined : { executable: { uri: path.endsWith("empty") ? undefined : Uri.file(path) } }),
      onDidChangeActiveEnvironmentPath: this.changed.event,
    },
    debug: { getDebuggerPackagePath: () => Promise.resolve("/ext/debugpy") },
  };

  constructor(readonly active = new Map<string, string>()) {}

  install(activate: () => Promise<unknown> = () => Promise.resolve(this.api)): void {
    fake.install("ms-python.python", { activate });
  }
}

const of = (interpreters: Interpreters, folder: string): Promise<string | undefined> =>
  interpreters.of(Uri.file(folder) as unknown as vscode.Uri);

test("without the Python extension nobody knows", async () => {
  const interpreters = new Interpreters(log);
  expect(await of(interpreters, "/a")).toBeUndefined();
  expect(await interpreters.debugpy()).toBeUndefined();
});

test("each folder has the interpreter that is selected for it", async () => {
  new Python(new Map([["/a", "/a/.venv/bin/python"], ["/b", "/conda/empty"]])).install();
  const interpreters = new Interpreters(log);
  expect(await of(interpreters, "/a")).toBe("/a/.venv/bin/python");
  expect(await of(interpreters, "/b")).toBeUndefined(); // an environment without a Python
  expect(await of(interpreters, "/c")).toBeUndefined(); // one that is not there
  expect(await interpreters.debugpy()).toBe("/ext/debugpy");
});

test("another selection is told, and so is an extension that is installed later", async () => {
  const interpreters = new Interpreters(log);
  let changes = 0;
  interpreters.onDidChange(() => (changes += 1));
  const python = new Python(new Map([["/a", "/one"]]));
  python.install();
  expect(changes).toBe(1);
  expect(await of(interpreters, "/a")).toBe("/one");
  python.active.set("/a", "/two");
  python.changed.fire({});
  expect(changes).toBe(2);
  expect(await of(interpreters, "/a")).toBe("/two");
});

test("a Python extension that does not start, or breaks, is as none", async () => {
  new Python().install(() => Promise.reject(new Error("it is disabled")));
  expect(await of(new Interpreters(log), "/a")).toBeUndefined();
  const python = new Python(new Map([["/a", "/one"]]));
  python.api.environments.resolveEnvironment = () => Promise.reject(new Error("broken"));
  python.install();
  expect(await of(new Interpreters(log), "/a")).toBeUndefined();
});

test("a slow Python extension does not hold up the server; what it says comes later", async () => {
  vi.useFakeTimers();
  const python = new Python(new Map([["/a", "/slow"]]));
  let up: (api: unknown) => void = () => undefined;
  python.install(() => new Promise((resolve) => (up = resolve)));
  const interpreters = new Interpreters(log);
  let changes = 0;
  interpreters.onDidChange(() => (changes += 1));
  const asked = of(interpreters, "/a");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await asked).toBeUndefined();
  up(python.api);
  await settle();
  expect(changes).toBe(1);
  expect(await of(interpreters, "/a")).toBe("/slow");
});
