import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import * as path from "node:path";

/** Where the binary was looked for: the setting hotclub.path, inside the extension, the PATH. */
export type Origin = "setting" | "bundled" | "path";

/** The program `hotclub` that serves this window. */
export interface Binary {
  path: string;
  origin: Origin;
  version: string;
  build: string;
}

/** Why there is no binary to start, in words for the person. */
export class BinaryFault extends Error {
  override readonly name = "BinaryFault";

  constructor(
    readonly kind: "missing" | "unusable" | "wrongVersion",
    message: string,
    /** Where it was looked for last. */
    readonly origin: Origin,
  ) {
    super(message);
  }
}

/** What the choice of a binary depends on. */
export interface Surroundings {
  /** hotclub.path; empty where the person has not chosen. */
  setting: string;
  /** Folder of the extension. */
  extension: string;
  extensionVersion: string;
  /** The environment variable PATH. */
  searchPath: string;
  home: string;
  /** The window's first folder, for ${workspaceFolder}. */
  folder: string | undefined;
  platform: NodeJS.Platform;
  arch: string;
}

/** Has a binary say its version. */
export type AskVersion = (binary: string) => Promise<{ version: string; build: string }>;

/**
 * Finds the binary: what the person has chosen, else the one that came with the extension, else
 * the first on the PATH. A choice that is no good is never passed over silently.
 */
export async function findBinary(from: Surroundings, ask: AskVersion = (binary) => askVersion(binary)): Promise<Binary> {
  if (from.setting !== "") {
    return examine(expand(from), "setting", from, ask);
  }
  const bundled = bundledBinary(from.extension, from.platform, from.arch);
  if (await exists(bundled)) {
    return examine(bundled, "bundled", from, ask);
  }
  for (const folder of from.searchPath.split(from.platform === "win32" ? ";" : ":")) {
    const candidate = path.join(folder, fileName(from.platform));
    // A relative entry would mean another program in each folder.
    if (path.isAbsolute(folder) && (await exists(candidate))) {
      return examine(candidate, "path", from, ask);
    }
  }
  throw new BinaryFault(
    "missing",
    `Hotclub's program was not found: this extension brings none for ${target(from.platform, from.arch)}, and no folder of PATH has ${fileName(from.platform)}. ` +
      "Install hotclub, or say with the setting hotclub.path where it is.",
    "path",
  );
}

/** Where the packed extension has the binary of a platform, named as VS Code names its targets. */
export function bundledBinary(extension: string, platform: NodeJS.Platform, arch: string): string {
  return path.join(extension, "bin", target(platform, arch), fileName(platform));
}

function target(platform: NodeJS.Platform, arch: string): string {
  return `${platform}-${arch}`;
}

function fileName(platform: NodeJS.Platform): string {
  return platform === "win32" ? "hotclub.exe" : "hotclub";
}

/** Makes an absolute path of the setting. */
function expand(from: Surroundings): string {
  const expanded = from.setting
    .replace(/^~(?=$|[/\\])/, from.home)
    .replaceAll("${userHome}", from.home)
    .replaceAll("${workspaceFolder}", from.folder ?? from.home);
  return path.resolve(from.folder ?? from.home, expanded);
}

async function examine(binary: string, origin: Origin, from: Surroundings, ask: AskVersion): Promise<Binary> {
  const named = { setting: "The setting hotclub.path names", bundled: "This extension came with", path: "PATH leads to" }[origin];
  const remedy = {
    setting: "Correct the setting, or empty it to use the program that came with the extension.",
    bundled: "Install the extension again, or say with the setting hotclub.path which program to use.",
    path: "Install hotclub anew, or say with the setting hotclub.path which program to use.",
  }[origin];
  const complain = (kind: BinaryFault["kind"], what: string): BinaryFault =>
    new BinaryFault(kind, `${named} ${binary}, ${what}. ${remedy}`, origin);

  if (!(await exists(binary))) {
    throw complain("missing", (await isFolder(binary)) ? "which is a folder" : "which is not there");
  }
  if (!(await isExecutable(binary))) {
    throw complain("unusable", "which is not executable");
  }
  let answer: { version: string; build: string };
  try {
    answer = await ask(binary);
  } catch (error) {
    throw complain("unusable", `which does not say its version (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!compatible(answer.version, from.extensionVersion)) {
    throw complain("wrongVersion", `which is version ${answer.version}; this extension is ${from.extensionVersion} and needs ${series(from.extensionVersion)}`);
  }
  return { path: binary, origin, ...answer };
}

/**
 * Reports whether a binary serves an extension: releases of one series do. What is no release was
 * built by somebody who knows what it is; the handshake still tells what it can do.
 */
export function compatible(binary: string, extension: string): boolean {
  const release = /^v?\d+\.\d+\.\d+$/;
  return !release.test(binary) || !release.test(extension) || series(binary) === series(extension);
}

/** The versions that go together with one, as "0.3.x": before 1.0 each minor version may break. */
function series(version: string): string {
  const [major = "0", minor = "0"] = version.replace(/^v/, "").split(".");
  return major === "0" ? `0.${minor}.x` : `${major}.x`;
}

/** A program that has not answered by then is not ours. */
const patienceMs = 10_000;

export function askVersion(binary: string, patience = patienceMs): Promise<{ version: string; build: string }> {
  return new Promise((resolve, reject) => {
    execFile(binary, ["version", "--json"], { timeout: patience, windowsHide: true }, (error, stdout, stderr) => {
      if (error !== null) {
        reject(new Error(error.killed === true ? `no answer within ${patience / 1000} s` : stderr.trim() || error.message));
        return;
      }
      try {
        const said = JSON.parse(stdout) as Partial<Record<"version" | "build", unknown>>;
        if (typeof said.version !== "string" || typeof said.build !== "string") {
          throw new Error("no version in it");
        }
        resolve({ version: said.version, build: said.build });
      } catch {
        reject(new Error(`“hotclub version --json” printed ${JSON.stringify(stdout.slice(0, 80))}`));
      }
    });
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch {
    return false;
  }
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK); // Windows asks only whether it is there
    return true;
  } catch {
    return false;
  }
}
