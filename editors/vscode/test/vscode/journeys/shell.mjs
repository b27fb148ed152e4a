// What stands around the tests: the status bar and the view of the workers; and what a person sees
// when something is wrong, and how it ends.
import assert from "node:assert/strict";
import { chmod, cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const file = "catalog/tests/test_window.py";
const settings = "bookshop/settings.py";

/** @type {import("../window.mjs").Journey[]} */
export const shell = [
  {
    name: "the status bar and the view show the workers, which can be restarted there",
    short: true,
    async run({ workbench }) {
      await workbench.health(/^Hotclub$/); // with a flame
      await workbench.command("Testing: Focus on Hotclub Workers View");
      await workbench.workers(/bookshop/, /ready/);
      const project = workbench.workerRow(/^bookshop/);
      // The processes that runs are given: what has only the third-party imports outlives a restart.
      const pids = async () => (await workbench.workerRows(/ready to run/)).join("\n").match(/pid \d+/g);
      const before = await workbench.until("processes", pids, (seen) => seen?.length > 0);
      await workbench.rowAction(project, "Restart Workers");
      await workbench.until("other processes", pids, (seen) => seen?.length > 0 && !seen.some((pid) => before.includes(pid)));
      await workbench.press(project);
      await workbench.until("the databases", async () => {
        await workbench.page.keyboard.press("End"); // they are below the processes
        await workbench.page.keyboard.press("ArrowRight");
        return workbench.workerRows();
      }, (rows) => rows.some((row) => /template/.test(row)));
    },
  },
  {
    name: "who wants no lenses has none, and the icons in the gutter all the same",
    short: true,
    async run({ workbench, project }) {
      const line = await project.line(file, "def test_display");
      await workbench.openFile(file, line);
      await workbench.lensAbove(file, line, "▶ Run");
      await project.configure({ "hotclub.lenses": "off" });
      await workbench.until("no lenses", () => workbench.lenses(file), (seen) => Object.keys(seen).length === 0);
      assert.ok((await workbench.glyphs(file))[line]);
      await project.configure({});
      await workbench.lensAbove(file, line, "▶ Run");
    },
  },
  {
    name: "the menu of the status bar leads to the settings and what they mean, and to the log",
    async run({ workbench, project }) {
      await workbench.health(/^Hotclub$/);
      await workbench.menu("Settings");
      await workbench.page.locator(".settings-editor").getByText("Python interpreter of the project").waitFor();
      await workbench.menu("Show the log");
      await workbench.page.locator(".output-view, .pane-body .output-view-content, .part.panel").getByText(project.binary).first().waitFor();
    },
  },
  {
    name: "the walkthrough opens at its first step",
    async run({ workbench }) {
      await workbench.commandWith("Welcome: Open Walkthrough...", "The first minute with Hotclub");
      const page = workbench.page.locator(".gettingStartedContainer");
      await page.getByText("Open a Django project").first().waitFor();
      await page.getByText("Edit, save, run again").first().waitFor();
    },
  },
  {
    name: "settings that do not import: the status bar says so until they do",
    short: true,
    async run({ workbench, project }) {
      await workbench.health(/^Hotclub$/);
      const good = await project.read(settings);
      try {
        await project.write(settings, `import nothing_like_this\n${good}`);
        await workbench.health(/does not start/);
        await workbench.healthDetails(/nothing_like_this/);
      } finally {
        await project.write(settings, good);
      }
      await workbench.health(/^Hotclub$/);
    },
  },
  {
    name: "an interpreter without Django: a message says what to do",
    short: true,
    async run({ workbench, project }) {
      await project.configure({ "hotclub.python": "/usr/bin/python3" });
      await workbench.toast(/Django/);
      await workbench.health(/does not start/);
      await project.configure({});
      await workbench.health(/^Hotclub$/);
      await workbench.closeNotifications();
    },
  },
  {
    name: "no program: a message with the way out, and nothing else stops",
    async run({ workbench, project }) {
      await project.configure({ "hotclub.path": "/nowhere/hotclub" });
      await workbench.toast(/\/nowhere\/hotclub, which is not there/, ["Open Settings", "Try Again", "Show Log"]);
      await workbench.health(/stopped/);
      await workbench.openFile(file, 3); // the editor is as quick as ever
      await workbench.type("#");
      await workbench.command("File: Revert File");
      await project.configure({});
      await workbench.health(/^Hotclub$/);
      await workbench.lensAbove(file, await project.line(file, "def test_display"), "▶ Run");
      await workbench.closeNotifications();
    },
  },
  {
    name: "a program of another version is refused",
    short: true,
    async run({ workbench, project }) {
      const old = await script(project, "old-hotclub", `echo '{"build":"b","version":"v0.1.0"}'`);
      await project.configure({ "hotclub.path": old });
      await workbench.toast(/version v0\.1\.0/);
      await project.configure({});
      await workbench.health(/^Hotclub$/);
      await workbench.closeNotifications();
    },
  },
  {
    name: "a server that ends comes back by itself; one that ends again and again is told with its log",
    async run({ workbench, server, project }) {
      const fragile = await script(project, "fragile-hotclub", [
        `if [ "$1" = lsp ] && [ -e "$0.broken" ]; then echo "out of luck" >&2; exit 3; fi`,
        `if [ "$1" = lsp ]; then echo $$ > "$0.pid"; fi`,
        `exec '${project.binary}' "$@"`,
      ].join("\n"));
      await project.configure({ "hotclub.path": fragile });
      const pid = async () => Number(await project.read("fragile-hotclub.pid"));
      const first = await workbench.until("a server", pid, (seen) => seen > 0);
      await workbench.health(/^Hotclub$/);
      process.kill(first, "SIGKILL");
      await workbench.until("another server", pid, (seen) => seen > 0 && seen !== first);
      await workbench.health(/^Hotclub$/);
      await workbench.openFile(file);
      await workbench.clickLens(file, await project.line(file, "def test_display"), "▶ Run");
      await workbench.glyph(file, await project.line(file, "def test_display"), "passed");

      await writeFile(`${fragile}.broken`, "");
      process.kill(await pid(), "SIGKILL");
      const message = await workbench.toast(/ended 5 times in a row/, ["Restart", "Show Log"]); // after 22 s
      await workbench.health(/stopped/);
      assert.match(await server.told(), /out of luck/);
      await rm(`${fragile}.broken`);
      await workbench.press(message.getByRole("button", { name: "Restart" }));
      await workbench.health(/^Hotclub$/);
      await project.configure({});
      await workbench.health(/^Hotclub$/);
    },
  },
  {
    name: "a project that is deleted while it is open goes from the tree, and the editor stays",
    async run(window) {
      const { project } = window;
      const doomed = project.path("doomed");
      await mkdir(doomed);
      for (const part of await readdir(project.root)) {
        if (part !== "doomed" && part !== ".vscode") {
          await cp(project.path(part), join(doomed, part), { recursive: true, verbatimSymlinks: true });
        }
      }
      await window.reopen(doomed);
      const { workbench } = window;
      await workbench.openFile(file);
      await workbench.lensAbove(file, await project.line(file, "def test_display"), "▶ Run");
      await workbench.health(/^Hotclub$/);
      await rm(doomed, { recursive: true });
      await workbench.until("no health of a project that is gone", () => workbench.healthText(), (seen) => seen !== "Hotclub");
      await workbench.command("View: Close All Editors");
      await window.reopen();
      await window.workbench.openFile(file);
      await window.workbench.lensAbove(file, await project.line(file, "def test_display"), "▶ Run");
    },
  },
  {
    name: "without trust nothing is started; once it is given workers boot, without a reload",
    async run(window) {
      const { server, project } = window;
      await project.hotclub("stop");
      await server.configure({ "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" });
      await window.reopen();
      const { workbench } = window;
      await workbench.openFile(file);
      await workbench.health(/not trusted/);
      await workbench.clickLens(file, await project.line(file, "def test_display"), "▶ Run"); // tests are found in the text
      const message = await workbench.toast(/not trusted yet/, ["Manage Workspace Trust"]);
      assert.doesNotMatch((await project.hotclub("status")).stdout, /pid/);
      await workbench.press(message.getByRole("button", { name: "Manage Workspace Trust" }));
      await workbench.press(workbench.page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }));
      await workbench.health(/^Hotclub$/);
    },
    async after(window) {
      await window.server.configure({});
      await window.reopen();
    },
  },
];

/** Writes a program into the project's folder. */
async function script(project, name, body) {
  const path = project.path(name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}
