import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as vscode from "vscode";

import { BinaryFault } from "../../src/binary";
import { Keeper } from "../../src/server";
import type { SessionState, StateChange } from "../../src/session";
import { EventEmitter } from "./vscode";
import { fake, settle } from "./window";

/** A session whose server starts, or not, and ends when the test says so. */
class FakeSession {
  readonly changed = new EventEmitter<StateChange>();
  readonly onDidChangeState = this.changed.event as unknown as vscode.Event<StateChange>;
  state: SessionState = "stopped";
  starts = 0;
  stops = 0;
  next: () => Promise<void> = () => Promise.resolve();

  async start(): Promise<void> {
    this.starts += 1;
    this.enter("starting");
    try {
      await this.next();
      this.enter("running");
    } catch (error) {
      this.enter("failed", String(error));
      throw error;
    }
  }

  stop(): Promise<void> {
    this.stops += 1;
    this.enter("stopped");
    return Promise.resolve();
  }

  crash(): void {
    this.enter("failed", "Hotclub's server has ended.");
  }

  private enter(state: SessionState, reason?: string): void {
    this.state = state;
    this.changed.fire(reason === undefined ? { state } : { state, reason });
  }
}

let session: FakeSession;
let keeper: Keeper;

beforeEach(() => {
  vi.useFakeTimers();
  fake.reset();
  session = new FakeSession();
  keeper = new Keeper(session, fake.log as unknown as vscode.LogOutputChannel);
});
afterEach(() => {
  keeper.dispose();
  vi.useRealTimers();
});

/** Lets time pass until nothing is due within it. */
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test("a server that ends is started again, each time after a longer wait, then the person is asked", async () => {
  await keeper.start();
  for (const [i, wait] of [500, 2_000, 5_000, 15_000].entries()) {
    session.crash();
    await pass(wait - 1);
    expect(session.starts).toBe(i + 1);
    await pass(1);
    expect(session.starts).toBe(i + 2);
    expect(session.state).toBe("running");
    expect(fake.messages).toEqual([]);
  }
  session.crash();
  await pass(3_600_000);
  expect(session.starts).toBe(5);
  const [message] = fake.messages;
  expect(message).toMatchObject({ severity: "error", choices: ["Restart", "Show Log"] });
  expect(message?.text).toMatch(/ended 5 times in a row.*server has ended/);

  await message?.answer("Restart");
  expect(session.state).toBe("running");
  session.crash(); // what was before is forgotten
  await pass(500);
  expect(session.state).toBe("running");
});

test("the same for a server that never gets to run", async () => {
  session.next = () => Promise.reject(new Error("the daemon does not start"));
  await keeper.start();
  await pass(60_000);
  expect(session.starts).toBe(5);
  expect(fake.messages).toHaveLength(1);
  expect(fake.messages[0]?.text).toContain("the daemon does not start");
  await fake.messages[0]?.answer("Show Log");
  expect(fake.executed).toContainEqual(["log"]);
});

test("a server that ran for long begins with the shortest wait again", async () => {
  await keeper.start();
  for (let i = 0; i < 10; i++) {
    await pass(60_000);
    session.crash();
    await pass(500);
    expect(session.state).toBe("running");
  }
  expect(fake.messages).toEqual([]);
});

test("a program that is missing or wrong is told with a way out, and not tried again by itself", async () => {
  session.next = () => Promise.reject(new BinaryFault("missing", "Hotclub's program was not found", "path"));
  await keeper.start();
  await pass(3_600_000);
  expect(session.starts).toBe(1);
  expect(fake.messages[0]).toMatchObject({ severity: "error", text: "Hotclub's program was not found", choices: ["Open Settings", "Try Again", "Show Log"] });
  await fake.messages[0]?.answer("Open Settings");
  expect(fake.executed).toContainEqual(["workbench.action.openSettings", "hotclub.path"]);

  session.next = () => Promise.resolve();
  fake.set("hotclub.path", "/usr/local/bin/hotclub"); // corrected: it starts by itself
  await settle();
  expect(session.state).toBe("running");
});

test("Try Again looks for the program anew", async () => {
  session.next = () => Promise.reject(new BinaryFault("wrongVersion", "version 0.2.0", "setting"));
  await keeper.start();
  session.next = () => Promise.resolve();
  await fake.messages[0]?.answer("Try Again");
  expect(session.state).toBe("running");
});

test("a server that never answers is stopped and started again", async () => {
  session.next = () => new Promise(() => undefined);
  void keeper.start();
  await pass(59_999);
  expect(session.stops).toBe(0);
  session.next = () => Promise.resolve();
  await pass(501);
  expect(session.stops).toBe(1);
  expect(session.state).toBe("running");
});

test("a person who stops it, or leaves, does not get it back", async () => {
  await keeper.start();
  fake.set("hotclub.enabled", false);
  await pass(60_000);
  expect(session.state).toBe("stopped");
  fake.set("hotclub.enabled", true);
  await settle();
  expect(session.state).toBe("running");
  session.crash();
  keeper.dispose(); // while it waits
  await pass(60_000);
  expect(session.starts).toBe(2);
});
