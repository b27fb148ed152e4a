import * as vscode from "vscode";

import { placeOf, testMessage, testMessages } from "./messages";
import type { ClassErrored, Message, Notice, RunFinished, RunStarted, State, Test, TestEvents, TestFinished, Verdict } from "./protocol";
import type { Tree } from "./tree";

/** Tells the story of one run of Hotclub as a TestRun of the explorer. */
export class Report {
  constructor(
    readonly run: vscode.TestRun,
    private readonly tree: Tree,
  ) {}

  started(begin: RunStarted): void {
    for (const test of begin.tests) {
      this.run.enqueued(this.tree.testItem(test));
    }
    const workers = begin.workers === 1 ? "1 worker" : `${begin.workers} workers`;
    const seed = begin.shuffleSeed === undefined ? "" : `, shuffled with seed ${begin.shuffleSeed}`;
    this.write(`Running ${counted(begin.tests.length)} on ${workers} (${begin.startMethod})${seed}.\n`);
  }

  events(told: TestEvents): void {
    for (const event of told.events) {
      switch (event.event) {
        case "started": {
          const item = this.tree.find(event.id);
          if (item !== undefined) {
            this.run.started(item);
          }
          break;
        }
        case "finished":
          this.finished(event);
          break;
        case "classErrored":
          this.classErrored(event);
          break;
      }
    }
  }

  notice(notice: Notice): void {
    this.write(`${notice.warning ? "Warning: " : ""}${notice.text}\n`);
  }

  /** Says how the run ended. The TestRun stays open. */
  summary(end: RunFinished): void {
    const counts = (Object.entries(end.counts) as [State, number][]).filter(([, n]) => n > 0).map(([state, n]) => `${n} ${words[state]}`);
    const errors = end.classErrors === undefined ? [] : [`${end.classErrors} of classes errored`];
    const all = [...counts, ...errors];
    this.write(`${end.outcome === "completed" ? "" : `${end.outcome}: `}${all.join(", ") || "no test"} in ${duration(end.durationMs)}.\n`);
    if (end.error !== undefined) {
      this.write(`${end.error}\n`);
    }
    for (const line of comparison(end)) {
      this.write(`${line}\n`);
    }
  }

  /** Says of items that they could not be run at all. */
  failed(items: readonly vscode.TestItem[], reason: string): void {
    for (const item of items) {
      this.run.errored(item, testMessage({ text: reason }, item));
    }
  }

  /** Writes into the output of the run, or of a test. */
  write(text: string, test?: vscode.TestItem): void {
    this.run.appendOutput(text.replace(/\r?\n/g, "\r\n"), undefined, test);
  }

  private finished({ test, verdict, output }: TestFinished): void {
    const item = this.tree.testItem(test);
    if (output !== undefined && output !== "") {
      this.print(output, item);
    }
    const messages = verdict.messages ?? [];
    this.tracebacks(test, verdict, messages, item);
    const rest = this.subtests(item, verdict, messages);
    this.judge(item, verdict, rest);
  }

  /** Gives each subtest its verdict, and returns the messages that are the test's own. */
  private subtests(test: vscode.TestItem, verdict: Verdict, messages: readonly Message[]): Message[] {
    const told = verdict.subtests ?? [];
    const failing = messages.filter((message) => message.subtest !== undefined);
    // What a server that tells of no subtests says of the failing ones; a loop too long has others.
    const known = new Set(told.map((each) => each.description));
    const unknown = failing.filter((message) => !known.has(message.subtest ?? ""));
    const all = [
      ...told,
      ...unknown.map((message) => ({ description: message.subtest ?? "", state: stateOf(message, verdict) })),
    ];
    const items = this.tree.subtests(test, all.map((each) => each.description));
    const open = [...failing];
    items.forEach((item, index) => {
      const each = all[index];
      if (each === undefined) {
        return;
      }
      const at = open.findIndex((message) => message.subtest === each.description);
      const own = at >= 0 && bad(each.state) ? open.splice(at, 1) : [];
      this.judge(item, { state: each.state }, own);
    });
    const rest = messages.filter((message) => message.subtest === undefined);
    if (rest.length > 0 || failing.length === 0) {
      return rest;
    }
    const names = failing.map((message) => message.subtest ?? "").join(", ");
    return [{ text: `${failing.length === 1 ? "A subtest" : `${failing.length} subtests`} did not pass: ${names}` }];
  }

