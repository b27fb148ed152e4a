// node click.mjs --vscode DIR --vsix FILE --hotclub PATH --python PATH --root DIR --label LABEL
//
// What the benchmark click-vscode asks: each line on standard input is one click on the lens of a
// warm test, answered by one line of JSON with the milliseconds until the window has drawn each
// step. The first line says that the window is ready. The environment is that of the extension.
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { Project } from "./project.mjs";
import { Window } from "./window.mjs";

const { values: options } = parseArgs({
  options: Object.fromEntries(["vscode", "vsix", "hotclub", "python", "root", "label"].map((name) => [name, { type: "string" }])),
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
  const { file, line } = await place(options.label);
  await workbench.openFile(file, line);
  await watchGutter(workbench, file);
  await workbench.clickLens(file, line, "Run");
  await workbench.glyph(file, line, "passed"); // what is loaded at a first run is there now
  console.log(JSON.stringify({ event: "ready" }));
  for await (const _ of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await click(workbench, file, line)));
  }
} finally {
  await window.close();
}

/** Where a test stands, by its dotted label. */
async function place(label) {
  const parts = label.split(".");
  const [name, test] = parts.splice(-2);
  const file = `${parts.join("/")}.py`;
  const lines = (await readFile(join(options.root, file), "utf8")).split("\n");
  const from = lines.findIndex((text) => text.startsWith(`class ${name}(`));
  const line = lines.findIndex((text, at) => at > from && new RegExp(`^\\s+(async )?def ${test}\\(`).test(text)) + 1;
  if (from < 0 || line === 0) {
    throw new Error(`${label} is not in ${file}`);
  }
  return { file, line };
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
  await workbench.clearResults();
  await workbench.glyph(file, line, "run");
  const top = await workbench.glyphTop(file, line);
  await workbench.clickLens(file, line, "Run");
  await workbench.glyph(file, line, "passed");
  return workbench.page.evaluate(({ top }) => {
    const { pressed, states } = globalThis.hotclubSeen;
    const steps = {};
    for (const { painted, states: glyphs } of states) {
      const state = glyphs.find((glyph) => Math.abs(glyph.top - top) < 4)?.state;
      if (state && state !== "run") {
        steps[state] ??= painted - pressed;
      }
    }
    return steps;
  }, { top });
}
