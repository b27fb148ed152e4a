const file = "catalog/tests/test_window.py";

/** @type {import("../window.mjs").Journey[]} */
export const tree = [
  {
    name: "lenses follow what is typed, the tree what is saved",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_display");
      const text = await project.read(file);
      await workbench.showTesting();
      await workbench.openFile(file, line);
      await workbench.reveal("bookshop", "catalog", "tests", "test_window.py", "WindowTests", "test_display");
      await workbench.openFile(file, line);
      await workbench.type("    def test_typed(self):\n        pass\n\n");
      await workbench.lensAbove(file, line + 3, "▶ Run");
      await workbench.save();
      await workbench.shown("test_typed");
      await workbench.glyph(file, line, "run");
      await project.write(file, text);
      await workbench.row("test_typed").waitFor({ state: "detached" });
    },
  },
  {
    name: "the tree follows files that come and go",
    short: true,
    async run({ workbench, project }) {
      await workbench.showTesting();
      await workbench.reveal("bookshop", "catalog", "tests");
      await project.write("catalog/tests/test_arrived.py",
        "from django.test import SimpleTestCase\n\n\nclass ArrivedTests(SimpleTestCase):\n    def test_here(self):\n        pass\n");
      await workbench.shown("test_arrived.py");
      await project.remove("catalog/tests/test_arrived.py");
      await workbench.row("test_arrived.py").waitFor({ state: "detached" });
    },
  },
];
