import * as vscode from "vscode";

import { ownCommands } from "./commands";
import { Explorer } from "./explorer";
import { Problems } from "./problems";
import { type Launch, Session } from "./session";

let session: Session | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Hotclub", { log: true });
  const problems = new Problems(log);
  session = new Session(launch, log, ownCommands);
  context.subscriptions.push(log, session, new Explorer(session, problems));
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
