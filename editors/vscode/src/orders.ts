import * as vscode from "vscode";

import type { Order } from "./runs";
import type { Tree } from "./tree";

/** The order of one project that is a part of what the explorer asks for. */
export interface ProjectOrder extends Order {
  project: string;
  request: vscode.TestRunRequest;
}

/**
 * Puts a request of the explorer into words of the server: a run is about one project, so that
 * each project has its own.
 */
export function ordersOf(request: vscode.TestRunRequest, tree: Tree): ProjectOrder[] {
  const asked = request.include === undefined ? tree.projects : idsOf(request.include, tree);
  const excluded = groupBy(idsOf(request.exclude ?? [], tree), (id) => tree.projectOf(id));
  const byProject = groupBy(asked, (id) => tree.projectOf(id));
  return [...byProject].map(([project, ids]) => {
    const exclude = excluded.get(project);
    const name = byProject.size > 1 ? tree.find(project)?.label : undefined;
    return {
      project,
      request,
      params: { select: { ids }, ...(exclude && { exclude }) },
      ...(name !== undefined && { name }),
    };
  });
}

function idsOf(items: readonly vscode.TestItem[], tree: Tree): string[] {
  const ids = items.map((item) => tree.idOf(item)).filter((id) => id !== undefined);
  return [...new Set(ids)];
}

function groupBy(ids: readonly string[], key: (id: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const group = groups.get(key(id));
    if (group === undefined) {
      groups.set(key(id), [id]);
    } else {
      group.push(id);
    }
  }
  return groups;
}
