// Packs the extension: one VSIX for each platform, with that platform's hotclub inside.
//
//   node scripts/package.mjs [--target linux-x64|…|current|all] [--out DIR]
//
// Each VSIX is put together in a folder of its own, so that two packings do not meet.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { createVSIX } from "@vscode/vsce";

import { contents, faultsOf } from "./vsix.mjs";

const extension = resolve(import.meta.dirname, "..");
const repository = resolve(extension, "../..");

/** The names that VS Code has for platforms, with Go's. */
const targets = {
  "linux-x64": { GOOS: "linux", GOARCH: "amd64" },
  "linux-arm64": { GOOS: "linux", GOARCH: "arm64" },
  "darwin-x64": { GOOS: "darwin", GOARCH: "amd64" },
  "darwin-arm64": { GOOS: "darwin", GOARCH: "arm64" },
  "win32-x64": { GOOS: "windows", GOARCH: "amd64" },
};

const { values: options } = parseArgs({
  options: { target: { type: "string", default: "all" }, out: { type: "string", default: join(repository, "build", "vscode") } },
});

const manifest = JSON.parse(readFileSync(join(extension, "package.json"), "utf8"));
mkdirSync(options.out, { recursive: true });
execFileSync(process.execPath, ["esbuild.mjs"], { cwd: extension, stdio: "inherit" });
for (const target of chosen(options.target)) {
  console.log(await pack(target));
}

function chosen(name) {
  if (name === "all") {
    return Object.keys(targets);
  }
  const target = name === "current" ? `${process.platform}-${process.arch}` : name;
  if (!(target in targets)) {
    throw new Error(`there is no target ${target}: ${Object.keys(targets).join(", ")}, current or all`);
  }
  return [target];
}

/** Packs one target; returns the path of the VSIX. */
async function pack(target) {
  const stage = mkdtempSync(join(tmpdir(), "hotclub-vsix-"));
  try {
    for (const file of ["package.json", "README.md", "CHANGELOG.md", "media", join("dist", "extension.js")]) {
      cpSync(join(extension, file), join(stage, file), { recursive: true });
    }
    buildBinary(target, join(stage, "bin", target, target.startsWith("win32") ? "hotclub.exe" : "hotclub"));
    const vsix = join(options.out, `hotclub-${target}-${manifest.version}.vsix`);
    await createVSIX({
      cwd: stage, packagePath: vsix, target, dependencies: false,
      allowMissingRepository: true, skipLicense: true, rewriteRelativeLinks: false,
    });
    const faults = faultsOf(await contents(vsix), target);
    if (faults.length > 0) {
      throw new Error(`${vsix} is not what it should be:\n${faults.join("\n")}`);
    }
    return vsix;
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** Builds hotclub for a target, the same bytes from the same source wherever it lies. */
function buildBinary(target, file) {
  mkdirSync(dirname(file), { recursive: true });
  execFileSync("go", ["build", "-trimpath", "-buildvcs=false", "-ldflags", `-s -w -X main.release=v${manifest.version}`, "-o", file, "./cmd/hotclub"], {
    cwd: repository,
    env: { ...process.env, ...targets[target], CGO_ENABLED: "0" },
    stdio: "inherit",
  });
}
