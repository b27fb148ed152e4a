import * as vscode from "vscode";

import type { FileError, Message, Test, TestItem, Tests } from "./protocol";

/** Up to this many tests, the explorer is given all of them at once, so that it can search in them. */
const shownAtOnce = 1000;

/** An item as the server tells of it, in its place. */
interface Node {
  item: TestItem;
  parent: Node | undefined;
  readonly children: Map<string, Node>;
  /** What the explorer has of it. */
  shown: vscode.TestItem | undefined;
  /** Of a file: what is inside of it is shown as well. */
  open: boolean;
}

/**
 * The tree of tests. It knows all that the server tells, and gives the explorer what it needs of
 * that: projects, folders and files at once; what is inside of a file when somebody looks at it,
 * opens it in an editor or runs it. The ids of items are those of the protocol.
 */
export class Tree {
  private readonly nodes = new Map<string, Node>();
  private readonly files = new Map<string, Node>();
  private readonly opened = new Set<string>();
  private readonly uris = new Map<string, vscode.Uri>();
  private readonly problems = new Map<string, Message>();
  private tests = 0;

  constructor(private readonly controller: vscode.TestController) {}

  /** The items of the projects. */
  get projects(): string[] {
    return [...this.nodes.values()].filter((node) => node.parent === undefined).map((node) => node.item.id);
  }

  /** Takes the whole tree, as hotclub/discover answers. */
  replace(all: Tests): void {
    const known = new Set(all.items.map((item) => item.id));
    this.problems.clear();
    this.apply({ ...all, removed: [...this.nodes.keys()].filter((id) => !known.has(id)) });
  }

  /** Takes a change, as hotclub/didChangeTests tells it. */
  apply(change: Tests): void {
    for (const id of change.removed) {
      this.remove(id);
    }
    this.takeErrors(change);
    const added: Node[] = [];
    for (const item of change.items) {
      const node = this.place(item);
      if (node !== undefined) {
        added.push(node);
      }
    }
    this.show(added);
  }

  /** An editor has opened a document: its tests get their icons. */
  open(uri: vscode.Uri): void {
    const key = uri.toString();
    this.opened.add(key);
    const file = this.files.get(key);
    if (file !== undefined) {
      this.reveal(file);
    }
  }

  /** Shows what is inside of an item. */
  resolve(item: vscode.TestItem): void {
    const node = this.nodes.get(item.id);
    if (node?.shown === item) {
      this.reveal(node);
    }
  }

  /** The item with an id, shown from now on. */
  find(id: string): vscode.TestItem | undefined {
    const node = this.nodes.get(id);
    return node && this.itemOf(node);
  }

  /** The item of a test that is run. A worker may have found it before the tree tells of it. */
  testItem(test: Test): vscode.TestItem {
    const known = this.nodes.get(test.id);
    if (known !== undefined) {
      return this.itemOf(known);
    }
    const around = this.around(test);
    const uri = test.file === undefined ? undefined : vscode.Uri.file(test.file).toString();
    const line = Math.max((test.line ?? 1) - 1, 0);
    const found: TestItem = {
      id: test.id,
      ...(around && { parent: around.item.id }),
      kind: "test",
      name: test.name,
      label: test.label,
      ...(uri !== undefined && { uri }),
      range: { start: { line, character: 0 }, end: { line: line + 1, character: 0 } },
      ...(test.tags && { tags: test.tags }),
      runnable: true,
      dynamic: true,
      fidelity: "collected",
    };
    const node = this.add(found, around);
    this.show([node]);
    return this.itemOf(node);
  }

  /** What the server calls an item of the explorer: a subtest goes by the name of its test. */
  idOf(item: vscode.TestItem): string | undefined {
    for (let each: vscode.TestItem | undefined = item; each !== undefined; each = each.parent) {
      if (this.nodes.get(each.id)?.shown === each) {
        return each.id;
      }
    }
    return undefined;
  }

  /** The project that an item belongs to. */
  projectOf(id: string): string {
    let node = this.nodes.get(id);
    while (node?.parent !== undefined) {
      node = node.parent;
    }
    return node?.item.id ?? id;
  }

  /** Any file of a project: the server finds the project around it. */
  fileOf(project: string): vscode.Uri | undefined {
    for (const file of this.files.values()) {
      if (file.item.uri !== undefined && this.projectOf(file.item.id) === project) {
        return this.uri(file.item.uri);
      }
    }
    return undefined;
  }

  /** The item of a file. */
  fileAt(uri: vscode.Uri): vscode.TestItem | undefined {
    const file = this.files.get(uri.toString());
    return file && this.itemOf(file);
  }

