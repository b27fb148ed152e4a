import * as vscode from "vscode";

import { Commands } from "./commands";
import { Continuous } from "./continuous";
import { Coverage } from "./coverage";
import { Debug } from "./debug";
import { type ProjectOrder, ordersOf } from "./orders";
import type { Problems } from "./problems";
import { Runs } from "./runs";
import type { Session } from "./session";
import { Tree } from "./tree";
import { trustedOrAsked } from "./trust";

/** The Test Explorer's part of Hotclub: its tree, its profiles, and the commands that run tests. */
export class Explorer implements vscode.Disposable {
  readonly tree: Tree;
  private readonly runs: Runs;
  private readonly debug: Debug;
  private readonly coverage: Coverage;
  private readonly continuous: Continuous;
  private readonly profiles = new Map<vscode.TestRunProfileKind, vscode.TestRunProfile>();
  private readonly controller: vscode.TestController;
  private readonly disposables: { dispose(): unknown }[];

  constructor(
    private readonly session: Session,
    private readonly problems: Problems,
  ) {
    this.controller = vscode.tests.createTestController("hotclub", "Hotclub");
    this.tree = new Tree(this.controller);
    this.runs = new Runs(session, this.tree, this.controller, problems, () => this.profiles.get(vscode.TestRunProfileKind.Run));
    this.debug = new Debug(session, this.runs, problems);
    this.coverage = new Coverage(session);
    this.continuous = new Continuous(session, this.runs, problems);
    this.makeProfiles();
    const commands = new Commands(session, this.tree, this.runs, this.debug, problems, (kind) => this.profile(kind));
    this.controller.resolveHandler = (item) => {
      if (item !== undefined) {
        this.tree.resolve(item);
      }
    };
    this.controller.refreshHandler = async (token) => {
      await problems.watch(() => this.discover(token));
    };
    this.disposables = [
      this.controller,
      this.runs,
      this.debug,
      commands.register(),
      session.onDidChangeTests((change) => {
        this.tree.apply(change);
      }),
      session.onDidChangeState(({ state }) => {
        if (state === "running") {
          void problems.watch(() => this.discover());
        }
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.tree.open(document.uri);
      }),
    ];
    for (const document of vscode.workspace.textDocuments) {
      this.tree.open(document.uri);
    }
  }

  dispose(): void {
    for (const each of this.disposables.reverse()) {
      each.dispose();
    }
  }

  private async discover(token?: vscode.CancellationToken): Promise<void> {
    this.tree.replace(await this.session.request("hotclub/discover", {}, token));
  }

  private makeProfiles(): void {
    const { Run, Debug, Coverage } = vscode.TestRunProfileKind;
    const make = (label: string, kind: vscode.TestRunProfileKind, order: (order: ProjectOrder) => ProjectOrder): vscode.TestRunProfile => {
      const profile = this.controller.createRunProfile(label, kind, (request, token) => this.carryOut(request, order, token), true);
      this.profiles.set(kind, profile);
      return profile;
    };
    make("Run", Run, (order) => order).supportsContinuousRun = true;
    make("Debug", Debug, (order) => ({ ...order, ...this.debug.order(order) }));
    make("Run with Coverage", Coverage, (order) => ({ ...order, ...this.coverage.order(order) })).loadDetailedCoverage = async (
      _run,
      coverage,
      token,
    ) => (await this.problems.watch(() => this.coverage.detail(coverage, token))) ?? [];
  }

  private profile(kind: vscode.TestRunProfileKind): vscode.TestRunProfile {
    const profile = this.profiles.get(kind);
    if (profile === undefined) {
      throw new Error(`There is no profile of kind ${kind}.`);
    }
    return profile;
  }

  private async carryOut(
    request: vscode.TestRunRequest,
    change: (order: ProjectOrder) => ProjectOrder,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const orders = ordersOf(request, this.tree).map(change);
    if (orders.length === 0) {
      void vscode.window.showInformationMessage("No test was run: Hotclub knows of none yet.");
      return;
    }
    if (request.continuous !== true) {
      await this.runs.carryOut(orders, token);
    } else if (trustedOrAsked()) {
      await Promise.all(orders.map((order) => this.problems.watch(() => this.watch(order, token))));
    }
  }

  private async watch(order: ProjectOrder, token: vscode.CancellationToken): Promise<void> {
    const file = this.tree.fileOf(order.project);
    if (file === undefined) {
      throw new Error("Nothing can be watched: the project has no file with tests.");
    }
    await this.continuous.watch(vscode.Uri.joinPath(file, "..").fsPath, order, token);
  }
}
