// Everything that a journey needs: a project, VS Code's server with the extension, one window, and
// a shell of the same person. All of it is private and gone afterwards.
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Project } from "./project.mjs";
import { Server } from "./server.mjs";
import { browse, Workbench } from "./workbench.mjs";

export class Window {
  /**
   * @param {object} options
   * @param {string} options.vscode folder that install.sh printed
   * @param {string} options.vsix the packed extension, for this platform, with its binary
   * @param {string} options.python interpreter of a virtual environment with Django
   * @param {string} options.example folder of examples/bookshop
   * @param {object} [options.settings] of the person, from the first moment
   */
  static async open({ vscode, vsix, python, example, settings = {} }) {
    const window = new Window();
    window.dir = await mkdtemp(join(tmpdir(), "hcv")); // short: a socket's path has little room
    const env = environment(window.dir);
    try {
      await mkdir(env.HOTCLUB_RUNTIME_DIR, { mode: 0o700 });
      window.server = await Server.start({ install: vscode, dir: join(window.dir, "server"), vsix, env, settings });
      const hotclub = await bundled(join(window.dir, "server", "extensions"));
      window.project = await Project.copy({ example, root: join(window.dir, "bookshop"), python, hotclub, env });
      window.browser = await browse();
      await window.reopen();
      return window;
    } catch (error) {
      await window.close();
      throw error;
    }
  }

  /** Closes the window and opens another one on the same folder, or on a folder inside of it. */
  async reopen(folder = "") {
    await this.workbench?.close();
    this.workbench = await Workbench.open(this.browser, this.server.address(join(this.project.root, folder)));
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
  return { ...Object.fromEntries(kept), HOTCLUB_RUNTIME_DIR: join(dir, "run"), XDG_STATE_HOME: join(dir, "state") };
}

/** The binary inside the installed extension. */
async function bundled(extensions) {
  const found = await readdir(extensions, { recursive: true });
  const binary = found.find((path) => /^hotclub\.hotclub-[^/]*\/bin\/(.*\/)?hotclub$/.test(path));
  if (!binary) {
    throw new Error(`the installed extension brings no binary: ${found.filter((path) => path.split("/").length < 3).join(", ")}`);
  }
  return join(extensions, binary);
}
