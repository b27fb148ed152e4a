import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { askVersion, BinaryFault, bundledBinary, compatible, findBinary, type Surroundings } from "../../src/binary";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hotclub-binary-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** A program that is started for real and prints what it is told to. */
function program(path: string, body: string, mode = 0o755): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, mode);
  return path;
}

function says(version: string): string {
  return `[ "$*" = "version --json" ] && echo '{"build":"b1","version":"${version}","go":"go1.26"}'`;
}

function surroundings(changes: Partial<Surroundings> = {}): Surroundings {
  return {
    setting: "", extension: join(dir, "extension"), extensionVersion: "0.3.0", searchPath: join(dir, "bin"),
    home: dir, folder: undefined, platform: "linux", arch: "x64", ...changes,
  };
}

async function fault(changes: Partial<Surroundings>): Promise<BinaryFault> {
  const error: unknown = await findBinary(surroundings(changes)).catch((each: unknown) => each);
  if (!(error instanceof BinaryFault)) {
    throw new Error(`no fault, but ${JSON.stringify(error)}`);
  }
  return error;
}

test("the setting wins over the bundled program, and that over PATH", async () => {
  const onPath = program(join(dir, "bin", "hotclub"), says("v0.3.1"));
  expect(await findBinary(surroundings())).toEqual({ path: onPath, origin: "path", version: "v0.3.1", build: "b1" });
  const bundled = program(bundledBinary(join(dir, "extension"), "linux", "x64"), says("v0.3.0"));
  expect(await findBinary(surroundings())).toMatchObject({ path: bundled, origin: "bundled" });
  const chosen = program(join(dir, "mine"), says("(devel)"));
  for (const setting of [chosen, "~/mine", "${userHome}/mine"]) {
    expect(await findBinary(surroundings({ setting }))).toMatchObject({ path: chosen, origin: "setting", version: "(devel)" });
  }
  expect(await findBinary(surroundings({ setting: "${workspaceFolder}/mine", folder: dir }))).toMatchObject({ path: chosen });
});

test("a relative entry of PATH leads to no program", async () => {
  program(join(dir, "bin", "hotclub"), says("v0.3.0"));
  expect(await fault({ searchPath: "bin:." })).toMatchObject({ kind: "missing" });
});

test("no program at all: the message says where it was looked for and what to do", async () => {
  const { kind, message } = await fault({ arch: "riscv64" });
  expect(kind).toBe("missing");
  expect(message).toMatch(/none for linux-riscv64.*PATH has hotclub.*hotclub\.path/);
});

test("a setting that is no good is not passed over", async () => {
  program(bundledBinary(join(dir, "extension"), "linux", "x64"), says("v0.3.0"));
  const plain = program(join(dir, "plain"), "", 0o644);
  const cases: [string, BinaryFault["kind"], RegExp][] = [
    [join(dir, "nowhere"), "missing", /not there/],
    [dir, "missing", /is a folder/],
    [plain, "unusable", /not executable/],
    [program(join(dir, "fails"), "echo no luck >&2; exit 3"), "unusable", /no luck/],
    [program(join(dir, "other"), "echo other 1.0"), "unusable", /printed "other 1.0/],
    [program(join(dir, "old"), says("v0.2.9")), "wrongVersion", /version v0\.2\.9.*0\.3\.0 and needs 0\.3\.x/],
  ];
  for (const [setting, kind, words] of cases) {
    const wrong = await fault({ setting });
    expect(wrong).toMatchObject({ kind, origin: "setting" });
    expect(wrong.message).toMatch(words);
    expect(wrong.message).toContain("hotclub.path");
  }
});

test("a program for another machine is named", async () => {
  const alien = bundledBinary(join(dir, "extension"), "linux", "x64");
  mkdirSync(dirname(alien), { recursive: true });
  writeFileSync(alien, "\x7fELF of somewhere else");
  chmodSync(alien, 0o755);
  expect(await fault({})).toMatchObject({ kind: "unusable", origin: "bundled" });
});

test("a program that never answers is given up", async () => {
  const silent = program(join(dir, "silent"), "exec sleep 60");
  await expect(askVersion(silent, 200)).rejects.toThrow("no answer within 0.2 s");
});

test("releases of one series go together, and other builds with all", () => {
  for (const [binary, extension, fit] of [
    ["v0.3.0", "0.3.9", true],
    ["v0.2.0", "0.3.0", false],
    ["v0.4.0", "0.3.0", false],
    ["v1.4.0", "1.2.0", true],
    ["v2.0.0", "1.2.0", false],
    ["(devel)", "0.3.0", true],
    ["v0.0.0-20261125120000-be4e974aaaaa+dirty", "0.3.0", true],
    ["v0.3.0", "0.3.1-dev", true],
  ] as const) {
    expect(compatible(binary, extension), `${binary} with ${extension}`).toBe(fit);
  }
});