  private judge(item: vscode.TestItem, verdict: Verdict, messages: readonly Message[]): void {
    switch (verdict.state) {
      case "passed":
      case "xfailed":
        this.run.passed(item, verdict.durationMs);
        break;
      case "failed":
      case "xpassed":
        this.run.failed(item, testMessages(verdict, messages, item), verdict.durationMs);
        break;
      case "errored":
        this.run.errored(item, testMessages(verdict, messages, item), verdict.durationMs);
        break;
      case "skipped":
        this.run.skipped(item);
        break;
      default:
        // Cancelled, or not run: whatever was known of the test stays known.
        break;
    }
  }

  private classErrored({ id, label, verdict, output }: ClassErrored): void {
    const item = this.tree.find(id);
    if (item === undefined) {
      this.write(`${label}: ${(verdict.messages ?? []).map((message) => message.text).join("\n")}\n`);
      return;
    }
    if (output !== undefined && output !== "") {
      this.print(output, item);
    }
    for (const message of verdict.messages ?? []) {
      this.write(`${label}, in ${message.phase ?? "its class"}:\n${message.text}\n`, item);
    }
    this.run.errored(item, testMessages(verdict, verdict.messages ?? [], item));
  }

  /** The whole tracebacks: a chain of exceptions is in no stack. */
  private tracebacks(test: Test, verdict: Verdict, messages: readonly Message[], item: vscode.TestItem): void {
    if (verdict.reason !== undefined && verdict.reason !== "") {
      this.write(`${test.label}: ${words[verdict.state]}: ${verdict.reason}\n`, item);
    }
    for (const message of messages) {
      const part = message.subtest === undefined ? "" : ` ${message.subtest}`;
      this.write(`${test.label}${part}: ${words[verdict.state]}\n${message.text.trimEnd()}\n`, item);
      if (message.sql !== undefined) {
        this.write(`${message.sql.trimEnd()}\n`, item);
      }
    }
  }

  private print(output: string, item: vscode.TestItem): void {
    const text = output.endsWith("\n") ? output : `${output}\n`;
    this.run.appendOutput(text.replace(/\r?\n/g, "\r\n"), placeOf(item), item);
  }
}

const words: Record<State, string> = {
  queued: "queued",
  started: "started",
  passed: "passed",
  failed: "failed",
  errored: "errored",
  skipped: "skipped",
  xfailed: "failed as expected",
  xpassed: "passed unexpectedly",
  cancelled: "cancelled",
  notRun: "not run",
};

function bad(state: State): boolean {
  return state === "failed" || state === "errored" || state === "xpassed";
}

/** A test is errored as soon as one of its subtests is; the others may have failed. */
function stateOf(message: Message, verdict: Verdict): State {
  return verdict.state === "failed" || /^AssertionError\b/m.test(message.text) ? "failed" : "errored";
}

function comparison({ comparison: found }: RunFinished): string[] {
  if (found === undefined) {
    return [];
  }
  const differences = found.differences.map(
    (each) => `${each.label}: warm ${words[each.warm]} (${each.at}), cold ${words[each.cold]}${each.changed === undefined ? "" : `; ${each.changed}`}`,
  );
  return [`Cold against warm: ${found.same} the same, ${found.differences.length} different.`, ...differences];
}

export function counted(tests: number): string {
  return tests === 1 ? "1 test" : `${tests} tests`;
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
