import * as vscode from "vscode";

import { healthOf, type Window } from "./health";
import type { Pools } from "./pools";
import type { SessionState, StateChange } from "./session";

/** The session, as far as its health goes. */
export interface Watched {
  readonly state: SessionState;
  readonly onDidChangeState: vscode.Event<StateChange>;
}

/** The window's health at the foot of the window; a click opens the menu. */
export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly listening: vscode.Disposable;
  private reason: string | undefined;

  constructor(
    private readonly session: Watched,
    private readonly pools: Pools,
  ) {
    this.item = vscode.window.createStatusBarItem("hotclub.status", vscode.StatusBarAlignment.Left, 10);
    this.item.name = "Hotclub";
    this.item.command = "hotclub.menu";
    this.listening = vscode.Disposable.from(
      session.onDidChangeState(({ reason }) => {
        this.reason = reason;
        this.show();
      }),
      pools.onDidChange(() => {
        this.show();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.show();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.show();
      }),
    );
    this.show();
  }

  dispose(): void {
    this.listening.dispose();
    this.item.dispose();
  }

  private show(): void {
    const health = healthOf(this.window());
    if (health === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = health.text;
    const tooltip = new vscode.MarkdownString();
    health.details.forEach((line, i) => {
      tooltip.appendText(i === 0 ? line : `\n${line}`);
    });
    this.item.tooltip = tooltip;
    this.item.backgroundColor =
      health.severity === "none" ? undefined : new vscode.ThemeColor(`statusBarItem.${health.severity}Background`);
    this.item.show();
  }

  private window(): Window {
    const file = vscode.window.activeTextEditor?.document.uri;
    return {
      state: this.session.state,
      reason: this.reason,
      trusted: vscode.workspace.isTrusted,
      pools: this.pools.all,
      runs: this.pools.runs,
      current: file?.scheme === "file" ? this.pools.around(file.fsPath) : undefined,
    };
  }
}
