import { afterEach, beforeEach, expect, test } from "vitest";
import type * as vscode from "vscode";

import type { Pools } from "../../src/pools";
import { PythonTesting } from "../../src/pythonTesting";
import { EventEmitter } from "./events";
import { fake, settle, Uri } from "./window";

let offers: PythonTesting[];
let remembered: Map<string, unknown>;
let pools: { all: { root: string }[]; changed: EventEmitter<void>; onDidChange: unknown };

beforeEach(() => {
  fake.reset();
  fake.openFolders("/shop", "/docs");
  fake.install("ms-python.python", {});
  remembered = new Map();
  offers = [];
  const changed = new EventEmitter<void>();
  pools = { all: [{ root: "/shop/backend" }], changed, onDidChange: changed.event };
});

afterEach(() => {
  for (const offer of offers) {
    offer.dispose();
  }
});

/** The offer, as a window that is opened has it. */
function open(): PythonTesting {
  const memory = {
    get: (key: string) => remembered.get(key),
    update: (key: string, value: unknown) => Promise.resolve(void remembered.set(key, value)),
  };
  const offer = new PythonTesting(pools as unknown as Pools, memory as unknown as vscode.Memento);
  offers.push(offer);
  pools.changed.fire();
  return offer;
}

test("who has only one of the two is not asked", () => {
  open();
  fake.set("python.testing.unittestEnabled", true, Uri.file("/docs")); // no project of ours
  fake.extensions.clear();
  fake.set("python.testing.pytestEnabled", true, Uri.file("/shop")); // nobody is there to heed it
  expect(fake.messages).toEqual([]);
});

test("who has both is asked once for the folder, and the answer is kept", async () => {
  const first = open();
  fake.set("python.testing.unittestEnabled", true, Uri.file("/shop"));
  pools.changed.fire(); // while the question is open
  expect(fake.messages).toHaveLength(1);
  expect(fake.messages[0]?.text).toMatch(/“shop” too \(unittest\)/);
  await fake.messages[0]?.answer("Keep Both");
  pools.changed.fire();
  first.dispose();
  open(); // the window is opened again
  await settle();
  expect(fake.messages).toHaveLength(1);
  expect(fake.settings.get("file:///shop python.testing.unittestEnabled")).toBe(true);
});

test("Only Hotclub turns the Python extension's testing off in that folder", async () => {
  fake.set("python.testing.unittestEnabled", true, Uri.file("/shop"));
  fake.set("python.testing.pytestEnabled", true);
  open();
  await fake.messages[0]?.answer("Only Hotclub");
  expect(fake.settings.get("file:///shop python.testing.unittestEnabled")).toBe(false);
  expect(fake.settings.get("file:///shop python.testing.pytestEnabled")).toBe(false);
  expect(fake.settings.get("python.testing.pytestEnabled")).toBe(true); // other folders
});

test("Only Python's turns Hotclub off in this workspace", async () => {
  fake.set("python.testing.pytestEnabled", true, Uri.file("/shop"));
  open();
  await fake.messages[0]?.answer("Only Python's");
  expect(fake.settings.get("hotclub.enabled")).toBe(false);
});
