import * as vscode from "vscode";

const refusal = "Running tests executes the code of this workspace, which is not trusted yet: its tests are read off the text, nothing is started.";

/**
 * Reports whether code of this window may be started. If not, the person is told so and shown
 * where to decide; the decision is VS Code's, and configuration.ts tells the server of it.
 */
export function trustedOrAsked(): boolean {
  if (!vscode.workspace.isTrusted) {
    void ask();
  }
  return vscode.workspace.isTrusted;
}

async function ask(): Promise<void> {
  const manage = "Manage Workspace Trust";
  const choice = await vscode.window.showWarningMessage(refusal, manage);
  if (choice === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
}

/** Commands that start nothing of a project. */
const harmless = new Set([
  "hotclub.cancel", "hotclub.status", "hotclub.showWorkers", "hotclub.showOutput", "hotclub.explain", "hotclub.copyCommand",
]);

/**
 * Lets a command through to the server. Without trust the server would ask by itself, past VS
 * Code's own decision: commands that start something end here.
 */
export function guard<A, R>(command: string, args: A, next: (command: string, args: A) => R): R | undefined {
  return harmless.has(command) || trustedOrAsked() ? next(command, args) : undefined;
}
