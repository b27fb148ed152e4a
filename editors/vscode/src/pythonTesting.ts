import * as vscode from "vscode";

import { isInside, type Pools } from "./pools";

const frameworks = ["unittest", "pytest"] as const;

/**
 * Where the Python extension runs a folder's tests too, each test stands in the Test Explorer
 * twice. The person is asked once for each folder which of the two shall do it.
 */
export class PythonTesting implements vscode.Disposable {
  private readonly listening: vscode.Disposable;
  private readonly asking = new Set<string>();

  constructor(
    private readonly pools: Pools,
    private readonly memory: vscode.Memento,
  ) {
    this.listening = vscode.Disposable.from(
      pools.onDidChange(() => {
        this.look();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("python.testing")) {
          this.look();
        }
      }),
    );
  }

  dispose(): void {
    this.listening.dispose();
  }

  private look(): void {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const doubled = enabledIn(folder);
      if (doubled.length > 0 && this.hasProject(folder)) {
        void this.ask(folder, doubled);
      }
    }
  }

  private hasProject(folder: vscode.WorkspaceFolder): boolean {
    return this.pools.all.some(({ root }) => isInside(root, folder.uri.fsPath) || isInside(folder.uri.fsPath, root));
  }

  private async ask(folder: vscode.WorkspaceFolder, doubled: readonly string[]): Promise<void> {
    const key = `pythonTesting.asked:${folder.uri.toString()}`;
    if (this.asking.has(key) || this.memory.get<boolean>(key) === true) {
      return;
    }
    this.asking.add(key); // until the memory has it
    const [hotclub, python, both] = ["Only Hotclub", "Only Python's", "Keep Both"];
    const choice = await vscode.window.showInformationMessage(
      `The Python extension runs the tests of “${folder.name}” too (${doubled.join(" and ")}), so each stands in the Test Explorer twice.`,
      hotclub,
      python,
      both,
    );
    await this.memory.update(key, true);
    this.asking.delete(key);
    if (choice === hotclub) {
      const testing = vscode.workspace.getConfiguration("python.testing", folder.uri);
      for (const framework of doubled) {
        await testing.update(`${framework}Enabled`, false, vscode.ConfigurationTarget.WorkspaceFolder);
      }
    } else if (choice === python) {
      await vscode.workspace.getConfiguration("hotclub").update("enabled", false, vscode.ConfigurationTarget.Workspace);
    }
  }
}

/** The test frameworks that the Python extension runs in a folder. */
function enabledIn(folder: vscode.WorkspaceFolder): string[] {
  if (vscode.extensions.getExtension("ms-python.python") === undefined) {
    return [];
  }
  const testing = vscode.workspace.getConfiguration("python.testing", folder.uri);
  return frameworks.filter((each) => testing.get<boolean>(`${each}Enabled`) === true);
}
