import assert from "node:assert/strict";

const file = "catalog/tests/test_window.py";

/** Runs the test on a line by its lens and waits for its icon. */
async function run(workbench, line, state) {
  await workbench.openFile(file, line);
  await workbench.runByLens(file, line, state);
}

/** @type {import("../window.mjs").Journey[]} */
export const results = [
  {
    name: "a click on a lens runs the test: an icon in the gutter, the time in lens and tree",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_display");
      await run(workbench, line, "passed");
      await workbench.until("the time in the lens", () => workbench.lenses(file), (seen) => /✔ [\d.]+ ms/.test(seen[line]?.[0]));
      await workbench.showTesting();
      const row = await workbench.reveal("bookshop", "catalog", "tests", "test_window.py", "WindowTests", "test_display");
      assert.match(await row.getAttribute("aria-label"), /^test_display \(Passed\), in [\d.]+ms/);
    },
  },
  {
    name: "a failure stands at its line, with expected and actual side by side",
    short: true,
    async run({ workbench, project }) {
      await run(workbench, await project.line(file, "def test_price_tags"), "failed");
      await workbench.unfold(/!=/);
      const { expected, actual } = await workbench.peekedDiff();
      assert.match(expected, /18\.00/);
      assert.match(actual, /17\.99/);
    },
  },
  {
    name: "a failed subtest is told by name, those that passed are not in the way",
    short: true,
    async run({ workbench, project }) {
      await run(workbench, await project.line(file, "def test_shelves"), "failed");
      await workbench.failure(/history/).waitFor();
      assert.equal(await workbench.failure(/fiction|travel/).count(), 0);
      await workbench.showTesting();
      await workbench.reveal("bookshop", "catalog", "tests", "test_window.py", "WindowTests", "test_shelves");
      const rows = await workbench.rows();
      assert.ok(rows.some((row) => /history.*\(Failed\)/.test(row)), rows.join("\n"));
    },
  },
  {
    name: "a click on a frame of the traceback goes there",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_raised_elsewhere");
      await run(workbench, line, "error");
      await workbench.openFile("orders/pricing.py", await project.line("orders/pricing.py", "amount.quantize"));
      await workbench.unfold(/quantize/);
      await workbench.followFrame("test_window.py");
      await workbench.editor(file).waitFor();
      await workbench.until("the cursor in the test", () => workbench.cursor(), (seen) => seen.line === line + 1);
    },
  },
  {
    name: "what a test prints is in the test's output, and in its log",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_display");
      await run(workbench, line, "passed");
      await workbench.command("Test: Show Output");
      await workbench.until("the printed line", () => workbench.terminal(), (seen) => seen.includes("a book lies in the window"));
      await workbench.openFile(file, line);
      await workbench.command("Hotclub: Show Log of Test");
      await workbench.text(/WindowTests\.test_display/); // its label, which the test's own file does not have
      await workbench.text(/a book lies in the window/);
    },
  },
  {
    name: "verdicts come while the run goes on, and the status bar tells how far it is",
    async run({ workbench, project }) {
      const line = await project.line(file, "class PatienceTests");
      const bell = "catalog/tests/bell";
      await workbench.openFile(file, line);
      await workbench.clickLens(file, line, "Run class");
      await workbench.glyph(file, line + 1, "passed");
      const waits = await project.line(file, "def test_waits_for_the_bell");
      assert.notEqual((await workbench.glyphs(file))[waits], "passed");
      await workbench.health(/1\/2/);
      await project.write(bell, "");
      await workbench.glyph(file, waits, "passed");
      await project.remove(bell);
    },
  },
];
