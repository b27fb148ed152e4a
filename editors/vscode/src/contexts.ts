import * as vscode from "vscode";

import type { Pools } from "./pools";
import type { SessionState, StateChange } from "./session";

/** Keeps the context keys that package.json's `when` clauses ask: hotclub.state and hotclub.hasProjects. */
export function followContexts(
  session: { readonly state: SessionState; readonly onDidChangeState: vscode.Event<StateChange> },
  pools: Pools,
): vscode.Disposable {
  const set = (key: string, value: unknown): void => void vscode.commands.executeCommand("setContext", key, value);
  let had: boolean | undefined;
  const show = (): void => {
    const has = pools.all.length > 0;
    if (has !== had) {
      set("hotclub.hasProjects", has);
      had = has;
    }
  };
  set("hotclub.state", session.state);
  show();
  return vscode.Disposable.from(
    session.onDidChangeState(({ state }) => {
      set("hotclub.state", state);
    }),
    pools.onDidChange(show),
  );
}
