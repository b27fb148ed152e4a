// Everything that a journey needs: a project, VS Code's server with the extension, one window, and
// a shell of the same person. All of it is private and gone afterwards.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { Project } from "./project.mjs";
import { Server } from "./server.mjs";
import { browse, Workbench } from "./workbench.mjs";

/**
 * What is done and seen in a window, which the next one goes on with.
 *
 * @typedef {object} Journey
 * @property {string} name
 * @property {boolean} [short] in the oldest VS Code as well
 * @property {(window: Window) => Promise<void>} run
 * @property {(window: Window) => Promise<void>} [after] makes good what run has changed, however it has ended
 */

export class Window {
  /** @type {string} what is on the disk of it */
  dir;
  /** @type {string} interpreter of the project */
  python;
  /** @type {string | undefined} */
  newerPython;
  /** @type {Server} */
  server;
  /** @type {Project} */
  project;
  /** @type {import("playwright-core").Browser} */
  browser;
  /** @type {Workbench} */
  workbench;

  /**
   * A window on a copy of the bookshop, with a daemon of its own.
   *
   * @param {object} options
   * @param {string} options.vscode folder that install.sh printed
   * @param {string} options.vsix the packed extension, for this platform, with its binary
   * @param {string} options.python interpreter of a virtual environment with Django
   * @param {string} [options.newerPython] that of one with a newer Django, for journeys that have two projects
   * @param {string} options.example folder of examples/bookshop
   * @param {object} [options.settings] of the person, from the first moment
   */
  static async onBookshop({ example, ...options }) {
    const dir = await mkdtemp(join(tmpdir(), "hcv")); // short: a socket's path has little room
    const env = environment(dir);
    await mkdir(env.HOTCLUB_RUNTIME_DIR, { mode: 0o700 });
    return Window.open({
      ...options, dir, env,
      project: async (server) =>
        Project.copy({ example, root: join(dir, "bookshop"), python: options.python, hotclub: await server.bundled(), env }),
    });
  }

  /**
   * @param {object} options as above, and
   * @param {string} options.dir what the window leaves on the disk; it is removed with it
   * @param {NodeJS.ProcessEnv} options.env of the extension host
   * @param {(server: Server) => Promise<Project>} options.project makes the project once the extension is installed
   */
  static async open({ vscode, vsix, settings = {}, dir, env, python, newerPython, project }) {
    const window = new Window();
    Object.assign(window, { dir, python, newerPython });
    try {
      window.server = await Server.start({ install: vscode, dir: join(dir, "server"), vsix, env, settings });
      window.project = await project(window.server);
      window.browser = await browse();
      await window.reopen();
      return window;
    } catch (error) {
      await window.close();
      throw error;
    }
  }

  /** Closes the window and opens another one: on the project, on another folder, or on what a .code-workspace lists. */
  async reopen(path = this.project.root) {
    await this.workbench?.close();
    const root = path.endsWith(".code-workspace") ? dirname(path) : path;
    this.workbench = await Workbench.open(this.browser, this.server.address(path), root);
  }

  /** Opens another window on the project, beside this one. */
  async another() {
    const { root } = this.project;
    return Workbench.open(this.browser, this.server.address(root), root);
  }

  async close() {
    await this.browser?.close();
    await this.server?.stop();
    await this.project?.hotclub("stop", "--all");
    await rm(this.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** This process' environment without what would change how hotclub or Django work, and with places of its own. */
function environment(dir) {
  const unwanted = /^(HOTCLUB_|VIRTUAL_ENV$|DJANGO_SETTINGS_MODULE$|BOOKSHOP_DATABASE$|PYTHON)/;
  const kept = Object.entries(process.env).filter(([name]) => !unwanted.test(name));
  const run = join(dir, "run");
  return { ...Object.fromEntries(kept), HOTCLUB_RUNTIME_DIR: run, XDG_RUNTIME_DIR: run, XDG_STATE_HOME: join(dir, "state") };
}
