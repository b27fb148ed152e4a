const file = "catalog/tests/test_window.py";

export const debug = [
  {
    name: "the debugger stops at a breakpoint in the code under test, and the test goes on to its verdict",
    short: true,
    async run({ workbench, project }) {
      const under = await project.line("orders/pricing.py", "return to_cents(amount * Decimal(percent) / 100)");
      await workbench.openFile("orders/pricing.py", under);
      await workbench.page.keyboard.press("F9");
      await workbench.page.locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified").first().waitFor();
      const line = await project.line(file, "def test_price_tags");
      await workbench.openFile(file, line);
      await workbench.clearResults();
      await workbench.clickLens(file, line, "Debug");
      await workbench.stoppedAt("orders/pricing.py", under);
      await workbench.variable("percent");
      await workbench.openFile("orders/pricing.py", under);
      await workbench.page.keyboard.press("F9"); // off again
      await workbench.page.keyboard.press("F5");
      await workbench.debuggingEnded();
      await workbench.openFile(file, line);
      await workbench.glyph(file, line, "failed");
    },
  },
];
