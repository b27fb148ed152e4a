const file = "catalog/tests/test_window.py";

/** @type {import("../window.mjs").Journey[]} */
export const debug = [
  {
    name: "the debugger stops at a breakpoint in the code under test, and the test goes on to its verdict",
    short: true,
    async run({ workbench, project }) {
      const under = await project.line("orders/pricing.py", "return to_cents(amount * Decimal(percent) / 100)");
      await workbench.toggleBreakpoint("orders/pricing.py", under);
      const line = await project.line(file, "def test_price_tags");
      await workbench.openFile(file, line);
      await workbench.clearResults(file, line);
      await workbench.clickLens(file, line, "Debug");
      await workbench.stoppedAt("orders/pricing.py", under);
      await workbench.variable("percent");
      await workbench.toggleBreakpoint("orders/pricing.py", under);
      await workbench.goOn();
      await workbench.debuggingEnded();
      await workbench.openFile(file, line);
      await workbench.glyph(file, line, "failed");
    },
  },
  {
    name: "debugged from the tree, a test stops where it fails, where that is wanted",
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_price_tags");
      await project.configure({ "hotclub.stopOnFailure": true });
      await workbench.openFile(file, line);
      await workbench.clearResults(file, line);
      await workbench.showTesting();
      const row = await workbench.reveal("bookshop", "catalog", "tests", "test_window.py", "WindowTests", "test_price_tags");
      await workbench.rowAction(row, "Debug Test");
      await workbench.stoppedAt(file, await project.line(file, "self.assertEqual(tags"));
      await workbench.page.locator(".exception-widget").getByText("17.99").first().waitFor();
      await workbench.goOn();
      await workbench.debuggingEnded();
      await workbench.glyph(file, line, "failed");
    },
    async after({ project }) {
      await project.configure({});
    },
  },
];
