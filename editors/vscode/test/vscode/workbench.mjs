// A VS Code window in a headless Chromium, and what a person does and sees in it. The selectors
// are the same in 1.100 and 1.139.
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Starts a browser that reaches nothing but this machine. */
export async function browse(executablePath = "/usr/bin/chromium") {
  return chromium.launch({ executablePath, args: flags });
}

/** How long anything may take that a person waits for, on a machine that does other things too. */
const patience = 120_000;

/** How long the window may take to show what a key has done, before the key is pressed again. */
const glance = 5000;

export class Workbench {
  /**
   * Opens a window, of a size that a picture may have.
   *
   * @param {string} address that the server has for a folder
   * @param {string} root the folder
   */
  static async open(browser, address, root, viewport = { width: 1200, height: 760 }) {
    const context = await browser.newContext({ viewport, permissions: ["clipboard-read", "clipboard-write"] });
    await context.route("**/*", (route) =>
      new URL(route.request().url()).hostname === "127.0.0.1" ? route.continue() : route.abort());
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    await page.goto(address);
    const workbench = new Workbench(page, root);
    await page.locator(".monaco-workbench").waitFor({ timeout: 90_000 });
    return workbench;
  }

  constructor(page, root) {
    this.page = page;
    this.root = root;
  }

  async close() {
    await this.page.context().close();
  }