  /** The tests of an item that are shown, for marks that are wanted at once. */
  testsIn(item: vscode.TestItem): vscode.TestItem[] {
    const node = this.nodes.get(item.id);
    return node === undefined ? [] : leaves(node);
  }

  /**
   * Gives a test the subtests that it had when it ran, by their descriptions, and takes away those of
   * earlier runs. Two may have the same description.
   */
  subtests(test: vscode.TestItem, descriptions: readonly string[]): vscode.TestItem[] {
    const node = this.nodes.get(test.id);
    const parts = [...(node?.children.values() ?? [])].map((child) => this.itemOf(child));
    if (descriptions.length === 0 && test.children.size === parts.length) {
      return [];
    }
    const count = new Map<string, number>();
    const items = descriptions.map((description, index) => {
      const seen = (count.get(description) ?? 0) + 1;
      count.set(description, seen);
      const id = `${test.id} ${description}${seen > 1 ? ` #${seen}` : ""}`;
      const item = test.children.get(id) ?? this.controller.createTestItem(id, description, test.uri);
      item.sortText = index.toString().padStart(6, "0");
      return item;
    });
    test.children.replace([...parts, ...items]);
    return items;
  }

  private remove(id: string): void {
    const node = this.nodes.get(id);
    if (node === undefined) {
      return;
    }
    for (const child of [...node.children.keys()]) {
      this.remove(child);
    }
    this.nodes.delete(id);
    if (node.item.uri !== undefined && node.item.kind === "file") {
      this.files.delete(this.key(node.item.uri));
    }
    this.tests -= isTest(node.item) ? 1 : 0;
    node.parent?.children.delete(id);
    this.siblings(node)?.delete(id);
    node.shown = undefined;
  }

  /** Takes an item in. It returns its node if that is new to the explorer. */
  private place(item: TestItem): Node | undefined {
    const node = this.nodes.get(item.id);
    const parent = item.parent === undefined ? undefined : this.nodes.get(item.parent);
    if (node === undefined) {
      return this.add(item, parent);
    }
    const moved = node.parent !== parent || this.keyOf(node.item) !== this.keyOf(item);
    if (moved) {
      // Its parts come along: what the server does not name again is still there.
      const inside = within(node);
      this.remove(item.id);
      const anew = this.add(item, parent);
      for (const each of inside) {
        this.place(each);
      }
      return anew;
    }
    node.item = item;
    if (node.shown !== undefined) {
      this.dress(node, node.shown);
    }
    return undefined;
  }

  private add(item: TestItem, parent: Node | undefined): Node {
    const node: Node = { item, parent, children: new Map(), shown: undefined, open: false };
    this.nodes.set(item.id, node);
    parent?.children.set(item.id, node);
    if (item.kind === "file" && item.uri !== undefined) {
      const key = this.key(item.uri);
      this.files.set(key, node);
      node.open = this.opened.has(key);
    }
    this.tests += isTest(item) ? 1 : 0;
    return node;
  }

  /** Gives the explorer what is new, where it is to have it. */
  private show(added: readonly Node[]): void {
    const small = this.tests <= shownAtOnce;
    for (const node of added) {
      node.open ||= small;
    }
    const tops = new Map<Node | undefined, Node[]>();
    const fresh = new Set(added);
    for (const node of added) {
      if (node.parent === undefined || !fresh.has(node.parent)) {
        tops.set(node.parent, [...(tops.get(node.parent) ?? []), node]);
      }
    }
    for (const [parent, nodes] of tops) {
      if (parent === undefined) {
        addAll(this.controller.items, nodes.map((node) => this.build(node)));
      } else if (parent.shown !== undefined && this.shows(parent)) {
        addAll(parent.shown.children, nodes.map((node) => this.build(node)));
      }
      if (parent?.shown !== undefined) {
        this.dress(parent, parent.shown);
      }
    }
    for (const file of small ? this.files.values() : []) {
      this.reveal(file);
    }
  }

  /** Whether the parts of an item are shown with it. */
  private shows(node: Node): boolean {
    return node.item.kind !== "file" || node.open;
  }

  /** Shows an item with its parts. */
  private reveal(node: Node): void {
    const item = this.itemOf(node);
    if (!this.shows(node)) {
      node.open = true;
      this.dress(node, item);
      item.children.replace([...node.children.values()].map((child) => this.build(child)));
    }
  }

  private itemOf(node: Node): vscode.TestItem {
    if (node.shown === undefined) {
      // Only what is inside of a file is not shown, so that the file shows it.
      for (let each = node.parent; each !== undefined; each = each.parent) {
        if (each.item.kind === "file") {
          this.reveal(each);
        }
      }
    }
    return node.shown ?? this.build(node);
  }

