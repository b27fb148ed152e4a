import * as vscode from "vscode";

import { type Launch, Session } from "./session";

let session: Session | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Hotclub", { log: true });
  session = new Session(launch, log, []);
  context.subscriptions.push(log, session);
  await session.start();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

/** The server that is found by PATH. */
function launch(): Promise<Launch> {
  return Promise.resolve({
    command: "hotclub",
    args: ["lsp"],
    options: { trusted: vscode.workspace.isTrusted, clientName: vscode.env.appName },
    lenses: "on",
  });
}
