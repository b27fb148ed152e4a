import * as vscode from "vscode";

import type { DaemonInfo } from "./protocol";
import type { SessionState } from "./session";
import type { Row, WorkersView } from "./workersView";

/** What the commands act on. */
export interface Parts {
  session: { readonly state: SessionState; readonly daemon: DaemonInfo | undefined };
  keeper: { restart(): Promise<void> };
  view: WorkersView;
  log: vscode.LogOutputChannel;
}

interface Entry extends vscode.QuickPickItem {
  command?: string;
  arguments?: unknown[];
}

/** The commands about the server and its workers, and the menu of the status bar. */
export function registerCommands(parts: Parts): vscode.Disposable {
  const { session, keeper, view, log } = parts;
  // What the server carries out takes ids of projects; without any it is about all of them.
  const onRow = (command: string) => (row: Row | undefined) =>
    vscode.commands.executeCommand(command, row !== undefined && "pool" in row ? { ids: [row.pool.project] } : {});
  const commands: Record<string, (row: Row | undefined) => unknown> = {
    "hotclub.menu": () => choose(session.state),
    "hotclub.showLog": () => {
      log.show();
    },
    "hotclub.showDaemonLog": () => showDaemonLog(session.daemon),
    "hotclub.restartServer": () => keeper.restart(),
    "hotclub.workers.refresh": () => {
      view.refresh();
    },
    "hotclub.workers.restart": onRow("hotclub.restart"),
    "hotclub.workers.rebuild": async (row) => {
      await onRow("hotclub.rebuildDatabase")(row);
      view.refresh();
    },
    "hotclub.workers.explain": () => vscode.commands.executeCommand("hotclub.explain", {}),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, carryOut]) => vscode.commands.registerCommand(name, carryOut)),
  );
}

async function choose(state: SessionState): Promise<void> {
  const entry = await vscode.window.showQuickPick(entries(state), { title: "Hotclub", placeHolder: "What shall be done?" });
  if (entry?.command !== undefined) {
    await vscode.commands.executeCommand(entry.command, ...(entry.arguments ?? []));
  }
}

/** What can be done now. */
function entries(state: SessionState): Entry[] {
  const python: Entry[] =
    vscode.extensions.getExtension("ms-python.python") === undefined
      ? []
      : [{ label: "$(snake) Select the interpreter", command: "python.setInterpreter" }];
  const always: Entry[] = [
    { label: "Hotclub", kind: vscode.QuickPickItemKind.Separator },
    ...python,
    { label: "$(gear) Settings", command: "workbench.action.openSettings", arguments: ["@ext:hotclub.hotclub"] },
    { label: "$(output) Show the log", command: "hotclub.showLog" },
    { label: "$(debug-restart) Restart the server", command: "hotclub.restartServer" },
  ];
  if (state !== "running") {
    return always;
  }
  return [
    { label: "Tests", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(run-all) Run all", command: "hotclub.run" },
    { label: "$(run-errors) Run what failed", command: "hotclub.runFailed" },
    { label: "$(run-coverage) Run what edits affect", command: "hotclub.runAffected" },
    { label: "$(debug-stop) Cancel the runs", command: "hotclub.cancel" },
    { label: "Workers", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(list-tree) Show the workers", command: "hotclub.workers.focus" },
    { label: "$(refresh) Restart the workers", command: "hotclub.restart" },
    { label: "$(database) Rebuild the databases", description: "the next run migrates anew", command: "hotclub.rebuildDatabase" },
    { label: "$(question) Explain what became of the workers", command: "hotclub.explain" },
    { label: "$(pulse) Diagnose the project", description: "what hotclub doctor says", command: "hotclub.diagnose" },
    ...always,
  ];
}

async function showDaemonLog(daemon: DaemonInfo | undefined): Promise<void> {
  if (daemon?.log === undefined) {
    void vscode.window.showInformationMessage("Hotclub's daemon does not run, so there is no log of it to show. “Hotclub: Show Log” has what this window knows.");
    return;
  }
  await vscode.window.showTextDocument(vscode.Uri.file(daemon.log));
}
