// Several projects in one window.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const bookshopTests = "bookshop/catalog/tests/test_django.py";
const kioskTests = "kiosk/news/tests.py";
const settings = "kiosk/settings.py";

/** @type {import("../window.mjs").Journey[]} */
export const folders = [
  {
    name: "two projects in a window: each has its tree, its interpreter and its runs, and the status bar is about the one before you",
    async run(window) {
      const { project: bookshop, python, newerPython } = window;
      const [older, newer] = [await django(python), await django(newerPython)];
      assert.notEqual(older, newer);
      const kiosk = await bookshop.beside("kiosk", newerPython);
      const both = join(window.dir, "both.code-workspace");
      await writeFile(both, JSON.stringify({ folders: [{ path: "bookshop" }, { path: "kiosk" }] }));
      const inBookshop = await bookshop.line("catalog/tests/test_django.py", "def test_names_its_version");
      const inKiosk = await kiosk.line("news/tests.py", "def test_names_its_django");
      await window.reopen(both);
      // In a browser on a busy machine VS Code may open a workspace without its folders, and stay so.
      for (let tries = 5; tries > 0 && !(await window.workbench.hasFolder("kiosk")); tries--) {
        await window.reopen(both);
      }
      const { workbench } = window;
      await workbench.openFile(kioskTests);
      await workbench.showTesting();
      await workbench.reveal("kiosk", "news", "tests.py", "HeadlineTests", "test_is_kept");
      await workbench.rowSays("bookshop", /Not yet run/);

      await workbench.openFile(kioskTests, inKiosk);
      await workbench.runByLens(kioskTests, inKiosk, "failed");
      await workbench.failure(new RegExp(`this is Django ${newer}$`)).waitFor();
      await workbench.rowSays("kiosk", /Failed/);
      await workbench.rowSays("bookshop", /Not yet run/);

      await workbench.openFile(bookshopTests, inBookshop);
      await workbench.runByLens(bookshopTests, inBookshop, "failed");
      await workbench.failure(new RegExp(`this is Django ${older}$`)).waitFor();
      await workbench.rowSays("bookshop", /Failed/);
      await workbench.rowSays("test_is_kept", /Not yet run/);

      await workbench.rowAction(await workbench.shown("kiosk"), "Run Test");
      await workbench.rowSays("test_is_kept", /Passed/);
      await workbench.reveal("bookshop");
      await workbench.rowSays("accounts", /Not yet run/);

      await workbench.health(/^Hotclub \(bookshop\)$/);
      await workbench.openFile(kioskTests);
      await workbench.health(/^Hotclub \(kiosk\)$/);
      await kiosk.replace(settings, "from pathlib", "import nothing_like_this\nfrom pathlib");
      await workbench.health(/^Hotclub \(kiosk\): does not start$/);
      await workbench.openFile(bookshopTests);
      await workbench.health(/^Hotclub \(bookshop\)$/);
      await workbench.healthDetails(/kiosk: does not start/);
    },
    async after(window) {
      await window.reopen();
      await rm(join(window.dir, "kiosk"), { recursive: true });
    },
  },
];

/** The version of Django that an interpreter has. */
async function django(python) {
  const { stdout } = await promisify(execFile)(python, ["-c", "import django; print(django.get_version())"]);
  return stdout.trim();
}
