// A small project as the server tells of it, for tests of the tree and of runs.
import type { Message, Test, TestItem, Tests, Verdict } from "../../src/protocol";

export const project = "p//";

/** What the ids of an item are made of. */
export const file = (name: string): string => `${project}shop/${name}`;

/** An item with what every item has. */
export function item(id: string, parent: string | undefined, kind: TestItem["kind"], more: Partial<TestItem> = {}): TestItem {
  const name = id.slice(id.lastIndexOf(id.includes("::") ? "::" : "/") + (id.includes("::") ? 2 : 1)) || "shop";
  return { id, ...(parent !== undefined && { parent }), kind, name, label: name, runnable: true, fidelity: "static", ...more };
}

/** A file with one class of some tests. */
export function fileItems(name: string, tests: readonly string[]): TestItem[] {
  const uri = `file:///shop/${name}`;
  const at = (line: number): Partial<TestItem> => ({
    uri,
    range: { start: { line, character: 0 }, end: { line: line + 1, character: 0 } },
  });
  return [
    item(file(name), `${project}shop`, "file", at(0)),
    item(`${file(name)}::T`, file(name), "class", { ...at(2), label: `${name.replace(".py", "")}.T` }),
    ...tests.map((test, index) => item(`${file(name)}::T::${test}`, `${file(name)}::T`, "test", at(3 + index))),
  ];
}

export function all(...files: TestItem[][]): Tests {
  return {
    revision: 1,
    items: [item(project, undefined, "project", { name: "shop" }), item(`${project}shop`, project, "dir"), ...files.flat()],
    removed: [],
    errors: [],
  };
}

export function change(more: Partial<Tests>): Tests {
  return { revision: 2, project, items: [], removed: [], errors: [], ...more };
}

export function test(name: string, inFile = "test_cart.py"): Test {
  const module = inFile.replace(".py", "");
  return { id: `${file(inFile)}::T::${name}`, label: `${module}.T.${name}`, name, file: `/shop/${inFile}`, line: 4, module, class: "T" };
}

export function verdict(state: Verdict["state"], messages: Message[] = []): Verdict {
  return { state, durationMs: 1.5, ...(messages.length > 0 && { messages }) };
}
