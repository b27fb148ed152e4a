// node main.mjs --vscode DIR --vsix FILE --python PATH --newer-python PATH --example DIR [--short] [--only PATTERN] [--bail] [--out DIR]
//
// Goes through the journeys in the real VS Code, one window for all of them, and prints one line
// for each. The exit status is 1 if one failed; then a picture of the window, its text and the
// logs are below --out.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { journeys } from "./journeys/all.mjs";
import { Window } from "./window.mjs";

const { values: options } = parseArgs({
  options: {
    vscode: { type: "string" },
    vsix: { type: "string" },
    python: { type: "string" },
    "newer-python": { type: "string" },
    example: { type: "string" },
    out: { type: "string", default: "journeys-failed" },
    only: { type: "string", default: "" },
    short: { type: "boolean", default: false },
    bail: { type: "boolean", default: false },
  },
});
for (const name of ["vscode", "vsix", "python", "newer-python", "example"]) {
  if (!options[name]) {
    console.error(`main.mjs: --${name} is missing`);
    process.exit(2);
  }
}

const chosen = journeys.filter(({ name, short }) => new RegExp(options.only).test(name) && (short || !options.short));
if (chosen.length === 0) {
  console.error(`main.mjs: no journey is like ${options.only}`);
  process.exit(2);
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`.padStart(7);

const begun = Date.now();
const window = await Window.onBookshop({ ...options, newerPython: options["newer-python"] });
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await window.close(); // first, nobody may be there to read
    console.log(`BAD ${seconds(begun)}  ended by ${signal}`);
    process.exit(1);
  });
}
console.log(`    ${seconds(begun)}  the window is open`);
let good = 0;
let again = options.bail ? 0 : 2; // a machine may be too busy once; more than that is a fault
try {
  for (const journey of chosen) {
    const went = await go(journey) || again-- > 0 && await go(journey);
    good += Number(went);
    if (!went && options.bail) {
      break;
    }
  }
} finally {
  await window.close();
}
console.log(`    ${seconds(begun)}  ${good} of ${chosen.length} journeys went well`);
process.exitCode = good === chosen.length ? 0 : 1;

/** Whether a journey goes well; tells what became of it. */
async function go({ name, run, after }) {
  const since = Date.now();
  try {
    await run(window);
    console.log(`ok  ${seconds(since)}  ${name}`);
    await after?.(window);
    await window.workbench.clear();
    return true;
  } catch (error) {
    console.log(`BAD ${seconds(since)}  ${name}\n${error.stack}\n${await evidence(window, name)}`);
    await after?.(window);
    await window.reopen(); // whatever stands in the way there
    await window.workbench.clear();
    return false;
  }
}

/** Keeps what tells why a journey failed, and says where. */
async function evidence({ workbench, server }, name) {
  await mkdir(options.out, { recursive: true });
  const base = join(options.out, name.replace(/\W+/g, "-"));
  await workbench.page.screenshot({ path: `${base}.png` });
  await writeFile(`${base}.txt`, await workbench.page.locator(".monaco-workbench").ariaSnapshot());
  const log = await server.told();
  await writeFile(`${base}.log`, log);
  return `see ${base}.png, .txt and .log; the log's end:\n${log.split("\n").slice(-15).join("\n")}`;
}
