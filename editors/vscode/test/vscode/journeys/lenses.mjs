const file = "catalog/tests/test_window.py";

/** @type {import("../window.mjs").Journey[]} */
export const lenses = [
  {
    name: "lenses appear above the file, its classes and its tests",
    short: true,
    async run({ workbench, project }) {
      await workbench.openFile(file);
      for (const text of ["class WindowTests", "def test_display", "def test_price_tags"]) {
        await workbench.lensAbove(file, await project.line(file, text), "▶ Run");
      }
    },
  },
];
