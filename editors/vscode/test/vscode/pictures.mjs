// node pictures.mjs --vscode DIR --vsix FILE --python PATH --example DIR --out DIR
//
// Takes the pictures of docs/: a mistake in the bookshop's prices, from the failure to its cause.
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Window } from "./window.mjs";

const { values: options } = parseArgs({
  options: Object.fromEntries(["vscode", "vsix", "python", "example", "out"].map((name) => [name, { type: "string" }])),
});
const tests = "orders/tests/test_pricing.py";
const code = "orders/pricing.py";

const window = await Window.onBookshop({ ...options, settings: { "files.exclude": { "**/__pycache__": true, ".venv": true } } });
try {
  const { workbench, project } = window;
  await project.replace(code, "self.subtotal - self.discount + self.shipping + self.tax", "self.subtotal - self.discount + self.tax");
  const total = await project.line(tests, "def test_total");

  await workbench.openFile(tests, await project.line(tests, "class QuoteTests"));
  await workbench.showTesting();
  await workbench.reveal("bookshop", "orders", "tests", "test_pricing.py", "QuoteTests", "test_total");
  await workbench.openFile(tests, await project.line(tests, "class QuoteTests"));
  await workbench.clickLens(tests, await project.line(tests, "class QuoteTests"), "Run class");
  await workbench.glyph(tests, total, "failed");
  await workbench.lensAbove(tests, total, "✘");
  await workbench.goTo(total);
  await picture(workbench, "vscode-explorer");

  await workbench.unfold(/!=/);
  await workbench.peekedDiff();
  await picture(workbench, "vscode-failure");
  await workbench.page.keyboard.press("Escape");

  const mistake = await project.line(code, "return self.subtotal");
  await workbench.toggleBreakpoint(code, mistake);
  await workbench.openFile(tests, total);
  await workbench.clickLens(tests, total, "Debug");
  await workbench.stoppedAt(code, mistake);
  await workbench.variable("self");
  await picture(workbench, "vscode-debugger");
  await workbench.toggleBreakpoint(code, mistake);
  await workbench.goOn();
  await workbench.debuggingEnded();

  await workbench.showTesting();
  await workbench.openFile(tests, total);
  await workbench.command("Test: Run Test at Cursor with Coverage");
  await workbench.openFile(code, mistake);
  await workbench.until("coverage", () => workbench.coverage(code), (seen) => Object.keys(seen).length > 3);
  await picture(workbench, "vscode-coverage");
} finally {
  await window.close();
}

/** Takes a picture once nothing moves any more. */
async function picture(workbench, name) {
  await workbench.page.mouse.move(600, 14);
  await workbench.settled(workbench.page.locator(".monaco-workbench"), 1500);
  await workbench.page.screenshot({ path: join(options.out, `${name}.png`), animations: "disabled", caret: "hide" });
  console.log(name);
}
