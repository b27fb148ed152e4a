import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

interface Manifest {
  icon: string;
  files: string[];
  contributes: {
    commands: { command: string; title: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    configuration: { properties: Record<string, { markdownDescription?: string; enum?: string[]; enumDescriptions?: string[]; default?: unknown }> };
    views: Record<string, { id: string; icon: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
    walkthroughs: { icon: string; steps: { description: string; media: { markdown: string }; completionEvents: string[] }[] }[];
  };
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
}

const extension = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(extension, file), "utf8");
const manifest = JSON.parse(read("package.json")) as Manifest;
const { contributes } = manifest;
const sources = readdirSync(join(extension, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => read(join("src", file)))
  .join("\n");

/** Commands of VS Code and of the Python extension that ours lead to. */
const foreign = /^(workbench|python|testing|vscode)\./;

test("menus, welcomes and the walkthrough lead to commands that there are", () => {
  const known = new Set(contributes.commands.map(({ command }) => command));
  const named = [
    ...Object.values(contributes.menus).flat().map(({ command }) => command),
    ...[...contributes.viewsWelcome.map(({ contents }) => contents), ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description))]
      .flatMap((text) => [...text.matchAll(/command:([\w.]+)/g)].map((match) => match[1] ?? "")),
  ].filter((command) => !foreign.test(command));
  for (const command of named) {
    expect(known.has(command) || command === "hotclub.workers.focus", command).toBe(true); // VS Code makes "focus" for each view
  }
  expect(known.size).toBe(contributes.commands.length); // none twice
});

test("every setting has a help text, and every one that is read is there", () => {
  for (const [name, { markdownDescription = "", enum: values, enumDescriptions, default: standard }] of Object.entries(contributes.configuration.properties)) {
    expect(markdownDescription.length, name).toBeGreaterThan(20);
    expect(enumDescriptions?.length, name).toBe(values?.length);
    expect(standard, name).not.toBeUndefined();
  }
  const read = [...sources.matchAll(/getConfiguration\("hotclub"[^)]*\)\s*\.get(?:<[^>]*>)?\("([\w.]+)"/g)].map((match) => `hotclub.${match[1] ?? ""}`);
  expect(read.length).toBeGreaterThan(2);
  for (const name of read) {
    expect(contributes.configuration.properties, name).toHaveProperty([name]);
  }
});

test("an untrusted workspace cannot name a program", () => {
  expect(manifest.capabilities.untrustedWorkspaces.supported).toBe("limited");
  expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
    expect.arrayContaining(["hotclub.path", "hotclub.python", "hotclub.settings"]),
  );
});

test("pictures and texts are there", () => {
  const files = [
    manifest.icon,
    ...Object.values(contributes.views).flat().map(({ icon }) => icon),
    ...contributes.walkthroughs.flatMap(({ icon, steps }) => [icon, ...steps.map(({ media }) => media.markdown)]),
    ...[...read("README.md").matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? ""),
  ];
  expect(files.length).toBeGreaterThan(6);
  for (const file of files) {
    expect(existsSync(join(extension, file)), file).toBe(true);
  }
});
