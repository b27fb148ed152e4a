import * as vscode from "vscode";

import type * as protocol from "./protocol";

/** Who knows the interpreter of a folder. */
export interface InterpreterSource {
  of(folder: vscode.Uri | undefined): Promise<string | undefined>;
  readonly onDidChange: vscode.Event<void>;
}

/** Whom the choices are told. */
export interface Configurable {
  readonly state: string;
  request(method: "hotclub/configure", params: protocol.Configuration): Promise<null>;
}

/** The settings that the server is told of; the others are about the editor alone. */
const told = ["python", "settings", "startMethod", "parallel", "lenses"].map((name) => `hotclub.${name}`);

/**
 * What this window has chosen about its projects: the settings of each folder, its interpreter,
 * and whether the person trusts it. It tells the server when that changes.
 */
export class Configuration implements vscode.Disposable {
  private readonly listening: vscode.Disposable;
  private telling: Promise<void> = Promise.resolve();
  private session: Configurable | undefined;

  constructor(
    private readonly interpreters: InterpreterSource,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.listening = vscode.Disposable.from(
      interpreters.onDidChange(() => { this.tell(); }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => { this.tell(); }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => { this.tell(); }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (told.some((name) => event.affectsConfiguration(name))) {
          this.tell();
        }
      }),
    );
  }

  /** Names whom to tell of later changes. */
  follow(session: Configurable): void {
    this.session = session;
  }

  /** What holds now. */
  async current(): Promise<protocol.Configuration> {
    const settings = vscode.workspace.getConfiguration("hotclub");
    const folders = vscode.workspace.workspaceFolders ?? [];
    return {
      trusted: vscode.workspace.isTrusted,
      ...(await this.choice(undefined)),
      folders: await Promise.all(folders.map(async ({ uri }) => ({ uri: uri.toString(), ...(await this.choice(uri)) }))),
      parallel: parallel(settings.get("parallel")),
      lenses: settings.get<string>("lenses") === "off" ? "off" : "on",
    };
  }

  dispose(): void {
    this.listening.dispose();
  }

  /** What has been chosen for a folder. A setting is stronger than the Python extension. */
  private async choice(folder: vscode.Uri | undefined): Promise<protocol.FolderChoice> {
    const settings = vscode.workspace.getConfiguration("hotclub", folder);
    const text = (name: string): string => settings.get<string>(name)?.trim() ?? "";
    const python = text("python") || (vscode.workspace.isTrusted ? await this.interpreters.of(folder) : undefined);
    return {
      ...(python !== undefined && { python: expand(python, folder) }),
      ...(text("settings") !== "" && { settings: text("settings") }),
      ...(text("startMethod") !== "" && { startMethod: text("startMethod") }),
    };
  }

  /** Tells the server, one change after the other: the last word must be the newest. */
  private tell(): void {
    this.telling = this.telling.then(async () => {
      if (this.session?.state !== "running") {
        return; // it asks by itself when it starts
      }
      try {
        const choices = await this.current();
        await this.session.request("hotclub/configure", choices);
        this.log.info("The server was told of changed settings:", JSON.stringify(choices));
      } catch (error) {
        this.log.error("The server was not told of changed settings:", error);
      }
    });
  }
}

/** Makes a path of a setting absolute within its folder. */
function expand(python: string, folder: vscode.Uri | undefined): string {
  const within = folder?.fsPath ?? vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  return python.replaceAll("${workspaceFolder}", within);
}

function parallel(setting: unknown): number | "auto" {
  return typeof setting === "number" && setting > 0 ? Math.floor(setting) : "auto";
}
