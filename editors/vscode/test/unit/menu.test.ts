import { beforeEach, expect, test } from "vitest";
import type * as vscode from "vscode";

import { registerCommands } from "../../src/menu";
import type { DaemonInfo } from "../../src/protocol";
import type { SessionState } from "../../src/session";
import { guard } from "../../src/trust";
import type { WorkersView } from "../../src/workersView";
import { fake, settle } from "./window";

let session: { state: SessionState; daemon: DaemonInfo | undefined };
let done: string[];

beforeEach(() => {
  fake.reset();
  session = { state: "running", daemon: undefined };
  done = [];
  registerCommands({
    session,
    keeper: { restart: () => Promise.resolve(void done.push("server restarted")) },
    view: { refresh: () => done.push("view drawn again") } as unknown as WorkersView,
    log: fake.log as unknown as vscode.LogOutputChannel,
  });
});

function command(name: string, ...args: unknown[]): void {
  (fake.commands.get(name) as (...args: unknown[]) => void)(...args);
}

test("the menu has what can be done now", async () => {
  command("hotclub.menu");
  expect(fake.picks[0]?.items.map(({ command }) => command)).toContain("hotclub.rebuildDatabase");
  await fake.picks[0]?.pick("Run what failed");
  expect(fake.executed).toContainEqual(["hotclub.runFailed"]);
  session.state = "failed";
  command("hotclub.menu");
  const offered = fake.picks[1]?.items.map(({ command }) => command);
  expect(offered).toContain("hotclub.restartServer");
  expect(offered).not.toContain("hotclub.run"); // only the server could
});

test("the view's actions are about the row's project", async () => {
  const row = { kind: "project", pool: { project: "shop//" } };
  command("hotclub.workers.restart", row);
  command("hotclub.workers.rebuild", row);
  command("hotclub.workers.restart");
  await settle();
  expect(fake.executed).toEqual([["hotclub.restart", { ids: ["shop//"] }], ["hotclub.rebuildDatabase", { ids: ["shop//"] }], ["hotclub.restart", {}]]);
  expect(done).toEqual(["view drawn again"]);
});

test("the daemon's log opens as a file, or it is said that there is none", () => {
  command("hotclub.showDaemonLog");
  expect(fake.messages[0]?.text).toContain("daemon does not run");
  session.daemon = { pid: 1, build: "b", log: "/state/daemon.log" };
  command("hotclub.showDaemonLog");
  expect(fake.executed).toContainEqual(["open", "/state/daemon.log"]);
});

test("without trust a command that starts something ends at VS Code's own question", async () => {
  const sent: string[] = [];
  const next = (name: string): string => {
    sent.push(name);
    return name;
  };
  fake.trusted = false;
  expect(guard("hotclub.restart", [], next)).toBeUndefined();
  expect(fake.messages[0]).toMatchObject({ severity: "warning", choices: ["Manage Workspace Trust"] });
  await fake.messages[0]?.answer("Manage Workspace Trust");
  expect(fake.executed).toEqual([["workbench.trust.manage"]]);
  expect(guard("hotclub.status", [], next)).toBe("hotclub.status"); // shows what there is
  fake.trusted = true;
  guard("hotclub.restart", [], next);
  expect(sent).toEqual(["hotclub.status", "hotclub.restart"]);
});
