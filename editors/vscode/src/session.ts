import * as vscode from "vscode";
import {
  type CloseHandlerResult,
  CloseAction,
  ErrorAction,
  type FeatureState,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerOptions,
  type StaticFeature,
} from "vscode-languageclient/node";

import {
  type ClientCapabilities,
  type Configuration,
  type DaemonInfo,
  type InitializationOptions,
  type Method,
  type Notifications,
  protocolVersion,
  type Requests,
  type ServerCapabilities,
} from "./protocol";
import { guard } from "./trust";

/** How to start `hotclub lsp`. */
export interface Launch {
  command: string;
  args: readonly string[];
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
  options: InitializationOptions;
  lenses: "on" | "off";
  /** What the server is told when it asks for the settings. */
  configuration: () => Promise<Configuration>;
}

/** Finds out how to start the server. It rejects with what the person has to do. */
export type Launcher = () => Promise<Launch>;

export type SessionState = "stopped" | "starting" | "running" | "failed";

export interface StateChange {
  state: SessionState;
  /** Why it failed. */
  reason?: string;
}

/**
 * The connection of this window with the daemon, over all of its folders. Its events outlive the
 * server: who listens once hears every later one as well. It does not start a server again by
 * itself; that is up to whoever hears "failed".
 */
export class Session implements vscode.Disposable {
  private readonly stateChanged = new vscode.EventEmitter<StateChange>();
  private readonly tests = new vscode.EventEmitter<Notifications["hotclub/didChangeTests"]>();
  private readonly runStarted = new vscode.EventEmitter<Notifications["hotclub/runStarted"]>();
  private readonly testEvents = new vscode.EventEmitter<Notifications["hotclub/testEvents"]>();
  private readonly runFinished = new vscode.EventEmitter<Notifications["hotclub/runFinished"]>();
  private readonly notice = new vscode.EventEmitter<Notifications["hotclub/notice"]>();
  private readonly debuggerReady = new vscode.EventEmitter<Notifications["hotclub/debuggerReady"]>();
  private readonly status = new vscode.EventEmitter<Notifications["hotclub/didChangeStatus"]>();
  private readonly workers = new vscode.EventEmitter<Notifications["hotclub/didChangeWorkers"]>();
  private readonly invalidated = new vscode.EventEmitter<Notifications["hotclub/invalidated"]>();

  readonly onDidChangeState = this.stateChanged.event;
  readonly onDidChangeTests = this.tests.event;
  readonly onRunStarted = this.runStarted.event;
  readonly onTestEvents = this.testEvents.event;
  readonly onRunFinished = this.runFinished.event;
  readonly onNotice = this.notice.event;
  readonly onDebuggerReady = this.debuggerReady.event;
  readonly onDidChangeStatus = this.status.event;
  readonly onDidChangeWorkers = this.workers.event;
  readonly onInvalidated = this.invalidated.event;

  private current: LanguageClient | undefined;
  private starting: Promise<void> | undefined;
  private where: SessionState = "stopped";
  private capabilities: ServerCapabilities | undefined;

  /** @param commands those that the extension carries out itself. */
  constructor(
    private readonly launcher: Launcher,
    private readonly log: vscode.LogOutputChannel,
    private readonly commands: readonly string[],
  ) {}

  get state(): SessionState {
    return this.where;
  }

  /** What the server can do, as `features` in docs/editor-authors.md; nothing while it does not run. */
  get features(): ReadonlySet<string> {
    return new Set(this.capabilities?.features);
  }

  /** Who answers, while it runs. */
  get daemon(): DaemonInfo | undefined {
    return this.capabilities?.daemon;
  }

  /** Starts the server if it does not run. It rejects with why it does not start. */
  start(): Promise<void> {
    this.starting ??= this.launch().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    const client = this.current;
    const starting = this.starting;
    this.forget();
    this.enter("stopped");
    await end(client);
    await starting?.catch(() => undefined); // a start that was under way has ended then
  }

  /** Asks the server; while it is starting, as soon as it runs. */
  request<M extends Method>(method: M, params: Requests[M][0], token?: vscode.CancellationToken): Promise<Requests[M][1]> {
    return this.send<Requests[M][1]>(method, params, token);
  }

  /** Has the server carry out one of its own commands, if it may. */
  async execute(command: string, argument: object): Promise<unknown> {
    return guard(command, argument, () => this.send("workspace/executeCommand", { command, arguments: [argument] }));
  }

  dispose(): void {
    const client = this.current;
    this.forget();
    void end(client);
    for (const emitter of [
      this.stateChanged, this.tests, this.runStarted, this.testEvents, this.runFinished,
      this.notice, this.debuggerReady, this.status, this.workers, this.invalidated,
    ]) {
      emitter.dispose();
    }
  }

