import * as vscode from "vscode";

import type { Debug } from "./debug";
import type { Problems } from "./problems";
import type { Select } from "./protocol";
import type { Order, Runs } from "./runs";
import type { Session } from "./session";
import { fileOf, idsOf, placeOf, type Target, targetOf } from "./target";
import type { Tree } from "./tree";

/** The server's commands that the extension carries out itself, lenses and code actions included. */
export const ownCommands = [
  "hotclub.run",
  "hotclub.runNearest",
  "hotclub.runFile",
  "hotclub.runFailed",
  "hotclub.runAffected",
  "hotclub.runLast",
  "hotclub.debug",
  "hotclub.runInTerminal",
  "hotclub.cancel",
  "hotclub.toggleWatch",
  "hotclub.showOutput",
  "hotclub.explain",
  "hotclub.copyCommand",
] as const;

type Name = (typeof ownCommands)[number] | "hotclub.explainTest";

/** Carries out the commands of lenses, menus and the palette; their runs are runs of the explorer. */
export class Commands {
  constructor(
    private readonly session: Session,
    private readonly tree: Tree,
    private readonly runs: Runs,
    private readonly debug: Debug,
    private readonly problems: Problems,
    private readonly profile: (kind: vscode.TestRunProfileKind) => vscode.TestRunProfile,
  ) {}

  register(): vscode.Disposable {
    const carryOut: Record<Name, (target: Target) => Promise<unknown>> = {
      "hotclub.run": (target) => this.run(target),
      "hotclub.runNearest": async (target) => this.runItems([await this.nearest(target)]),
      "hotclub.runFile": (target) => this.runSelected([{ uri: fileOf(target).toString() }]),
      "hotclub.runFailed": (target) => this.runSelected(this.everywhere(target, { failed: true })),
      "hotclub.runAffected": (target) => this.runSelected(this.everywhere(target, { affected: target.since ?? "sinceLastRun" })),
      "hotclub.runLast": () => this.runSelected([{ last: true }]),
      "hotclub.debug": (target) => this.debugItems(target),
      "hotclub.runInTerminal": (target) => this.runInTerminal(target),
      "hotclub.cancel": (target) => this.session.execute("hotclub.cancel", target),
      "hotclub.toggleWatch": (target) => this.session.execute("hotclub.toggleWatch", { uri: fileOf(target).toString() }),
      "hotclub.showOutput": async (target) => this.session.execute("hotclub.showOutput", { id: await this.one(target) }),
      "hotclub.explain": (target) => this.explain(target),
      "hotclub.explainTest": async (target) => this.session.execute("hotclub.explain", { id: await this.one(target) }),
      "hotclub.copyCommand": (target) => this.copyCommand(target),
    };
    return vscode.Disposable.from(
      ...Object.entries(carryOut).map(([name, work]) =>
        vscode.commands.registerCommand(name, (...args: unknown[]) => this.problems.watch(() => work(targetOf(args, this.tree)))),
      ),
    );
  }

  private async run(target: Target): Promise<void> {
    const ids = idsOf(target);
    if (target.cold === true || target.labels !== undefined) {
      const select: Select = { ...(ids.length > 0 && { ids }), ...(target.labels && { labels: target.labels }) };
      await this.carryOut([{ params: { select, ...(target.cold === true && { cold: true }) } }]);
      return;
    }
    await this.runItems(ids.length > 0 ? ids : this.tree.projects);
  }

  /** Runs items that the explorer shows at once as queued. */
  private async runItems(ids: readonly string[]): Promise<void> {
    await this.carryOut(this.ordersOf(ids, vscode.TestRunProfileKind.Run));
  }

  private async debugItems(target: Target): Promise<void> {
    const orders = this.ordersOf(await this.meant(target), vscode.TestRunProfileKind.Debug);
    await this.carryOut(orders.map((order) => this.debug.order(order)));
  }

  private ordersOf(ids: readonly string[], kind: vscode.TestRunProfileKind): Order[] {
    const byProject = new Map<string, string[]>();
    for (const id of ids) {
      const project = this.tree.projectOf(id);
      byProject.set(project, [...(byProject.get(project) ?? []), id]);
    }
    return [...byProject.values()].map((each) => {
      const items = each.map((id) => this.tree.find(id)).filter((item) => item !== undefined);
      const order: Order = { params: { select: { ids: each } } };
      return items.length < each.length ? order : { ...order, request: new vscode.TestRunRequest(items, undefined, this.profile(kind), false, true) };
    });
  }

  /** Runs what only the server can tell: the explorer shows it when its tests are known. */
  private async runSelected(selections: readonly Select[]): Promise<void> {
    await this.carryOut(selections.map((select) => ({ params: { select } })));
  }

  /** The file that was named, else each project. */
  private everywhere(target: Target, select: Select): Select[] {
    if (target.uri !== undefined) {
      return [{ ...select, uri: target.uri }];
    }
    const { projects } = this.tree;
    return projects.length === 0 ? [select] : projects.map((project) => ({ ...select, ids: [project] }));
  }

  private async carryOut(orders: readonly Order[]): Promise<void> {
    await saveBeforeRun();
    await this.runs.carryOut(orders);
  }

  private async runInTerminal(target: Target): Promise<void> {
    const command = await this.session.request("hotclub/command", { ids: await this.meant(target) });
    const terminal = vscode.window.createTerminal({ name: "Hotclub", cwd: command.cwd, ...(command.env && { env: command.env }) });
    terminal.show(true);
    terminal.sendText(command.text);
  }

  private async copyCommand(target: Target): Promise<void> {
    const { text } = await this.session.request("hotclub/command", { ids: await this.meant(target) });
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage("The command is in the clipboard.", 3000);
  }

  /** Without a target, it is about the workers. */
  private async explain(target: Target): Promise<void> {
    const [id] = idsOf(target);
    await this.session.execute("hotclub.explain", id === undefined ? {} : { id });
  }

  /** The items of a target, else the test at the cursor. */
  private async meant(target: Target): Promise<string[]> {
    const ids = idsOf(target);
    return ids.length > 0 ? ids : [await this.nearest(target)];
  }

  private async one(target: Target): Promise<string> {
    const [id] = await this.meant(target);
    return id ?? (await this.nearest(target));
  }

  private async nearest(target: Target): Promise<string> {
    const { items } = await this.session.request("hotclub/testsAt", placeOf(target));
    const [innermost] = items;
    if (innermost === undefined) {
      throw new Error("There are no tests in this file, as far as Hotclub knows. Put the cursor into a test and try again.");
    }
    return innermost.id;
  }
}

/** Does as VS Code does before the runs of the explorer. */
async function saveBeforeRun(): Promise<void> {
  const wanted = vscode.workspace.getConfiguration("testing").get<boolean>("saveBeforeTest", true);
  if (wanted && vscode.workspace.textDocuments.some((document) => document.isDirty && !document.isUntitled)) {
    await vscode.workspace.saveAll(false);
  }
}
