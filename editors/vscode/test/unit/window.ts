// The window around the extension, as the stub of "vscode" has it: settings, folders, trust,
// messages, other extensions. Tests set it up and look at it through `fake`.
import { posix } from "node:path";

import { EventEmitter, type Listening } from "./events";

export class Disposable {
  static from(...all: Listening[]): Disposable {
    return new Disposable(() => {
      for (const each of all) {
        each.dispose();
      }
    });
  }

  constructor(readonly dispose: () => void) {}
}

export class Uri {
  static file(path: string): Uri {
    return new Uri("file", path);
  }

  static parse(text: string): Uri {
    const [scheme = "", path = ""] = text.split("://");
    return new Uri(scheme, decodeURIComponent(path));
  }

  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(base.scheme, posix.join(base.fsPath, ...parts));
  }

  private constructor(
    readonly scheme: string,
    readonly fsPath: string,
  ) {}

  toString(): string {
    return `${this.scheme}://${this.fsPath}`;
  }
}

export class ThemeColor {
  constructor(readonly id: string) {}
}

export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}

export class MarkdownString {
  value = "";

  appendText(text: string): this {
    this.value += text;
    return this;
  }

  appendCodeblock(text: string): this {
    this.value += `\n${text}\n`;
    return this;
  }
}

export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState = 0,
  ) {}
}

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };

/** A message that the person has before them. */
export interface Shown {
  severity: "information" | "warning" | "error";
  text: string;
  choices: string[];
  /** Clicks one of the choices, or closes the message. */
  answer: (choice: string | undefined) => Promise<void>;
}

const configured = new EventEmitter<{ affectsConfiguration: (name: string) => boolean }>();
const granted = new EventEmitter<void>();
const moved = new EventEmitter<void>();
const extended = new EventEmitter<void>();
const looked = new EventEmitter<void>();

/** Lets what waits for promises go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 100; i++) {
    await Promise.resolve();
  }
}

export const fake = {
  trusted: true,
  folders: [] as { uri: Uri; name: string }[],
  activeFile: undefined as Uri | undefined,
  extensions: new Map<string, unknown>(),
  /** By "hotclub.path", or by "file:///folder hotclub.path" for one folder. */
  settings: new Map<string, unknown>(),
  messages: [] as Shown[],
  picks: [] as { items: { label: string; command?: string }[]; pick: (label: string) => Promise<void> }[],
  executed: [] as unknown[][],
  commands: new Map<string, (...args: never[]) => unknown>(),
  statusItem: { text: "", tooltip: undefined as MarkdownString | undefined, backgroundColor: undefined as ThemeColor | undefined, visible: false },

  reset(): void {
    Object.assign(fake, { trusted: true, folders: [], activeFile: undefined, messages: [], picks: [], executed: [] });
    fake.extensions.clear();
    fake.settings.clear();
    fake.commands.clear();
  },
  set(name: string, value: unknown, folder?: Uri): void {
    fake.settings.set(folder === undefined ? name : `${folder.toString()} ${name}`, value);
    configured.fire({ affectsConfiguration: (asked) => name === asked || name.startsWith(`${asked}.`) });
  },
  grantTrust(): void {
    fake.trusted = true;
    granted.fire();
  },
  openFolders(...paths: string[]): void {
    fake.folders = paths.map((path) => ({ uri: Uri.file(path), name: path.split("/").at(-1) ?? path }));
    moved.fire();
  },
  lookAt(path: string | undefined): void {
    fake.activeFile = path === undefined ? undefined : Uri.file(path);
    looked.fire();
  },
  install(id: string, extension: unknown): void {
    fake.extensions.set(id, extension);
    extended.fire();
  },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined, show: () => fake.executed.push(["log"]) },
};

function message(severity: Shown["severity"]) {
  return (text: string, ...choices: string[]): Promise<string | undefined> =>
    new Promise((resolve) => {
      fake.messages.push({
        severity,
        text,
        choices,
        answer: (choice) => {
          resolve(choice);
          return settle();
        },
      });
    });
}

export const workspace = {
  get isTrusted() {
    return fake.trusted;
  },
  get workspaceFolders() {
    return fake.folders.length > 0 ? fake.folders : undefined;
  },
  asRelativePath: (file: Uri | string): string => (typeof file === "string" ? file : file.fsPath),
  onDidGrantWorkspaceTrust: granted.event,
  onDidChangeWorkspaceFolders: moved.event,
  onDidChangeConfiguration: configured.event,
  getConfiguration: (section: string, folder?: Uri) => ({
    get: (name: string, fallback?: unknown): unknown =>
      fake.settings.get(`${folder?.toString() ?? ""} ${section}.${name}`) ?? fake.settings.get(`${section}.${name}`) ?? fallback,
    update: (name: string, value: unknown, target: number): Promise<void> => {
      fake.set(`${section}.${name}`, value, target === ConfigurationTarget.WorkspaceFolder ? folder : undefined);
      return Promise.resolve();
    },
  }),
};

export const env = { appName: "VS Code" };

export const extensions = {
  onDidChange: extended.event,
  getExtension: (id: string): unknown => fake.extensions.get(id),
};

export const commands = {
  executeCommand: (...all: unknown[]): Promise<void> => {
    fake.executed.push(all);
    return Promise.resolve();
  },
  registerCommand: (name: string, carryOut: (...args: never[]) => unknown): Disposable => {
    fake.commands.set(name, carryOut);
    return new Disposable(() => fake.commands.delete(name));
  },
};

export const window = {
  get activeTextEditor() {
    return fake.activeFile && { document: { uri: fake.activeFile } };
  },
  onDidChangeActiveTextEditor: looked.event,
  showInformationMessage: message("information"),
  showWarningMessage: message("warning"),
  showErrorMessage: message("error"),
  showQuickPick: (items: { label: string; command?: string }[]) =>
    new Promise((resolve) => {
      fake.picks.push({
        items,
        pick: (label) => {
          resolve(items.find((each) => each.label.endsWith(label)));
          return settle();
        },
      });
    }),
  showTextDocument: (uri: Uri): void => void fake.executed.push(["open", uri.fsPath]),
  createStatusBarItem: () =>
    Object.assign(fake.statusItem, {
      show: () => {
        fake.statusItem.visible = true;
      },
      hide: () => {
        fake.statusItem.visible = false;
      },
      dispose: () => undefined,
    }),
};
