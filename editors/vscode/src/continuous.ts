import * as vscode from "vscode";

import { codeOf, type Problems } from "./problems";
import type { Cause } from "./protocol";
import type { Order, Runs } from "./runs";
import type { Session } from "./session";

/**
 * The codes of answers after which asking again is right: the daemon has ended and another one is
 * there, or whoever waited before has left.
 */
const askAgain: readonly unknown[] = [-32802, -32800];

/**
 * Runs tests again and again: those of an order that a save can have changed, what failed last
 * first. The server says when something was saved that the project's processes have read, in
 * whatever editor.
 */
export class Continuous {
  private readonly feeds = new Map<string, Feed>();

  constructor(
    private readonly session: Session,
    private readonly runs: Runs,
    private readonly problems: Problems,
  ) {}

  /** Runs an order of the project around a folder at each save, until it is cancelled. */
  async watch(folder: string, order: Order, token: vscode.CancellationToken): Promise<void> {
    let latest: vscode.CancellationTokenSource | undefined;
    const again = (changes: readonly Cause[]): void => {
      latest?.cancel();
      latest = new vscode.CancellationTokenSource();
      void this.runAffected(order, changes, latest.token);
    };
    const end = cancelled(token);
    const goesOn = (): boolean => !token.isCancellationRequested;
    try {
      while (goesOn()) {
        const feed = this.feed(folder);
        const listening = feed.onSaved(again);
        try {
          await Promise.race([feed.begun, end]);
          if (goesOn()) {
            again([]);
          }
          await Promise.race([feed.over, end]);
        } catch (error) {
          await this.recover(error, end);
        } finally {
          listening.dispose();
        }
      }
    } finally {
      latest?.cancel();
    }
  }

  /** Waits until saves can be asked for again. It rejects with an error that asking again does not mend. */
  private async recover(error: unknown, end: Promise<void>): Promise<void> {
    if (this.session.state === "running") {
      if (!askAgain.includes(codeOf(error))) {
        throw error;
      }
      return;
    }
    const running = new Promise<void>((resolve) => {
      const listening = this.session.onDidChangeState(({ state }) => {
        if (state === "running") {
          listening.dispose();
          resolve();
        }
      });
      void end.then(() => {
        listening.dispose();
      });
    });
    await Promise.race([running, end]);
  }

  private async runAffected(order: Order, changes: readonly Cause[], token: vscode.CancellationToken): Promise<void> {
    const { name, params } = order;
    const because = changes.map(({ file, rule }) => `${vscode.workspace.asRelativePath(file)} ${rule}`).join(", ");
    // The run is shown when it is known which tests it has: most saves change few, or none.
    const affected: Order = {
      params: { ...params, badFirst: true, select: { ...params.select, affected: "sinceLastRun" } },
      continuous: true,
      ...(because !== "" && { because }),
      ...(name !== undefined && { name }),
    };
    await this.problems.watch(async () => {
      const end = await this.runs.run(affected, token);
      if (end.outcome === "error") {
        throw new Error(`The tests could not be run after a save: ${end.error ?? "the server does not say why."}`);
      }
    });
  }

  private feed(folder: string): Feed {
    let feed = this.feeds.get(folder);
    if (feed === undefined) {
      const made = new Feed(this.session, folder);
      const forget = (): void => {
        if (this.feeds.get(folder) === made) {
          this.feeds.delete(folder);
        }
      };
      made.over.then(forget, forget);
      feed = made;
      this.feeds.set(folder, feed);
    }
    return feed;
  }
}

/** The saves in one project. It asks the server as long as anybody listens. */
class Feed {
  private readonly saved = new vscode.EventEmitter<readonly Cause[]>();
  private readonly source = new vscode.CancellationTokenSource();
  private listeners = 0;
  /** Saves count from then on. */
  readonly begun: Promise<unknown>;
  /** It asks no more; it rejects with why it can't. */
  readonly over: Promise<void>;

  constructor(
    private readonly session: Session,
    private readonly folder: string,
  ) {
    this.begun = session.request("hotclub/saves", { project: { root: folder }, begin: true });
    this.over = this.ask();
  }

  onSaved(listener: (changes: readonly Cause[]) => void): vscode.Disposable {
    this.listeners++;
    const listening = this.saved.event(listener);
    return new vscode.Disposable(() => {
      listening.dispose();
      if (--this.listeners === 0) {
        this.source.cancel();
      }
    });
  }

  private async ask(): Promise<void> {
    await this.begun;
    while (!this.source.token.isCancellationRequested) {
      const { changes } = await this.session.request("hotclub/saves", { project: { root: this.folder } }, this.source.token);
      if (changes.length > 0) {
        this.saved.fire(changes);
      }
    }
  }
}

function cancelled(token: vscode.CancellationToken): Promise<void> {
  return new Promise((resolve) => {
    if (token.isCancellationRequested) {
      resolve();
    }
    token.onCancellationRequested(() => {
      resolve();
    });
  });
}
