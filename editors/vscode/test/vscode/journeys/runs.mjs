import assert from "node:assert/strict";

const file = "catalog/tests/test_window.py";

/** @type {import("../window.mjs").Journey[]} */
export const runs = [
  {
    name: "a run can be cancelled",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_waits_for_the_bell");
      await workbench.openFile(file, line);
      await workbench.clickLens(file, line, "▶ Run");
      await workbench.lensAbove(file, line, "running");
      await workbench.showTesting();
      await workbench.press(workbench.page.locator('.pane-header a[aria-label^="Cancel Test Run"], .title-actions a[aria-label^="Cancel Test Run"]').first());
      await workbench.until("no icon that turns", () => workbench.glyphs(file),
        (seen) => /^(skipped|run)$/.test(seen[line])); // 1.139 calls it skipped, 1.100 as if it never ran
      await workbench.until("the end of the run", async () => (await project.hotclub("status")).stdout, (seen) => !/running/.test(seen));
    },
  },
  {
    name: "a continuous run runs again when a file is saved",
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_display");
      await workbench.openFile(file, line);
      await workbench.showTesting();
      const row = await workbench.reveal("bookshop", "catalog", "tests", "test_window.py", "WindowTests", "test_display");
      await workbench.rowAction(row, "Turn on Continuous Run");
      await row.locator('a[aria-label^="Turn off Continuous Run"]').waitFor();
      await workbench.openFile(file);
      await workbench.retype(line + 2, "self.assertEqual(1, 2)");
      await workbench.save();
      await workbench.glyph(file, line, "failed");
      await workbench.retype(line + 2, "self.assertEqual(2, 2)");
      await workbench.save();
      await workbench.glyph(file, line, "passed");
      await workbench.command("Test: Stop Continuous Run");
    },
  },
  {
    name: "a run from the shell shows up in the tree and in the gutter",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_display");
      await workbench.openFile(file, line);
      const fails = await project.line(file, "def test_price_tags");
      await workbench.clearResults(file, line, fails);
      const { status, stdout } = await project.hotclub("run", "catalog.tests.test_window.WindowTests");
      assert.equal(status, 1, stdout);
      await workbench.glyph(file, line, "passed");
      await workbench.glyph(file, fails, "failed");
    },
  },
  {
    name: "a run of another window shows up in this one",
    async run(window) {
      const { workbench, project } = window;
      const line = await project.line(file, "def test_display");
      await workbench.openFile(file, line);
      await workbench.clearResults(file, line);
      const other = await window.another();
      try {
        await other.openFile(file, line);
        await other.runByLens(file, line, "passed");
      } finally {
        await other.close();
      }
      await workbench.glyph(file, line, "passed");
    },
  },
  {
    name: "the test at the cursor is run; what failed is run again, and nothing else",
    short: true,
    async run({ workbench, project }) {
      const [passes, fails] = [await project.line(file, "def test_display"), await project.line(file, "def test_price_tags")];
      const text = await project.read(file);
      const corrected = text.replace("18.00", "17.99");
      assert.notEqual(corrected, text);
      await workbench.openFile(file, fails + 2); // inside of it
      await workbench.clearResults(file, passes, fails); // once they are there
      await workbench.command("Test: Run Test at Cursor");
      await workbench.glyph(file, fails, "failed");
      try {
        for (const command of ["Test: Rerun Failed Tests", "Hotclub: Run What Failed"]) {
          await project.write(file, corrected);
          await workbench.text(/17\.99/);
          await workbench.command(command);
          await workbench.glyph(file, fails, "passed");
          await project.write(file, text);
          await workbench.text(/18\.00/);
          await workbench.clearResults(file, passes, fails);
          await workbench.openFile(file, fails);
          await workbench.command("Hotclub: Run Test at Cursor");
          await workbench.glyph(file, fails, "failed");
        }
        assert.equal((await workbench.glyphs(file))[passes], "run");
      } finally {
        await project.write(file, text);
      }
    },
  },
  {
    name: "a worker that falls over ends one test, which shows its last words",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_falls_over");
      await workbench.openFile(file, line);
      await workbench.clickLens(file, line, "▶ Run");
      await workbench.glyph(file, line, "error");
      await workbench.failure(/17|ended|died/).waitFor();
    },
  },
];
