// node click.mjs --vscode DIR --vsix FILE --hotclub PATH --python PATH --root DIR LABEL...
//
// What the benchmark click-vscode asks: each line on standard input is one click on the lens of a
// warm test, answered by one line of JSON with the milliseconds until the window has drawn each
// step. The first line says that the window is ready, and which test it is: the first of the labels
// that stands where its label says. The environment is that of the extension.
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { Project } from "./project.mjs";
import { Window } from "./window.mjs";

const { values: options, positionals: labels } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(["vscode", "vsix", "hotclub", "python", "root"].map((name) => [name, { type: "string" }])),
});

const window = await Window.open({
  vscode: options.vscode,
  vsix: options.vsix,
  settings: { "hotclub.path": options.hotclub, "hotclub.python": options.python },
  dir: await mkdtemp(join(tmpdir(), "hcv")),
  env: process.env,
  project: async () => new Project(options.root, options.hotclub, process.env),
});
try {
  const { workbench } = window;
  const { label, file, line } = await place(labels);
  await workbench.openFile(file, line);
  await watchGutter(workbench, file);
  await workbench.runByLens(file, line, "passed"); // what is loaded at a first run is there now
  console.log(JSON.stringify({ event: "ready", label }));
  for await (const _ of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await click(workbench, file, line)));
  }
} catch (error) {
  console.error(await window.server.told());
  throw error;
} finally {
  await window.close();
}

/** Where a test stands: one that a class inherits, or that is generated, has no lens of its own. */
async function place(labels) {
  for (const label of labels) {
    const parts = label.split(".");
    const [name, test] = parts.splice(-2);
    const file = `${parts.join("/")}.py`;
    const lines = (await readFile(join(options.root, file), "utf8")).split("\n");
    const from = lines.findIndex((text) => text.startsWith(`class ${name}(`));
    const rest = lines.slice(from + 1);
    const to = rest.findIndex((text) => /^\S/.test(text));
    const at = rest.slice(0, to < 0 ? undefined : to).findIndex((text) => new RegExp(`^    (async )?def ${test}\\(`).test(text));
    if (from >= 0 && at >= 0) {
      return { label, file, line: from + at + 2 };
    }
  }
  throw new Error(`none of ${labels.join(", ")} stands where its label says`);
}

/** Notes every state that the icons of an editor take, with the time at which it has been painted. */
async function watchGutter(workbench, file) {
  await workbench.editor(file).evaluate((editor) => {
    const painted = () => new Promise((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel(); // its message comes behind the frame
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(undefined);
      });
    });
    const seen = { pressed: 0, states: [] };
    addEventListener("pointerdown", (event) => {
      seen.pressed = event.timeStamp;
      seen.states = [];
    }, { capture: true });
    new MutationObserver(async () => {
      const states = [...editor.querySelectorAll(".testing-run-glyph")].map((glyph) => ({
        top: Math.round(glyph.getBoundingClientRect().top),
        state: /codicon-testing-([\w-]+?)-icon/.exec(glyph.className)?.[1],
      }));
      const changed = performance.now();
      seen.states.push({ changed, painted: await painted(), states });
    }).observe(editor, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
    globalThis.hotclubSeen = seen;
  });
}

/** One click, from the press of the button until the icon has been painted. */
async function click(workbench, file, line) {
  await workbench.clearResults(file, line);
  const top = await workbench.glyphTop(file, line);
  await workbench.clickLens(file, line, "Run");
  await workbench.glyph(file, line, "passed");
  // The icon is there a frame before it has been painted.
  return workbench.until("the icon to be painted", () => workbench.page.evaluate(({ top }) => {
    const { pressed, states } = globalThis.hotclubSeen;
    const steps = {};
    for (const { painted, states: glyphs } of states) {
      const state = glyphs.find((glyph) => Math.abs(glyph.top - top) < 4)?.state;
      if (state && state !== "run") {
        steps[state] ??= painted - pressed;
      }
    }
    return steps;
  }, { top }), (steps) => "passed" in steps);
}
