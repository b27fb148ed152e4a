const file = "catalog/tests/test_window.py";

export const tree = [
  {
    name: "the tree follows what is typed, before it is saved",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_display");
      await workbench.openFile(file, line);
      await workbench.showTesting();
      await workbench.reveal("bookshop", "catalog", "tests", "test_window.py", "WindowTests", "test_display");
      await workbench.openFile(file, line);
      await workbench.type("    def test_typed(self):\n        pass\n\n");
      await workbench.row("test_typed").waitFor();
      await workbench.lensAbove(file, line, "▶ Run");
      await workbench.glyph(file, line, "run");
      await workbench.page.keyboard.press("Control+Z");
      await workbench.command("File: Revert File");
      await workbench.row("test_typed").waitFor({ state: "detached" });
    },
  },
  {
    name: "the tree follows files that come and go",
    async run({ workbench, project }) {
      await workbench.showTesting();
      await workbench.reveal("bookshop", "catalog", "tests");
      await project.write("catalog/tests/test_arrived.py",
        "from django.test import SimpleTestCase\n\n\nclass ArrivedTests(SimpleTestCase):\n    def test_here(self):\n        pass\n");
      await workbench.row("test_arrived.py").waitFor();
      await project.remove("catalog/tests/test_arrived.py");
      await workbench.row("test_arrived.py").waitFor({ state: "detached" });
    },
  },
];
