import * as vscode from "vscode";

import { ownCommands } from "./commands";
import { Configuration } from "./configuration";
import { followContexts } from "./contexts";
import { Explorer } from "./explorer";
import { Interpreters } from "./interpreter";
import { registerCommands } from "./menu";
import { Pools } from "./pools";
import { Problems } from "./problems";
import { PythonTesting } from "./pythonTesting";
import { Keeper, launch } from "./server";
import { Session } from "./session";
import { StatusBar } from "./statusBar";
import { WorkersView } from "./workersView";

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Hotclub", { log: true });
  const interpreters = new Interpreters(log);
  const configuration = new Configuration(interpreters, log);
  session = new Session(() => launch(context, configuration, log), log, ownCommands);
  configuration.follow(session);
  const keeper = new Keeper(session, log);
  const explorer = new Explorer(session, new Problems(log));
  const pools = new Pools(session);
  const view = new WorkersView(session, pools);
  context.subscriptions.push(
    log, interpreters, configuration, session, keeper, explorer, pools, view,
    new StatusBar(session, pools),
    new PythonTesting(pools, context.workspaceState),
    followContexts(session, pools),
    registerCommands({ session, keeper, view, log }),
    vscode.window.registerTreeDataProvider("hotclub.workers", view),
  );
  void keeper.start();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}
