import * as vscode from "vscode";

import type { Problems } from "./problems";
import type { DebuggerReady, DebugParams, RunAnswer, RunParams } from "./protocol";
import type { Order, Runs } from "./runs";
import type { Session } from "./session";

/** The type of the debug sessions, as package.json contributes it. */
export const debugType = "hotclub";

/** What a debug session has to know: where the worker listens, and for which run. */
interface Attach extends vscode.DebugConfiguration {
  runId: string;
  host: string;
  port: number;
}

/** Runs tests under a debugger. The worker speaks DAP itself: nothing has to be installed in VS Code. */
export class Debug implements vscode.Disposable {
  private readonly runsOf = new Map<string, vscode.TestRun | undefined>();
  private readonly sessions = new Map<string, vscode.DebugSession>();
  /** Runs whose session ends only to begin again. */
  private readonly restarting = new Set<string>();
  private readonly listening: vscode.Disposable[];

  constructor(
    private readonly session: Session,
    private readonly runs: Runs,
    private readonly problems: Problems,
  ) {
    this.listening = [
      session.onDebuggerReady((ready) => void problems.watch(() => this.attach(ready))),
      session.onRunFinished(({ runId }) => {
        this.runEnded(runId);
      }),
      vscode.debug.onDidStartDebugSession((each) => {
        if (isOurs(each)) {
          this.sessions.set(each.configuration.runId, each);
        }
      }),
      vscode.debug.onDidTerminateDebugSession((each) => {
        this.sessionEnded(each);
      }),
      vscode.debug.registerDebugAdapterDescriptorFactory(debugType, {
        createDebugAdapterDescriptor: ({ configuration }) => {
          const { port, host } = configuration as Attach;
          return new vscode.DebugAdapterServer(port, host);
        },
      }),
      vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
        createDebugAdapterTracker: (each) => ({
          onWillReceiveMessage: (message: { command?: string; arguments?: { restart?: boolean } }) => {
            if (isOurs(each) && message.command === "disconnect" && message.arguments?.restart === true) {
              this.restarting.add(each.configuration.runId);
            }
          },
        }),
      }),
      vscode.debug.registerDebugConfigurationProvider(debugType, {
        // Somebody has pressed F5 without the explorer: the test at the cursor is what is meant.
        resolveDebugConfiguration: async (_folder, configuration) => {
          if (typeof configuration["port"] === "number") {
            return configuration;
          }
          await vscode.commands.executeCommand("hotclub.debug");
          return undefined;
        },
      }),
    ];
  }

  /** Makes an order one under the debugger. */
  order(order: Order): Order {
    return { ...order, ask: (params, run) => this.ask(params, run) };
  }

  dispose(): void {
    for (const each of this.listening) {
      each.dispose();
    }
  }

  private async ask(params: RunParams, run: vscode.TestRun | undefined): Promise<RunAnswer> {
    if (!this.session.features.has("debug")) {
      throw new Error("This hotclub cannot debug: install the version that came with the extension, or a newer one.");
    }
    this.runsOf.set(params.runId, run);
    const settings = vscode.workspace.getConfiguration("hotclub");
    const asked: DebugParams = { ...params, stopOnFailure: settings.get<boolean>("stopOnFailure", false) };
    const debugpy = bundledDebugpy();
    try {
      return await this.session.request("hotclub/debug", debugpy === undefined ? asked : { ...asked, debugpy });
    } catch (error) {
      this.runsOf.delete(params.runId);
      throw error;
    }
  }

  private async attach({ runId, host, port }: DebuggerReady): Promise<void> {
    if (!this.runsOf.has(runId)) {
      return; // the run has ended, or another window's is meant
    }
    const configuration: Attach = {
      type: debugType,
      request: "attach",
      name: "Debug tests",
      runId,
      host,
      port,
      justMyCode: vscode.workspace.getConfiguration("hotclub").get<boolean>("debugJustMyCode", true),
      // A session of its own for each child process is what only the Python Debugger can begin.
      subProcess: false,
    };
    const testRun = this.runsOf.get(runId);
    const started = await vscode.debug.startDebugging(undefined, configuration, testRun && { testRun });
    if (!started) {
      this.runs.cancel(runId);
      throw new Error("The debugger could not be attached to the worker, so that its run was cancelled. The Debug Console says why.");
    }
  }

  private runEnded(runId: string): void {
    const session = this.sessions.get(runId);
    this.runsOf.delete(runId);
    if (session !== undefined) {
      void this.problems.watch(async () => vscode.debug.stopDebugging(session));
    }
  }

  private sessionEnded(session: vscode.DebugSession): void {
    if (!isOurs(session)) {
      return;
    }
    const { runId } = session.configuration;
    this.sessions.delete(runId);
    if (!this.restarting.delete(runId) && this.runs.has(runId)) {
      this.runs.cancel(runId);
    }
  }
}

function isOurs(session: vscode.DebugSession): session is vscode.DebugSession & { configuration: Attach } {
  return session.type === debugType && typeof session.configuration["runId"] === "string";
}

/** The debugpy of the Python Debugger extension, for environments that have none. */
function bundledDebugpy(): string | undefined {
  const extension = vscode.extensions.getExtension("ms-python.debugpy");
  return extension && vscode.Uri.joinPath(extension.extensionUri, "bundled", "libs").fsPath;
}