  private async send<Answer>(method: string, params: object, token?: vscode.CancellationToken): Promise<Answer> {
    await this.starting?.catch(() => undefined);
    const client = this.current;
    if (client === undefined || this.where !== "running") {
      throw new Error("Hotclub's server does not run: start it with the command “Hotclub: Restart Server”.");
    }
    // With an undefined token the parameters would travel as a list of two.
    return token === undefined ? client.sendRequest<Answer>(method, params) : client.sendRequest<Answer>(method, params, token);
  }

  private async launch(): Promise<void> {
    if (this.where === "running") {
      return;
    }
    this.enter("starting");
    let client: LanguageClient | undefined;
    try {
      const launch = await this.launcher();
      if (!this.isStarting()) {
        return; // stopped meanwhile
      }
      client = this.connect(launch);
      this.current = client;
      await client.start();
      if (this.current !== client) {
        await end(client); // stopped meanwhile, when it could not be ended yet
        return;
      }
      if (!client.isRunning()) {
        throw new Error("Hotclub's server ended while it was starting."); // a client that was closed meanwhile does not say so
      }
      this.enter("running");
    } catch (error) {
      if (client === undefined ? this.isStarting() : this.current === client) {
        this.fail(error instanceof Error ? error.message : String(error));
      }
      throw error;
    }
  }

  private connect(launch: Launch): LanguageClient {
    const run = {
      command: launch.command,
      args: [...launch.args],
      options: { ...(launch.cwd !== undefined && { cwd: launch.cwd }), ...(launch.environment && { env: launch.environment }) },
    };
    const server: ServerOptions = { run, debug: run };
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: "file", language: "python" }],
      diagnosticCollectionName: "hotclub",
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: launch.options,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.closed(client),
      },
      middleware: {
        executeCommand: guard,
        workspace: {
          // Settings alone are not all: the Python extension knows the interpreter.
          configuration: ({ items }, token, next) =>
            items.length === 1 && items[0]?.section === "hotclub" ? launch.configuration().then((each) => [each]) : next({ items }, token),
          didChangeConfiguration: () => Promise.resolve(), // configuration.ts tells
        },
      },
    };
    const client = new Client("hotclub", "Hotclub", server, options);
    client.registerFeature(
      new Extension(
        {
          version: protocolVersion,
          runEvents: "all",
          poolEvents: true,
          output: "stream",
          lenses: launch.lenses,
          commands: [...this.commands],
        },
        (capabilities) => {
          this.capabilities = capabilities;
        },
      ),
    );
    this.listen(client);
    return client;
  }

  private listen(client: LanguageClient): void {
    const pass = <N extends keyof Notifications>(name: N, emitter: vscode.EventEmitter<Notifications[N]>): void => {
      client.onNotification(name, (params: Notifications[N]) => {
        emitter.fire(params);
      });
    };
    pass("hotclub/didChangeTests", this.tests);
    pass("hotclub/runStarted", this.runStarted);
    pass("hotclub/testEvents", this.testEvents);
    pass("hotclub/runFinished", this.runFinished);
    pass("hotclub/notice", this.notice);
    pass("hotclub/debuggerReady", this.debuggerReady);
    pass("hotclub/didChangeStatus", this.status);
    pass("hotclub/didChangeWorkers", this.workers);
    pass("hotclub/invalidated", this.invalidated);
  }

  private closed(client: LanguageClient): CloseHandlerResult {
    if (this.current === client && this.where === "running") {
      this.fail("Hotclub's server has ended.");
    }
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private fail(reason: string): void {
    this.forget();
    this.log.error(reason);
    this.enter("failed", reason);
  }

  private isStarting(): boolean {
    return this.where === "starting";
  }

  private forget(): void {
    this.current = undefined;
    this.capabilities = undefined;
  }

  private enter(state: SessionState, reason?: string): void {
    this.where = state;
    this.stateChanged.fire(reason === undefined ? { state } : { state, reason });
  }
}

/** What goes wrong with the connection is written down; server.ts finds the words for the person. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** The part of `initialize` that is Hotclub's own. */
class Extension implements StaticFeature {
  constructor(
    private readonly offered: ClientCapabilities,
    private readonly learn: (capabilities: ServerCapabilities | undefined) => void,
  ) {}

  fillClientCapabilities(capabilities: { experimental?: unknown }): void {
    capabilities.experimental = { ...(capabilities.experimental ?? {}), hotclub: this.offered };
  }

  initialize(capabilities: { experimental?: { hotclub?: ServerCapabilities } }): void {
    this.learn(capabilities.experimental?.hotclub);
  }

  getState(): FeatureState {
    return { kind: "static" };
  }

  clear(): void {
    // It holds nothing.
  }
}

async function end(client: LanguageClient | undefined): Promise<void> {
  try {
    await client?.dispose();
  } catch {
    // It never got to run, or its process is gone already.
  }
}
