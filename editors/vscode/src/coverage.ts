import * as vscode from "vscode";

import type { CoverageDetail, CoveredFile } from "./protocol";
import type { Order } from "./runs";
import type { Session } from "./session";

/** Longer than any line: a stretch of lines ends with its last one. */
const lineEnd = 10_000;

/** What a run has covered of a file. The lines are asked for when somebody looks at it. */
class Covered extends vscode.FileCoverage {
  constructor(
    readonly runId: string,
    readonly file: CoveredFile,
  ) {
    super(
      vscode.Uri.parse(file.uri),
      new vscode.TestCoverageCount(file.executed, file.total),
      file.branchesTotal === undefined ? undefined : new vscode.TestCoverageCount(file.branchesExecuted ?? 0, file.branchesTotal),
    );
  }
}

/** Runs with coverage. */
export class Coverage {
  constructor(private readonly session: Session) {}

  /** Makes an order one with coverage. */
  order(order: Order): Order {
    const branches = vscode.workspace.getConfiguration("hotclub").get<boolean>("coverage.branches", true);
    return {
      ...order,
      params: { ...order.params, coverage: { branches } },
      conclude: (run, runId) => this.add(run, runId),
    };
  }

  /** The lines of a file, for VS Code's gutter. */
  async detail(coverage: vscode.FileCoverage, token: vscode.CancellationToken): Promise<vscode.FileCoverageDetail[]> {
    if (!(coverage instanceof Covered)) {
      return [];
    }
    return detailsOf(coverage.file.detail ?? (await this.ask(coverage, token)));
  }

  private async ask(coverage: Covered, token: vscode.CancellationToken): Promise<CoverageDetail | undefined> {
    const { runId, file } = coverage;
    const { files } = await this.session.request("hotclub/coverage", { runId, uri: file.uri }, token);
    return files[0]?.detail;
  }

  private async add(run: vscode.TestRun, runId: string): Promise<void> {
    if (run.token.isCancellationRequested) {
      return; // half of a run has no coverage
    }
    const { tool, files } = await this.session.request("hotclub/coverage", { runId });
    run.appendOutput(`Coverage of ${files.length} files by ${tool}.\r\n`);
    for (const file of files) {
      run.addCoverage(new Covered(runId, file));
    }
  }
}

/** One statement for each line, with the branches that leave it. */
export function detailsOf(detail: CoverageDetail | undefined): vscode.StatementCoverage[] {
  if (detail === undefined) {
    return [];
  }
  const branches = new Map<number, vscode.BranchCoverage[]>();
  for (const { line, to, taken } of detail.branches ?? []) {
    const label = to < 0 ? "the end" : `line ${to + 1}`;
    const from = branches.get(line) ?? [];
    branches.set(line, [...from, new vscode.BranchCoverage(taken, new vscode.Range(line, 0, line, lineEnd), `to ${label}`)]);
  }
  const lines = (stretches: readonly [number, number][], executed: boolean): vscode.StatementCoverage[] =>
    stretches.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => {
        const line = first + index;
        return new vscode.StatementCoverage(executed, new vscode.Range(line, 0, line, lineEnd), branches.get(line) ?? []);
      }),
    );
  return [...lines(detail.executed, true), ...lines(detail.missed, false)];
}