  /** Whether the explorer, which a new window shows, comes to list a folder of the workspace. */
  async hasFolder(name) {
    const row = this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name });
    return row.first().waitFor({ timeout: 20_000 }).then(() => true, () => false);
  }

  /** Closes what a journey has left open, and forgets what it has typed. */
  async clear() {
    await this.page.keyboard.press("Escape");
    while (await this.page.locator(".tab.dirty").count()) {
      await this.press(this.page.locator(".tab.dirty").first());
      await this.command("View: Revert and Close Editor");
    }
    await this.until("no editor", async () => {
      await this.command("View: Close All Editors");
      await this.page.locator(".editor-instance").first().waitFor({ state: "detached", timeout: glance });
      return true;
    }, Boolean);
  }

  // --- waiting

  /** Reads again and again until what is read is as wanted; answers it. */
  async until(what, read, wanted, limit = patience) {
    const end = Date.now() + limit;
    for (let last; ;) {
      try {
        last = await read();
        if (wanted(last)) {
          return last;
        }
      } catch (error) {
        last = error;
      }
      if (Date.now() > end) {
        throw new Error(`${what}: not within ${limit} ms; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
      }
      await this.page.waitForTimeout(50);
    }
  }

  /**
   * Clicks an element, until the click has come to it: one that is drawn anew while the button is down loses it.
   *
   * @param {import("playwright-core").Locator | (() => Promise<import("playwright-core").JSHandle>)} target finds the element
   * @param {import("playwright-core").Locator} [over] what the mouse must be over, for the element to be there
   */
  async press(target, over) {
    await this.until(`a click on ${target}`, async () => {
      await over?.hover({ timeout: glance });
      const element = typeof target === "function" ? await target() : await target.elementHandle({ timeout: glance });
      const heard = await element.evaluateHandle((element) => {
        const heard = { click: false };
        element.addEventListener("click", () => { heard.click = true; }, { capture: true, once: true });
        return heard;
      });
      await element.click({ timeout: glance });
      return heard.evaluate(({ click }) => click);
    }, Boolean);
  }

  /** Waits until elements keep text and place. */
  async settled(locator, ms = 400) {
    let last = "";
    let since = Date.now();
    await this.until("settled", async () => {
      const now = JSON.stringify(await locator.evaluateAll((elements) => elements.map((element) => {
        const { x, y } = element.getBoundingClientRect();
        return [element.textContent, x, y];
      })));
      if (now !== last) {
        last = now;
        since = Date.now();
      }
      return last;
    }, (seen) => seen !== "[]" && Date.now() - since > ms);
  }

  // --- files

  /** The editor that shows a file. */
  editor(file) {
    return this.page.locator(`.editor-instance .monaco-editor[data-uri$="/${file}"]`).first();
  }

  /** Opens a file of the folder, at a line. */
  async openFile(file, line) {
    await this.until(`an editor of ${file}`, async () => {
      // A whole path needs no search. What is offered at first is what was open before.
      await this.#ask("Control+P", `${this.root}/${file}`, new RegExp(`^${file.split("/").pop()}`));
      await this.editor(file).waitFor({ timeout: glance });
      return true;
    }, Boolean);
    if (line) {
      await this.goTo(line);
    }
  }

  /** Puts the cursor of the active editor at a line, and the keyboard there. */
  async goTo(line, column = 1) {
    await this.until(`the cursor at ${line}:${column}`, async () => {
      await this.#ask("Control+G", `:${line}:${column}`);
      await this.page.locator(".editor-group-container.active .monaco-editor.focused").waitFor({ timeout: glance });
      return this.cursor();
    }, (seen) => seen.line === line && seen.column === column);
  }

  /** Opens the box at the top of the window by its key, and answers it once. */
  async #ask(key, text, name) {
    await this.page.keyboard.press("Escape"); // whatever has the keyboard now
    await this.page.keyboard.press(key);
    await this.#answer(text, name);
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden", timeout: glance });
  }

  /** Types into the box at the top of the window, and takes what it offers under a name. */
  async #answer(text, name) {
    const input = this.page.locator(".quick-input-widget input").first();
    await input.fill(text, { timeout: glance });
    if (name) {
      const offered = this.page.locator(".quick-input-list .monaco-list-row.focused");
      await this.until(`${name} in ${text}`, () => offered.getAttribute("aria-label", { timeout: glance }), (seen) => name.test(seen), glance);
    }
    await input.press("Enter", { timeout: glance });
  }

  /** Opens a box at the top of the window, and takes what it offers under a name. */
  async choose(open, name) {
    await this.until(`${name} chosen`, async () => {
      await this.page.keyboard.press("Escape");
      await open();
      await this.#answer(name, new RegExp(name));
      return true;
    }, Boolean);
  }

  /** Waits until the active editor shows a text. */
  async text(wanted) {
    const lines = this.page.locator(".editor-group-container.active .monaco-editor .view-lines").first();
    await this.until(`an editor with ${wanted}`, async () => (await lines.innerText({ timeout: glance })).replaceAll("\u00a0", " "), (seen) => wanted.test(seen));
  }

  /** Types at the cursor, without the editor's help. */
  async type(text) {
    await this.page.keyboard.insertText(text);
  }

  /** Types something else in a line, behind its indentation. */
  async retype(line, text) {
    await this.goTo(line);
    await this.page.keyboard.press("Home");
    await this.page.keyboard.press("Shift+End");
    await this.type(text);
  }

  async save() {
    await this.until("the file is saved", async () => {
      await this.page.keyboard.press("Control+S");
      await this.page.locator(".editor-group-container.active .tab.active.dirty").waitFor({ state: "detached", timeout: glance });
      return true;
    }, Boolean);
  }

  /** Where the cursor is, as the status bar tells: { line, column }. */
  async cursor() {
    const text = await this.page.locator("#status\\.editor\\.selection").innerText({ timeout: glance });
    const [line, column] = text.match(/\d+/g).map(Number);
    return { line, column };
  }

  // --- lenses

  lens(file, text) {
    return this.editor(file).locator(".codelens-decoration a").filter({ hasText: text });
  }

  /** The lenses by the number of the line that they stand above: { 5: ["▶ Run", "Debug"] }. */
  async lenses(file) {
    return this.editor(file).evaluate((editor) => {
      const numbers = [...editor.querySelectorAll(".line-numbers")]
        .map((element) => ({ line: Number(element.textContent), top: element.getBoundingClientRect().top }))
        .sort((a, b) => a.top - b.top);
      const found = {};
      for (const lens of editor.querySelectorAll(".codelens-decoration")) {
        const links = [...lens.querySelectorAll("a")].map((link) => link.textContent);
        const { bottom } = lens.getBoundingClientRect();
        const below = numbers.find((each) => each.top > bottom - 4);
        if (below && links.length) { // without links it is one that has been used up
          found[below.line] = links;
        }
      }
      return found;
    });
  }

  /** Waits for a lens with a text above a line. */
  async lensAbove(file, line, text) {
    await this.until(`a lens ${text} above line ${line}`, () => this.lenses(file),
      (seen) => seen[line]?.some((each) => each.includes(text)));
  }

  /** Clicks a lens above a line. Lenses are made anew while providers answer. */
  async clickLens(file, line, text) {
    await this.lensAbove(file, line, text);
    await this.press(() => this.editor(file).evaluateHandle((editor, { line, text }) => {
      const number = [...editor.querySelectorAll(".line-numbers")].find((element) => Number(element.textContent) === line);
      const top = number?.getBoundingClientRect().top;
      return [...editor.querySelectorAll(".codelens-decoration a")]
        .filter((element) => element.textContent.includes(text) && element.getBoundingClientRect().top < top)
        .sort((a, b) => b.getBoundingClientRect().top - a.getBoundingClientRect().top)[0]; // none while they are redrawn
    }, { line, text }));
  }

  /** Runs the test on a line by its lens, and waits until its icon is as wanted. */
  async runByLens(file, line, state) {
    await this.clickLens(file, line, "▶ Run");
    await this.glyph(file, line, state);
  }

  // --- the gutter

  /** Test icons by line: { 5: "passed", 8: "failed" }. */
  async glyphs(file) {
    return this.editor(file).evaluate((editor) => {
      const numbers = [...editor.querySelectorAll(".line-numbers")]
        .map((element) => ({ line: Number(element.textContent), top: element.getBoundingClientRect().top }));
      const found = {};
      for (const glyph of editor.querySelectorAll(".testing-run-glyph")) {
        const { top } = glyph.getBoundingClientRect();
        const nearest = numbers.reduce((a, b) => Math.abs(b.top - top) < Math.abs(a.top - top) ? b : a);
        found[nearest.line] = /codicon-testing-([\w-]+?)-icon/.exec(glyph.className)?.[1] ?? glyph.className;
      }
      return found;
    });
  }

  /** How far down in the window the icon of a line is. */
  async glyphTop(file, line) {
    return this.editor(file).evaluate((editor, line) => {
      const number = [...editor.querySelectorAll(".line-numbers")].find((element) => Number(element.textContent) === line);
      return Math.round(number.getBoundingClientRect().top);
    }, line);
  }

  async glyph(file, line, state, limit) {
    return this.until(`${state} in the gutter at line ${line} of ${file}`, () => this.glyphs(file), (seen) => seen[line] === state, limit);
  }

  /** Covered lines: { 5: "hit", 8: "miss" }. */
  async coverage(file) {
    return this.editor(file).evaluate((editor) => {
      const numbers = [...editor.querySelectorAll(".line-numbers")]
        .map((element) => ({ line: Number(element.textContent), top: element.getBoundingClientRect().top }));
      const found = {};
      for (const mark of editor.querySelectorAll(".coverage-deco-gutter")) {
        const { top } = mark.getBoundingClientRect();
        const nearest = numbers.reduce((a, b) => Math.abs(b.top - top) < Math.abs(a.top - top) ? b : a);
        found[nearest.line] = /coverage-deco-(hit|miss)/.exec(mark.className)?.[1];
      }
      return found;
    });
  }

  // --- failures

  /** What stands behind a failing line. */
  failure(text) {
    return this.page.locator(".test-error-content-widget").filter({ hasText: text }).first();
  }

  /** Unfolds a failure below its line. */
  async unfold(text) {
    await this.until(`${text} unfolded`, async () => {
      await this.press(this.failure(text));
      await this.page.locator(".test-output-peek").waitFor({ timeout: glance });
      return true;
    }, Boolean);
  }

  /** Both sides of the failure that is unfolded below its line. */
  async peekedDiff() {
    const side = (name) => this.page.locator(`.test-output-peek .${name} .view-lines`);
    return this.until("both sides of a failure", async () => ({
      expected: await side("original-in-monaco-diff-editor").innerText(),
      actual: await side("modified-in-monaco-diff-editor").innerText(),
    }), ({ expected, actual }) => expected && actual);
  }

  /** Goes to a frame of the traceback that is unfolded below its line. */
  async followFrame(text) {
    await this.press(this.page.locator(".test-output-peek .multiCallStackFrame").filter({ hasText: text })
      .locator(".codicon-go-to-file").first());
  }

  // --- the Test Explorer

  async showTesting() {
    await this.command("Testing: Focus on Test Explorer View");
    await this.page.locator(".test-explorer").waitFor();
  }

  /** What the tree's rows say to a screen reader: "test_bad (Failed), in 3.0ms". */
  async rows() {
    return this.page.locator(".test-explorer .monaco-list-row").evaluateAll((rows) =>
      rows.sort((a, b) => a.dataset.index - b.dataset.index).map((row) => row.getAttribute("aria-label")));
  }

  row(name) {
    return this.page.locator(`.test-explorer .monaco-list-row[aria-label^="${name}"]`);
  }

  /** Waits for a row of the tree, which draws only those that there is room for, and answers it. */
  async shown(name) {
    const row = this.row(name).first();
    const tree = this.page.locator(".test-explorer .monaco-list").first();
    await this.until(`a row ${name}`, async () => {
      for (const key of ["Home", ...Array(10).fill("PageDown")]) {
        if (await row.count()) {
          return true;
        }
        await tree.press(key, { timeout: glance });
      }
      return false;
    }, Boolean);
    return row;
  }

  /** Waits until a row of the tree says something. */
  async rowSays(name, text) {
    return this.until(`${name} ${text}`, async () => (await this.shown(name)).getAttribute("aria-label", { timeout: glance }), (seen) => text.test(seen));
  }

  /** Opens folders, files and classes of the tree on the way to a test, and answers its row. */
  async reveal(...names) {
    for (const name of names) {
      const row = await this.shown(name);
      await this.until(`${name} unfolded`, async () => {
        const folded = await row.getAttribute("aria-expanded", { timeout: glance }) === "false";
        if (folded) { // a click unfolds it, unless the window has been told otherwise
          await this.press(row);
          await this.page.keyboard.press("ArrowRight");
        }
        return folded;
      }, (folded) => !folded);
    }
    return this.shown(names.at(-1));
  }

  /** Clicks a button that a row shows when the mouse is over it. */
  async rowAction(row, label) {
    await this.press(row.locator(`a[aria-label="${label}"], a[aria-label^="${label} ("]`), row); // its key may stand behind it
  }

  // --- the status bar's entry and the view of the workers

  /** What the entry says, without its icon; nothing while it is hidden. */
  async healthText() {
    const entry = this.page.locator("#hotclub\\.hotclub\\.hotclub\\.status");
    return await entry.isVisible() ? (await entry.innerText({ timeout: glance })).trim() : ""; // it may go in between
  }

  /** Opens the menu of the entry, and takes something of it. */
  async menu(name) {
    await this.choose(() => this.press(this.page.locator("#hotclub\\.hotclub\\.hotclub\\.status a")), name);
  }

  async health(text) {
    await this.until(`the status bar says ${text}`, () => this.healthText(), (seen) => text.test(seen));
  }

  /** Waits for words in the entry's tooltip, which a screen reader is told too. */
  async healthDetails(text) {
    const entry = this.page.locator("#hotclub\\.hotclub\\.hotclub\\.status");
    await this.until(`the status bar's tooltip says ${text}`, async () => {
      await this.page.mouse.move(300, 300); // a mouse that is there already shows nothing
      await entry.hover({ timeout: glance });
      const tooltip = this.page.locator(".monaco-hover").filter({ hasText: /\S/ }).first();
      return (await tooltip.innerText({ timeout: glance })).replaceAll("\u00a0", " ");
    }, (seen) => text.test(seen));
    await this.page.mouse.move(300, 300);
  }

  /** What the rows of the view of the workers say, or those of them that are described to a screen reader with a text. */
  async workerRows(described = /(?:)/) {
    const rows = await this.page.locator('[aria-label^="Hotclub Workers"] .monaco-list-row').evaluateAll((rows) =>
      rows.sort((a, b) => a.dataset.index - b.dataset.index).map((row) => ({
        label: row.getAttribute("aria-label") ?? "",
        text: row.innerText.replace(/\s+/g, " ").trim(),
      })));
    return rows.filter(({ label }) => described.test(label)).map(({ text }) => text);
  }

  workerRow(text) {
    return this.page.locator('[aria-label^="Hotclub Workers"] .monaco-list-row').filter({ hasText: text }).first();
  }

  /** Waits until the view has rows with all of these words. */
  async workers(...texts) {
    await this.until(`the view of the workers has ${texts.join(", ")}`, () => this.workerRows(),
      (rows) => texts.every((text) => rows.some((row) => text.test(row))));
  }

  // --- the debugger

  /** Sets or takes away the breakpoint of a line, and leaves the cursor there. */
  async toggleBreakpoint(file, line) {
    const marks = this.editor(file).locator(".codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified");
    await this.openFile(file, line);
    const before = await marks.count();
    await this.page.keyboard.press("F9");
    await this.until(`a breakpoint toggled at line ${line} of ${file}`, () => marks.count(), (seen) => seen !== before);
  }

  /** Waits until the program stands at a line, which the editor shows. */
  async stoppedAt(file, line) {
    await this.page.locator(".debug-toolbar").waitFor();
    await this.editor(file).locator(".debug-top-stack-frame-line").waitFor();
    await this.until(`the cursor at line ${line}`, () => this.cursor(), (seen) => seen.line === line);
  }

  /** Waits for a local variable in the view of variables. */
  async variable(name) {
    const locals = this.page.locator('.debug-variables .monaco-list-row[aria-level="1"]').first();
    await this.until(`the variable ${name}`, async () => {
      if (await locals.getAttribute("aria-expanded", { timeout: glance }) === "false") {
        await this.press(locals);
      }
      await this.page.locator(".debug-variables .monaco-list-row").filter({ hasText: name }).first().waitFor({ timeout: glance });
      return true;
    }, Boolean);
  }

  /** Lets the program go on that stands at a breakpoint. */
  async goOn() {
    await this.press(this.page.locator('.debug-toolbar a[aria-label^="Continue"]'));
  }

  async debuggingEnded() {
    await this.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  }

  // --- around

  /** The lines of the terminals that are seen. */
  async terminal() {
    return this.page.locator(".xterm-rows").allInnerTexts().then((texts) => texts.join("\n"));
  }

  /** Carries out a command of the palette that asks for more, and answers that. */
  async commandWith(title, name) {
    await this.choose(async () => {
      await this.page.keyboard.press("F1");
      await this.#answer(`>${title}`, new RegExp(`^${title.replaceAll(".", "\\.")}(, |$)`));
    }, name);
  }

  /** Carries out a command of the palette, once it is offered. */
  async command(title) {
    await this.until(`the command ${title}`, async () => {
      await this.#ask("F1", `>${title}`, new RegExp(`^${title}(, |$)`));
      return true;
    }, Boolean);
  }

  /** Forgets the verdicts of the Test Explorer, those of the tests on some lines at least. */
  async clearResults(file, ...lines) {
    const none = (icons) => lines.every((line) => icons[line] === "run");
    await this.until(`no verdicts at the lines ${lines}`, async () => {
      const icons = await this.glyphs(file);
      if (none(icons)) { // then the palette need not have the command
        return icons;
      }
      await this.#ask("F1", ">Test: Clear All Results", /^Test: Clear All Results/); // keeps those of a run that goes on
      return this.until("no verdicts", () => this.glyphs(file), none, glance);
    }, none);
  }

  /** Texts of the entries of the status bar. */
  async statusBar() {
    return this.page.locator(".statusbar-item").evaluateAll((items) => items.map((item) => item.textContent.trim()).filter(Boolean));
  }

  async notifications() {
    return this.page.locator(".notification-toast .notification-list-item").allInnerTexts();
  }

  /** A message of Hotclub's, with the buttons that it must have. */
  async toast(text, buttons = []) {
    const message = this.page.locator(".notification-toast").filter({ hasText: text }).first();
    await message.waitFor();
    for (const name of buttons) {
      await message.getByRole("button", { name, exact: true }).waitFor();
    }
    return message;
  }

  async closeNotifications() {
    await this.until("no notification", async () => {
      await this.command("Notifications: Clear All Notifications");
      await this.page.locator(".notification-toast").first().waitFor({ state: "detached", timeout: glance });
      return true;
    }, Boolean);
  }
}
