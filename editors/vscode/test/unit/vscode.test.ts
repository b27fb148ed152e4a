import { expect, test } from "vitest";

import { EventEmitter } from "./vscode";

test("who disposes of a listener hears nothing more", () => {
  const emitter = new EventEmitter<number>();
  const heard: number[] = [];
  const listening = emitter.event((each) => heard.push(each));
  emitter.fire(1);
  listening.dispose();
  emitter.fire(2);
  expect(heard).toEqual([1]);
});
