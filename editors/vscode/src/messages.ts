import * as vscode from "vscode";

import type { Frame, Location, Message, Verdict } from "./protocol";

/** The value of `testMessage` in the menus of a failure. */
const contextValue = "hotclub.message";

/** Puts a failure into VS Code's words: its last words, a diff if there is one, its stack. */
export function testMessage(message: Message, test?: vscode.TestItem): vscode.TestMessage {
  const text = headline(message);
  const told =
    message.expected !== undefined && message.actual !== undefined
      ? vscode.TestMessage.diff(text, message.expected, message.actual)
      : new vscode.TestMessage(text);
  told.contextValue = contextValue;
  const location = message.location === undefined ? placeOf(test) : locationOf(message.location);
  if (location !== undefined) {
    told.location = location;
  }
  if (message.frames !== undefined && message.frames.length > 0) {
    told.stackTrace = message.frames.toReversed().map(stackFrame);
  }
  return told;
}

/** The failures of a verdict; one that has none says at least its state. */
export function testMessages(verdict: Verdict, messages: readonly Message[], test: vscode.TestItem): vscode.TestMessage[] {
  if (messages.length > 0) {
    return messages.map((message) => testMessage(message, test));
  }
  const text = verdict.state === "xpassed" ? "It passed, although it is marked as an expected failure." : (verdict.reason ?? verdict.state);
  return [testMessage({ text }, test)];
}

/** Where an item is defined. */
export function placeOf(test: vscode.TestItem | undefined): vscode.Location | undefined {
  return test?.uri !== undefined && test.range !== undefined ? new vscode.Location(test.uri, test.range.start) : undefined;
}

/** What the explorer shows first: with a stack, the whole traceback would say it twice. */
function headline(message: Message): string {
  const stack = message.frames !== undefined && message.frames.length > 0;
  const text = stack ? (message.summary ?? message.text) : message.text;
  const phase = message.phase;
  const says = phase === undefined || phase === "call" || phase === "subtest" ? text : `in ${phase}: ${text}`;
  return says.trimEnd();
}

function locationOf(place: Location): vscode.Location {
  return new vscode.Location(vscode.Uri.file(place.file), new vscode.Position(Math.max(place.line - 1, 0), 0));
}

function stackFrame(frame: Frame): vscode.TestMessageStackFrame {
  if (frame.file === undefined) {
    return new vscode.TestMessageStackFrame(frame.label);
  }
  return new vscode.TestMessageStackFrame(
    frame.label,
    vscode.Uri.file(frame.file),
    new vscode.Position(Math.max((frame.line ?? 1) - 1, 0), 0),
  );
}
