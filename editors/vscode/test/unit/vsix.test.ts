import { expect, test } from "vitest";

import { type Entry, faultsOf } from "../../scripts/vsix.mjs";

const binary: Entry = { path: "extension/bin/linux-x64/hotclub", size: 20 << 20, mode: 0o755 };
const good: Entry[] = [
  "extension.vsixmanifest", "[Content_Types].xml", "extension/package.json", "extension/readme.md", "extension/changelog.md",
  "extension/dist/extension.js", "extension/media/icon.png",
].map((path) => ({ path, size: 1000, mode: 0o644 }));

test("a VSIX holds one program, one bundle, and nothing that was not meant", () => {
  expect(faultsOf([...good, binary], "linux-x64")).toEqual([]);
  const cases: [Entry[], string, string][] = [
    [good, "linux-x64", "bin/linux-x64/hotclub is missing"],
    [[...good, binary], "darwin-arm64", "extension/bin/linux-x64/hotclub does not belong there"],
    [[...good, binary], "win32-x64", "bin/win32-x64/hotclub.exe is missing"],
    [[...good, { ...binary, mode: 0o644 }], "linux-x64", "is not executable"],
    [[...good, { ...binary, size: 12 }], "linux-x64", "is no program"],
    [[...good.slice(0, 5), binary], "linux-x64", "nothing is like"],
    ...["src/extension.ts", "node_modules/a/index.js", "dist/extension.js.map", "test/unit/a.test.ts", "media/icon.xcf", ".npmrc"].map(
      (path): [Entry[], string, string] => [[...good, binary, { path: `extension/${path}`, size: 1, mode: 0o644 }], "linux-x64", `extension/${path} does not belong there`],
    ),
  ];
  for (const [entries, target, fault] of cases) {
    expect(faultsOf(entries, target).join("\n"), fault).toContain(fault);
  }
});
