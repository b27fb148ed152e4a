import type * as vscode from "vscode";
import { beforeEach, expect, test as it } from "vitest";

import { Tree } from "../../src/tree";
import { all, change, file, fileItems, item, project, test } from "./shop";
import { TestController, type TestItem, type TestItemCollection } from "./testing";
import { type MarkdownString, Uri } from "./window";

let controller: TestController;
let tree: Tree;

beforeEach(() => {
  controller = new TestController();
  tree = new Tree(controller as unknown as vscode.TestController);
});

/** The tree as it is shown, one line for each item. */
function shown(items: TestItemCollection = controller.items, depth = 0): string[] {
  return [...items].flatMap(([, each]) => [`${"  ".repeat(depth)}${each.label}${each.canResolveChildren ? " …" : ""}`, ...shown(each.children, depth + 1)]);
}

const find = (id: string): TestItem | undefined => tree.find(id) as TestItem | undefined;

/** More tests than are shown at once. */
const many = (name: string): ReturnType<typeof fileItems> => fileItems(name, Array.from({ length: 600 }, (_, index) => `test_${index}`));

it("shows a small project with all of its tests", () => {
  tree.replace(all(fileItems("test_cart.py", ["test_add", "test_drop"])));
  expect(shown()).toEqual(["shop", "  shop", "    test_cart.py", "      T", "        test_add", "        test_drop"]);
});

it("takes what is told before an editor has the tree, and after", () => {
  tree.replace(all());
  tree.apply(change({ items: fileItems("test_cart.py", ["test_add"]) }));
  expect(shown()).toEqual(["shop", "  shop", "    test_cart.py", "      T", "        test_add"]);
  tree.apply(change({ items: fileItems("test_till.py", ["test_open"]), removed: [file("test_cart.py")] }));
  expect(shown()).toEqual(["shop", "  shop", "    test_till.py", "      T", "        test_open"]);
});

it("takes a project that comes all at once", () => {
  tree.replace({ revision: 0, items: [], removed: [], errors: [] });
  tree.apply({ ...all(fileItems("test_cart.py", ["test_add"])), project });
  expect(find(`${file("test_cart.py")}::T::test_add`)?.parent?.label).toBe("T");
  expect(shown()).toHaveLength(5);
});

it("shows what is inside of the files of a large project when somebody looks", () => {
  tree.replace(all(many("test_a.py"), many("test_b.py")));
  expect(shown()).toEqual(["shop", "  shop", "    test_a.py …", "    test_b.py …"]);
  tree.resolve(find(file("test_a.py")) as unknown as vscode.TestItem);
  expect(shown()).toHaveLength(4 + 601);
  expect(shown().filter((each) => each.endsWith("…"))).toEqual(["    test_b.py …"]);
});

it("shows what is inside of a file that an editor has open, whatever comes first", () => {
  tree.open(Uri.file("/shop/test_a.py") as unknown as vscode.Uri);
  tree.replace(all(many("test_a.py"), many("test_b.py")));
  expect(shown()).toHaveLength(4 + 601);
  tree.open(Uri.file("/shop/test_b.py") as unknown as vscode.Uri);
  expect(shown()).toHaveLength(4 + 2 * 601);
});

it("shows a test of a large project that is run", () => {
  tree.replace(all(many("test_a.py"), many("test_b.py")));
  expect(find(`${file("test_b.py")}::T::test_7`)?.parent?.parent?.label).toBe("test_b.py");
  expect(shown()).toHaveLength(4 + 601);
});

it("shows all of a project that has become small", () => {
  tree.replace(all(many("test_a.py"), many("test_b.py")));
  tree.apply(change({ removed: [file("test_b.py")] }));
  expect(shown()).toHaveLength(3 + 601);
});

it("keeps the items of what only moved, so that they keep their verdicts", () => {
  tree.replace(all(fileItems("test_cart.py", ["test_add"])));
  const before = find(`${file("test_cart.py")}::T::test_add`);
  const [, , moved] = fileItems("test_cart.py", ["test_add"]);
  const range = { start: { line: 9, character: 0 }, end: { line: 10, character: 0 } };
  tree.apply(change({ items: moved === undefined ? [] : [{ ...moved, range }] }));
  expect(find(`${file("test_cart.py")}::T::test_add`)).toBe(before);
  expect(before?.range?.start.line).toBe(9);
  expect(before?.sortText).toBe("00000009 test_add");
});

it("takes an item to another parent with all that is inside of it", () => {
  tree.replace(all(fileItems("test_cart.py", ["test_add"])));
  tree.apply(
    change({ items: [item(`${project}other`, project, "dir"), item(file("test_cart.py"), `${project}other`, "file", { uri: "file:///shop/test_cart.py" })] }),
  );
  expect(shown()).toEqual(["shop", "  shop", "  other", "    test_cart.py", "      T", "        test_add"]);
});

it("marks files that cannot be read until they are told of without an error", () => {
  const broken = { text: "Traceback", summary: "SyntaxError: invalid syntax" };
  tree.replace(all(fileItems("test_cart.py", [])));
  tree.apply(change({ errors: [{ uri: "file:///shop/test_cart.py", message: broken }] }));
  const shownError = (): string | undefined => (find(file("test_cart.py"))?.error as MarkdownString | undefined)?.value;
  expect(shownError()).toContain("SyntaxError: invalid syntax");
  tree.apply(change({ items: fileItems("test_cart.py", []) }));
  expect(shownError()).toBeUndefined();
});

it("has tags, and says why a test will be skipped", () => {
  const id = `${file("test_cart.py")}::T::test_add`;
  tree.replace(all(fileItems("test_cart.py", [])));
  tree.apply(change({ items: [item(id, `${file("test_cart.py")}::T`, "test", { tags: ["slow"], disabled: { reason: "not today" } })] }));
  expect(find(id)?.tags.map((tag) => tag.id)).toEqual(["slow"]);
  expect(find(id)?.description).toBe("skipped: not today");
});

it("has a place for a test that a worker found before the tree tells of it", () => {
  tree.replace(all(fileItems("test_cart.py", ["test_add"])));
  const found = tree.testItem(test("test_generated")) as unknown as TestItem;
  expect(found.parent?.label).toBe("T");
  tree.apply(change({ items: [item(found.id, `${file("test_cart.py")}::T`, "test", { uri: "file:///shop/test_cart.py" })] }));
  expect(find(found.id)).toBe(found);
});

it("gives a test the subtests of its last run, and takes them away again", () => {
  tree.replace(all(fileItems("test_cart.py", ["test_add"])));
  const parent = tree.testItem(test("test_add"));
  const labels = (): string[] => [...(parent as unknown as TestItem).children].map(([, each]) => each.label);
  const [first] = tree.subtests(parent, ["(i=1)", "(i=2)", "(i=2)"]);
  expect(labels()).toEqual(["(i=1)", "(i=2)", "(i=2)"]);
  expect(first && tree.idOf(first)).toBe(parent.id);
  expect(tree.subtests(parent, ["(i=1)"])[0]).toBe(first);
  expect(labels()).toEqual(["(i=1)"]);
  tree.subtests(parent, []);
  expect(labels()).toEqual([]);
});

it("takes 5,000 tests and a change of all of them without being felt", () => {
  const files = Array.from({ length: 100 }, (_, index) => fileItems(`test_${index}.py`, Array.from({ length: 50 }, (_, n) => `test_${n}`)));
  const begun = performance.now();
  tree.replace(all(...files));
  tree.apply(change({ items: files.flat() }));
  expect(performance.now() - begun).toBeLessThan(500);
  expect(shown()).toHaveLength(102);
});
