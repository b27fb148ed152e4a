import * as os from "node:os";
import * as vscode from "vscode";

import { BinaryFault, findBinary, type Surroundings } from "./binary";
import type { Configuration } from "./protocol";
import type { Launch, SessionState, StateChange } from "./session";
import { shareWithTerminals } from "./terminal";

/** The connection that is kept up. */
export interface Kept {
  readonly state: SessionState;
  readonly onDidChangeState: vscode.Event<StateChange>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the choices of the window come from. */
export interface Choices {
  current(): Promise<Configuration>;
}

/** Finds out how `hotclub lsp` is started in this window. It rejects with a BinaryFault. */
export async function launch(context: vscode.ExtensionContext, choices: Choices, log: vscode.LogOutputChannel): Promise<Launch> {
  const binary = await findBinary(surroundings(context));
  log.info(`hotclub ${binary.version}, build ${binary.build}: ${binary.path} (${binary.origin})`);
  shareWithTerminals(binary, context.environmentVariableCollection);
  const folder = vscode.workspace.workspaceFolders?.find((each) => each.uri.scheme === "file")?.uri.fsPath;
  const { trusted, lenses } = await choices.current();
  return {
    command: binary.path,
    args: ["lsp"],
    ...(folder !== undefined && { cwd: folder }),
    // The server asks for the other choices. What is said here would stand behind a setting that is emptied.
    options: { trusted: trusted === true, clientName: vscode.env.appName },
    lenses: lenses ?? "on",
    configuration: () => choices.current(),
  };
}

function surroundings(context: vscode.ExtensionContext): Surroundings {
  const { version } = context.extension.packageJSON as { version: string };
  return {
    setting: vscode.workspace.getConfiguration("hotclub").get<string>("path")?.trim() ?? "",
    extension: context.extensionPath,
    extensionVersion: version,
    searchPath: process.env["PATH"] ?? "",
    home: os.homedir(),
    folder: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
    platform: process.platform,
    arch: process.arch,
  };
}

/** How long to wait before each new start in a row; after the last, the person is asked. */
const backOffMs = [500, 2_000, 5_000, 15_000];

/** A server that has run for so long has not failed to start. */
const steadyMs = 60_000;

/** A server that has not answered by then never will: a daemon is up in far less. */
const answerMs = 60_000;

/**
 * Keeps the server running. `hotclub lsp` replaces a dead daemon by itself; what is seen to here
 * is its own end: it is started again, each time after a longer wait, until the person has to decide.
 */
export class Keeper implements vscode.Disposable {
  private readonly listening: vscode.Disposable;
  private failures = 0;
  private startedAt = 0;
  private waiting: NodeJS.Timeout | undefined;
  private starting = false;
  private disposed = false;

  constructor(
    private readonly session: Kept,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.listening = vscode.Disposable.from(
      session.onDidChangeState((change) => {
        this.hear(change);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (["path", "enabled", "terminalPath"].some((name) => event.affectsConfiguration(`hotclub.${name}`))) {
          void this.restart();
        }
      }),
    );
  }

  /** Starts the server. What goes wrong is told to the person, not to the caller. */
  async start(): Promise<void> {
    this.cancelWaiting();
    if (vscode.workspace.getConfiguration("hotclub").get<boolean>("enabled") === false) {
      return;
    }
    this.starting = true;
    try {
      await inTime(this.session.start());
      this.startedAt = Date.now();
    } catch (error) {
      if (this.disposed) {
        return;
      }
      if (error instanceof BinaryFault) {
        void this.explain(error); // another attempt would fail in the same way
      } else {
        if (error instanceof Silence) {
          await this.session.stop();
        }
        this.again(error instanceof Error ? error.message : String(error));
      }
    } finally {
      this.starting = false;
    }
  }

  /** Starts the server anew, as the person wishes: earlier failures are forgotten. */
  async restart(): Promise<void> {
    this.cancelWaiting();
    this.failures = 0;
    await this.session.stop();
    await this.start();
  }

  dispose(): void {
    this.disposed = true;
    this.cancelWaiting();
    this.listening.dispose();
  }

  private hear({ state, reason }: StateChange): void {
    if (state !== "failed" || this.starting || this.disposed) {
      return; // what fails in a start is told by it
    }
    if (Date.now() - this.startedAt >= steadyMs) {
      this.failures = 0;
    }
    this.again(reason ?? "Hotclub's server has ended.");
  }

  private again(reason: string): void {
    const wait = backOffMs[this.failures];
    this.failures += 1;
    if (wait === undefined) {
      void this.giveUp(reason);
      return;
    }
    this.log.warn(`${reason} It is started again in ${wait / 1000} s (attempt ${this.failures} of ${backOffMs.length}).`);
    this.waiting = setTimeout(() => void this.start(), wait);
  }

  private cancelWaiting(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
  }

  private async giveUp(reason: string): Promise<void> {
    const text = `Hotclub's server ended ${this.failures} times in a row and is not started again by itself: ${reason}`;
    this.log.error(text);
    const choice = await vscode.window.showErrorMessage(text, "Restart", "Show Log");
    if (choice === "Restart") {
      await this.restart();
    } else if (choice === "Show Log") {
      this.log.show();
    }
  }

  private async explain(fault: BinaryFault): Promise<void> {
    this.log.error(fault.message);
    const choice = await vscode.window.showErrorMessage(fault.message, "Open Settings", "Try Again", "Show Log");
    if (choice === "Open Settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "hotclub.path");
    } else if (choice === "Try Again") {
      await this.restart();
    } else if (choice === "Show Log") {
      this.log.show();
    }
  }
}

class Silence extends Error {
  override readonly name = "Silence";
}

/** Waits for a start, but not for ever. */
async function inTime(start: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Silence(`Hotclub's server did not answer within ${answerMs / 1000} s.`));
    }, answerMs);
  });
  try {
    await Promise.race([start, silence]);
  } finally {
    clearTimeout(timer);
  }
}
