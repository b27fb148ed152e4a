import * as vscode from "vscode";

import type { Position } from "./protocol";
import type { Tree } from "./tree";

/** What the argument of a command names, as docs/editor-authors.md says. */
export interface Target {
  id?: string;
  ids?: string[];
  labels?: string[];
  uri?: string;
  position?: Position;
  runId?: string;
  since?: string;
  cold?: boolean;
}

/**
 * Reads the arguments of a command. A lens brings an object; a key may bring an id; the menus of the
 * explorer bring items, those of a failure an object with its test.
 */
export function targetOf(args: readonly unknown[], tree: Tree): Target {
  const [first, second] = args;
  const items = Array.isArray(second) ? second : [first];
  const ids = items.map(testItemOf).filter((item) => item !== undefined).map((item) => tree.idOf(item));
  if (ids.length > 0) {
    return { ids: ids.filter((id) => id !== undefined) };
  }
  if (typeof first === "string") {
    return { id: first };
  }
  return typeof first === "object" && first !== null && !(first instanceof vscode.Uri) ? first : {};
}

/** The ids that a target names. */
export function idsOf(target: Target): string[] {
  return [...(target.id === undefined ? [] : [target.id]), ...(target.ids ?? [])];
}

/** The file that is meant: the target's, else the one in the active editor. */
export function fileOf(target: Target): vscode.Uri {
  const uri = target.uri === undefined ? vscode.window.activeTextEditor?.document.uri : vscode.Uri.parse(target.uri);
  if (uri === undefined) {
    throw new Error("No file is meant: open one with tests and try again.");
  }
  return uri;
}

/** The place that is meant: the target's, else the cursor. */
export function placeOf(target: Target): { uri: string; position: Position } {
  const uri = fileOf(target).toString();
  const position = target.position ?? vscode.window.activeTextEditor?.selection.active;
  return { uri, position: { line: position?.line ?? 0, character: position?.character ?? 0 } };
}

function testItemOf(value: unknown): vscode.TestItem | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  if ("test" in value) {
    return testItemOf(value.test);
  }
  return "id" in value && "children" in value && "canResolveChildren" in value ? (value as vscode.TestItem) : undefined;
}
