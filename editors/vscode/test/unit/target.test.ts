import type * as vscode from "vscode";
import { beforeEach, expect, test as it } from "vitest";

import { fileOf, idsOf, placeOf, targetOf } from "../../src/target";
import { Tree } from "../../src/tree";
import { all, file, fileItems, test } from "./shop";
import { TestController } from "./testing";
import { fake } from "./window";

let tree: Tree;

beforeEach(() => {
  fake.reset();
  tree = new Tree(new TestController() as unknown as vscode.TestController);
  tree.replace(all(fileItems("test_cart.py", ["test_add"])));
});

it("reads what lenses, keys and menus bring", () => {
  const item = tree.testItem(test("test_add"));
  const [part] = tree.subtests(item, ["(i=1)"]);
  expect(targetOf([{ uri: "file:///shop/test_cart.py", id: "x", command: "hotclub.run" }], tree)).toMatchObject({ id: "x" });
  expect(idsOf(targetOf(["x"], tree))).toEqual(["x"]);
  expect(idsOf(targetOf([item], tree))).toEqual([item.id]);
  expect(idsOf(targetOf([part], tree))).toEqual([item.id]);
  expect(idsOf(targetOf([item, [item, tree.find(file("test_cart.py"))]], tree))).toEqual([item.id, file("test_cart.py")]);
  expect(idsOf(targetOf([{ test: item, message: {} }], tree))).toEqual([item.id]);
  expect(targetOf([], tree)).toEqual({});
});

it("means the file and the place that are named, else those of the editor", () => {
  expect(() => fileOf({})).toThrow("No file is meant");
  fake.lookAt("/shop/test_cart.py");
  expect(fileOf({}).fsPath).toBe("/shop/test_cart.py");
  expect(placeOf({ uri: "file:///shop/other.py", position: { line: 3, character: 1 } })).toEqual({
    uri: "file:///shop/other.py",
    position: { line: 3, character: 1 },
  });
});
