import * as vscode from "vscode";

/** The error codes of LSP that say that nobody has to be told. */
const cancelled = -32800;

/** Tells the person what went wrong, and nothing twice while it can be read. */
export class Problems {
  private readonly told = new Set<string>();

  constructor(private readonly log: vscode.LogOutputChannel) {}

  report(error: unknown): void {
    if (codeOf(error) === cancelled || error instanceof vscode.CancellationError) {
      return;
    }
    const text = textOf(error);
    this.log.error(text);
    if (this.told.has(text)) {
      return;
    }
    this.told.add(text);
    const forget = (): void => {
      this.told.delete(text);
    };
    vscode.window.showErrorMessage(text).then(forget, forget);
  }

  /** Carries something out whose failure the person has to hear of. */
  async watch<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }
}

/** What an error says to a person. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of an error that the server has answered. */
export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
