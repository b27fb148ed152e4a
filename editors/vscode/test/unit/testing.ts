// The Test Explorer, as the stub of "vscode" has it: a tree that keeps parents, and runs that note
// what they are told.
import { EventEmitter, type Listening } from "./events";
import type { MarkdownString, Uri } from "./window";

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;

  constructor(startLine: number, startCharacter: number, endLine: number, endCharacter: number) {
    this.start = new Position(startLine, startCharacter);
    this.end = new Position(endLine, endCharacter);
  }
}

export class Location {
  constructor(
    readonly uri: Uri,
    readonly position: Position,
  ) {}
}

export class TestTag {
  constructor(readonly id: string) {}
}

export class TestItemCollection {
  private readonly items = new Map<string, TestItem>();

  constructor(private readonly owner: TestItem | undefined) {}

  get size(): number {
    return this.items.size;
  }

  get(id: string): TestItem | undefined {
    return this.items.get(id);
  }

  add(item: TestItem): void {
    item.parent?.children.delete(item.id);
    item.parent = this.owner;
    this.items.set(item.id, item);
  }

  delete(id: string): void {
    const item = this.items.get(id);
    if (item !== undefined) {
      item.parent = undefined;
      this.items.delete(id);
    }
  }

  replace(items: readonly TestItem[]): void {
    for (const id of [...this.items.keys()]) {
      this.delete(id);
    }
    for (const item of items) {
      if (this.items.has(item.id)) {
        throw new Error(`Test item ${item.id} is there twice`);
      }
      this.add(item);
    }
  }

  forEach(look: (item: TestItem) => void): void {
    for (const item of this.items.values()) {
      look(item);
    }
  }

  [Symbol.iterator](): IterableIterator<[string, TestItem]> {
    return this.items.entries();
  }
}

export class TestItem {
  readonly children = new TestItemCollection(this);
  parent: TestItem | undefined;
  canResolveChildren = false;
  busy = false;
  tags: TestTag[] = [];
  description = "";
  sortText = "";
  range: Range | undefined;
  error: string | MarkdownString | undefined;

  constructor(
    readonly id: string,
    public label: string,
    readonly uri: Uri | undefined,
  ) {
    Object.seal(this); // the real one refuses to lose a property
  }
}

export class TestMessage {
  expectedOutput?: string;
  actualOutput?: string;
  location?: Location;
  contextValue?: string;
  stackTrace?: TestMessageStackFrame[];

  static diff(message: string, expected: string, actual: string): TestMessage {
    return Object.assign(new TestMessage(message), { expectedOutput: expected, actualOutput: actual });
  }

  constructor(readonly message: string) {}
}

export class TestMessageStackFrame {
  constructor(
    readonly label: string,
    readonly uri?: Uri,
    readonly position?: Position,
  ) {}
}

export class TestRunRequest {
  constructor(
    readonly include?: readonly TestItem[],
    readonly exclude?: readonly TestItem[],
    readonly profile?: unknown,
    readonly continuous?: boolean,
    readonly preserveFocus?: boolean,
  ) {}
}

export const TestRunProfileKind = { Run: 1, Debug: 2, Coverage: 3 };

export class CancellationTokenSource {
  private readonly emitter = new EventEmitter<undefined>();
  readonly token = {
    isCancellationRequested: false,
    onCancellationRequested: (listener: () => void): Listening => this.emitter.event(listener),
  };

  cancel(): void {
    if (!this.token.isCancellationRequested) {
      this.token.isCancellationRequested = true;
      this.emitter.fire(undefined);
    }
  }

  dispose(): void {
    this.emitter.dispose();
  }
}

export class CancellationError extends Error {}

/** A step of a run, as the explorer was told of it. */
export interface Step {
  state: "enqueued" | "started" | "passed" | "failed" | "errored" | "skipped";
  label: string;
  messages: TestMessage[];
  duration: number | undefined;
}

export class TestRun {
  private readonly source = new CancellationTokenSource();
  readonly steps: Step[] = [];
  readonly covered: FileCoverage[] = [];
  output = "";
  ended = false;
  readonly token = this.source.token;

  constructor(
    readonly request: TestRunRequest,
    readonly name: string | undefined,
  ) {}

  /** As the person cancels it. */
  cancel(): void {
    this.source.cancel();
  }

  /** What was told of a test last. */
  stateOf(label: string): string | undefined {
    return this.steps.findLast((step) => step.label === label)?.state;
  }

  enqueued(test: TestItem): void {
    this.note("enqueued", test);
  }

  started(test: TestItem): void {
    this.note("started", test);
  }

  skipped(test: TestItem): void {
    this.note("skipped", test);
  }

  passed(test: TestItem, duration?: number): void {
    this.note("passed", test, [], duration);
  }

  failed(test: TestItem, message: TestMessage | TestMessage[], duration?: number): void {
    this.note("failed", test, [message].flat(), duration);
  }

  errored(test: TestItem, message: TestMessage | TestMessage[], duration?: number): void {
    this.note("errored", test, [message].flat(), duration);
  }

  appendOutput(text: string): void {
    if (/(^|[^\r])\n/.test(text)) {
      throw new Error(`output with a bare line feed: ${JSON.stringify(text)}`);
    }
    this.output += text;
  }

  addCoverage(coverage: FileCoverage): void {
    this.covered.push(coverage);
  }

  end(): void {
    this.ended = true;
  }

  private note(state: Step["state"], test: TestItem, messages: TestMessage[] = [], duration?: number): void {
    if (this.ended) {
      throw new Error(`${test.id} is ${state} after the end of its run`);
    }
    if (this.request.include !== undefined && !within(test, this.request.include)) {
      throw new Error(`${test.id} is not a part of the run`);
    }
    this.steps.push({ state, label: test.label, messages, duration });
  }
}

/** VS Code drops what a run tells of tests that it was not asked for. */
function within(test: TestItem, include: readonly TestItem[]): boolean {
  for (let item: TestItem | undefined = test; item !== undefined; item = item.parent) {
    if (include.includes(item)) {
      return true;
    }
  }
  return false;
}

export class TestController {
  readonly items = new TestItemCollection(undefined);
  readonly runs: TestRun[] = [];

  createTestItem(id: string, label: string, uri?: Uri): TestItem {
    return new TestItem(id, label, uri);
  }

  createTestRun(request: TestRunRequest, name?: string): TestRun {
    const run = new TestRun(request, name);
    this.runs.push(run);
    return run;
  }
}

export class TestCoverageCount {
  constructor(
    readonly covered: number,
    readonly total: number,
  ) {}
}

export class FileCoverage {
  constructor(
    readonly uri: Uri,
    readonly statementCoverage: TestCoverageCount,
    readonly branchCoverage?: TestCoverageCount,
  ) {}
}

export class StatementCoverage {
  constructor(
    readonly executed: boolean,
    readonly location: Range,
    readonly branches: readonly BranchCoverage[] = [],
  ) {}
}

export class BranchCoverage {
  constructor(
    readonly executed: boolean,
    readonly location?: Range,
    readonly label?: string,
  ) {}
}
