import * as path from "node:path";
import * as vscode from "vscode";

import type { Binary } from "./binary";

/**
 * Puts the binary on the PATH of this window's terminals. Builds of Hotclub have a daemon each:
 * only the same one shares its workers and its runs with the editor.
 */
export function shareWithTerminals(binary: Binary, terminals: vscode.EnvironmentVariableCollection): void {
  terminals.clear();
  terminals.persistent = false;
  if (binary.origin === "path" || vscode.workspace.getConfiguration("hotclub").get<boolean>("terminalPath") === false) {
    return;
  }
  terminals.description = "`hotclub` is the one that this window uses, so that both share their workers.";
  terminals.prepend("PATH", path.dirname(binary.path) + path.delimiter);
}
