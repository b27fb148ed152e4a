import * as vscode from "vscode";

/** What is used of the Python extension's API. */
export interface PythonApi {
  readonly ready?: Promise<void>;
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): EnvironmentPath;
    resolveEnvironment(environment: EnvironmentPath): Promise<{ executable: { uri?: vscode.Uri | undefined } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
  readonly debug?: { getDebuggerPackagePath(): Promise<string | undefined> };
}

interface EnvironmentPath {
  readonly id: string;
  readonly path: string;
}

const pythonExtension = "ms-python.python";

/**
 * How long the start of the server waits for the Python extension. One that takes longer changes
 * the interpreter later, as a person does who selects another.
 */
const patienceMs = 3_000;

/** Which interpreter the Python extension has for a folder, where it is installed. */
export class Interpreters implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly listening: vscode.Disposable[] = [];
  private api: Promise<PythonApi | undefined> | undefined;

  /** Another interpreter may be the right one now. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.listening.push(
      vscode.extensions.onDidChange(() => {
        if (this.api === undefined && this.installed !== undefined) {
          this.changed.fire();
        }
      }),
    );
  }

  /** Absolute path of a folder's interpreter; undefined where nobody has one for it. */
  async of(folder: vscode.Uri | undefined): Promise<string | undefined> {
    const api = await this.inTime();
    if (api === undefined) {
      return undefined;
    }
    try {
      const active = api.environments.getActiveEnvironmentPath(folder);
      const environment = await api.environments.resolveEnvironment(active);
      return environment?.executable.uri?.fsPath; // none: an environment without a Python in it
    } catch (error) {
      this.log.warn(`The Python extension does not tell the interpreter of ${folder?.fsPath ?? "this window"}:`, error);
      return undefined;
    }
  }

  /** Folder of the debugpy that came with the Python extension. */
  async debugpy(): Promise<string | undefined> {
    try {
      return await (await this.python())?.debug?.getDebuggerPackagePath();
    } catch (error) {
      this.log.warn("The Python extension does not tell where its debugpy is:", error);
      return undefined;
    }
  }

  dispose(): void {
    this.changed.dispose();
    vscode.Disposable.from(...this.listening).dispose();
  }

  private get installed(): vscode.Extension<PythonApi> | undefined {
    return vscode.extensions.getExtension<PythonApi>(pythonExtension);
  }

  private async inTime(): Promise<PythonApi | undefined> {
    let late = false;
    const python = this.python().then((api) => {
      if (late && api !== undefined) {
        this.changed.fire();
      }
      return api;
    });
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        late = true;
        resolve(undefined);
      }, patienceMs);
    });
    try {
      return await Promise.race([python, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The Python extension's API, once it is up. */
  private python(): Promise<PythonApi | undefined> {
    const extension = this.installed;
    if (extension === undefined) {
      return Promise.resolve(undefined);
    }
    this.api ??= this.activate(extension);
    return this.api;
  }

  private async activate(extension: vscode.Extension<PythonApi>): Promise<PythonApi | undefined> {
    try {
      const api = await extension.activate();
      await api.ready;
      this.listening.push(
        api.environments.onDidChangeActiveEnvironmentPath(() => {
          this.changed.fire();
        }),
      );
      return api;
    } catch (error) {
      this.log.warn("The Python extension does not start, so its interpreter is not known:", error);
      return undefined;
    }
  }
}