  private build(node: Node): vscode.TestItem {
    const { item } = node;
    const made = this.controller.createTestItem(item.id, item.name, item.uri === undefined ? undefined : this.uri(item.uri));
    node.shown = made;
    this.dress(node, made);
    if (this.shows(node) && node.children.size > 0) {
      made.children.replace([...node.children.values()].map((child) => this.build(child)));
    }
    return made;
  }

  private dress(node: Node, shown: vscode.TestItem): void {
    const { item } = node;
    shown.label = item.name;
    shown.sortText = sortText(item);
    shown.canResolveChildren = !this.shows(node) && node.children.size > 0;
    shown.tags = (item.tags ?? []).map((tag) => new vscode.TestTag(tag));
    shown.description = descriptionOf(item);
    // A file as a whole has no place in its text: its first line is somebody else's.
    shown.range = item.range === undefined || item.kind === "file" ? undefined : rangeOf(item.range);
    const problem = item.error ?? (item.kind === "file" && item.uri !== undefined ? this.problems.get(this.key(item.uri)) : undefined);
    shown.error = problem && errorText(problem);
  }

  /** Files whose tests are not to be had. A file that is told of without an error is well again. */
  private takeErrors(change: Tests): void {
    for (const item of change.items) {
      if (item.kind === "file" && item.uri !== undefined) {
        this.problems.delete(this.key(item.uri));
      }
    }
    for (const error of change.errors) {
      this.takeError(error);
    }
  }

  private takeError(error: FileError): void {
    const key = this.key(error.uri);
    this.problems.set(key, error.message);
    const file = this.files.get(key);
    if (file?.shown !== undefined) {
      this.dress(file, file.shown);
    }
  }

  /** Where a test belongs of which the server has not told yet. */
  private around(test: Test): Node | undefined {
    const file = test.file === undefined ? undefined : this.files.get(vscode.Uri.file(test.file).toString());
    const label = `${test.module}.${test.class}`;
    for (const node of file?.children.values() ?? []) {
      if (node.item.kind === "class" && node.item.label === label) {
        return node;
      }
    }
    return file ?? this.nodes.get(`${test.id.split("//", 1)[0] ?? ""}//`);
  }

  private siblings(node: Node): vscode.TestItemCollection | undefined {
    return node.parent === undefined ? this.controller.items : node.parent.shown?.children;
  }

  private keyOf(item: TestItem): string | undefined {
    return item.uri === undefined ? undefined : this.key(item.uri);
  }

  private key(uri: string): string {
    return this.uri(uri).toString();
  }

  private uri(text: string): vscode.Uri {
    let uri = this.uris.get(text);
    if (uri === undefined) {
      uri = vscode.Uri.parse(text);
      this.uris.set(text, uri);
    }
    return uri;
  }
}

function isTest(item: TestItem): boolean {
  return item.kind === "test" || item.kind === "case";
}

/** What is inside of a node, parents before children. */
function within(node: Node): TestItem[] {
  return [...node.children.values()].flatMap((child) => [child.item, ...within(child)]);
}

/** The tests of a node that are shown; a test with cases stands for itself no more. */
function leaves(node: Node): vscode.TestItem[] {
  if (node.children.size > 0) {
    return [...node.children.values()].flatMap(leaves);
  }
  return node.shown !== undefined && isTest(node.item) ? [node.shown] : [];
}

/** Many are cheaper in one call than one by one. */
function addAll(to: vscode.TestItemCollection, items: readonly vscode.TestItem[]): void {
  if (to.size === 0) {
    to.replace(items);
    return;
  }
  for (const item of items) {
    to.add(item);
  }
}

function descriptionOf(item: TestItem): string {
  if (item.disabled !== undefined) {
    return `skipped: ${item.disabled.reason}`;
  }
  return item.runnable ? "" : "not run";
}

function rangeOf(range: NonNullable<TestItem["range"]>): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

/** Folders before files, each by its name; what is inside of a file in the order of its text. */
function sortText(item: TestItem): string {
  switch (item.kind) {
    case "project":
    case "dir":
      return `0 ${item.name}`;
    case "file":
      return `1 ${item.name}`;
    default:
      return `${(item.range?.start.line ?? 0).toString().padStart(8, "0")} ${item.name}`;
  }
}

function errorText(problem: Message): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(problem.summary ?? "The tests cannot be read.");
  text.appendCodeblock(problem.text, "text");
  return text;
}
