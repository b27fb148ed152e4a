const file = "catalog/tests/test_window.py";

/** @type {import("../window.mjs").Journey[]} */
export const coverage = [
  {
    name: "coverage is shown for files and in the gutter",
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_price_tags");
      await workbench.openFile(file, line);
      await workbench.command("Test: Run Test at Cursor with Coverage");
      await workbench.glyph(file, line, "failed");
      const covered = await project.line("orders/pricing.py", "return to_cents(amount * Decimal(percent) / 100)");
      const missed = await project.line("orders/pricing.py", 'return Decimal("0.00")');
      await workbench.openFile("orders/pricing.py", covered);
      await workbench.until("coverage in the gutter", () => workbench.coverage("orders/pricing.py"),
        (seen) => seen[covered] === "hit" && seen[missed] === "miss");
    },
  },
];
