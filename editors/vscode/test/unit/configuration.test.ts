import { afterEach, beforeEach, expect, test } from "vitest";
import type * as vscode from "vscode";

import { Configuration } from "../../src/configuration";
import type * as protocol from "../../src/protocol";
import { EventEmitter } from "./vscode";
import { fake, settle, Uri } from "./window";

let asked: string[];
let selected: Map<string, string>;
let changed: EventEmitter<void>;
let told: protocol.Configuration[];
let session: { state: string; request: (method: string, params: protocol.Configuration) => Promise<null> };
let configuration: Configuration;

beforeEach(() => {
  fake.reset();
  fake.openFolders("/shop", "/api");
  asked = [];
  told = [];
  selected = new Map();
  changed = new EventEmitter();
  session = {
    state: "running",
    request: (_, params) => {
      told.push(params);
      return Promise.resolve(null);
    },
  };
  configuration = new Configuration(
    {
      of: (folder: vscode.Uri | undefined) => {
        asked.push(folder?.fsPath ?? "");
        return Promise.resolve(selected.get(folder?.fsPath ?? ""));
      },
      onDidChange: changed.event,
    },
    fake.log as unknown as vscode.LogOutputChannel,
  );
  configuration.follow(session);
});
afterEach(async () => {
  configuration.dispose();
  await settle();
});

test("an ordinary window has chosen nothing", async () => {
  expect(await configuration.current()).toEqual({
    trusted: true, folders: [{ uri: "file:///shop" }, { uri: "file:///api" }], parallel: "auto", lenses: "on",
  });
});

test("each folder has its own interpreter and settings; a setting is stronger than the Python extension", async () => {
  selected.set("/shop", "/py/shop").set("/api", "/py/api");
  fake.set("hotclub.python", "${workspaceFolder}/.venv/bin/python", Uri.file("/api"));
  fake.set("hotclub.settings", " shop.settings.test ", Uri.file("/shop"));
  fake.set("hotclub.startMethod", "spawn");
  fake.set("hotclub.parallel", 3);
  fake.set("hotclub.lenses", "off");
  expect(await configuration.current()).toEqual({
    trusted: true,
    startMethod: "spawn",
    folders: [
      { uri: "file:///shop", python: "/py/shop", settings: "shop.settings.test", startMethod: "spawn" },
      { uri: "file:///api", python: "/api/.venv/bin/python", startMethod: "spawn" },
    ],
    parallel: 3,
    lenses: "off",
  });
});

test("without trust the Python extension is not even asked; once it is granted the server is told", async () => {
  fake.trusted = false;
  selected.set("/shop", "/py/shop");
  expect(await configuration.current()).toMatchObject({ trusted: false, folders: [{ uri: "file:///shop" }, { uri: "file:///api" }] });
  expect(asked).toEqual([]);
  fake.grantTrust();
  await settle();
  expect(told).toMatchObject([{ trusted: true, folders: [{ python: "/py/shop" }, {}] }]);
});

test("the server is told of what concerns it, with the newest last", async () => {
  fake.set("hotclub.terminalPath", false);
  await settle();
  expect(told).toEqual([]);
  fake.set("hotclub.settings", "one");
  selected.set("/shop", "/other");
  changed.fire();
  fake.openFolders("/shop");
  await settle();
  await settle();
  expect(told).toHaveLength(3);
  expect(told.at(-1)).toMatchObject({ settings: "one", folders: [{ uri: "file:///shop", python: "/other" }] });
});

test("a server that does not run is not asked, and one that refuses is no end", async () => {
  session.state = "failed";
  changed.fire();
  await settle();
  session.state = "running";
  const request = session.request;
  session.request = () => Promise.reject(new Error("startMethod: magic"));
  changed.fire();
  await settle();
  session.request = request;
  changed.fire();
  await settle();
  expect(told).toHaveLength(1);
});
