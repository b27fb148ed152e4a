// The Django projects that are open in the window: a copy of the bookshop with a few more tests, and one beside it.
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "fixture");

/** Whether a file is the project's own, not what somebody has made by running it. */
const own = (path) => !/\/(\.venv|__pycache__|db\.sqlite3)$/.test(path);

export class Project {
  /**
   * @param {object} options
   * @param {string} options.example folder of examples/bookshop
   * @param {string} options.root where the copy goes
   * @param {string} options.python interpreter of a virtual environment with Django
   * @param {string} options.hotclub the binary, as a shell of the same person calls it
   * @param {NodeJS.ProcessEnv} options.env of that shell
   */
  static async copy({ example, root, python, hotclub, env }) {
    await cp(example, root, { recursive: true, filter: own });
    await cp(join(fixtures, "bookshop"), root, { recursive: true, filter: own });
    await symlink(dirname(dirname(python)), join(root, ".venv")); // is found there
    return new Project(root, hotclub, env);
  }

  constructor(root, hotclub, env) {
    this.root = root;
    this.binary = hotclub;
    this.env = env;
  }

  /** Copies the second project beside this one, with an interpreter that its folder's settings name. */
  async beside(name, python) {
    const root = join(dirname(this.root), name);
    await cp(join(fixtures, name), root, { recursive: true, filter: own });
    const project = new Project(root, this.binary, this.env);
    await project.configure({ "hotclub.python": python });
    return project;
  }

  /** Replaces the settings of the folder. */
  async configure(settings) {
    await this.write(".vscode/settings.json", JSON.stringify(settings));
  }

  path(file) {
    return join(this.root, file);
  }

  async read(file) {
    return readFile(this.path(file), "utf8");
  }

  async write(file, text) {
    await mkdir(dirname(this.path(file)), { recursive: true });
    await writeFile(this.path(file), text);
  }

  async remove(file) {
    await rm(this.path(file));
  }

  /** Changes a file as another program would. */
  async replace(file, from, to) {
    const text = await this.read(file);
    if (!text.includes(from)) {
      throw new Error(`${file} has no ${JSON.stringify(from)}`);
    }
    await this.write(file, text.replace(from, to));
  }

  /** The number of the first line with a text, from 1. */
  async line(file, text) {
    const at = (await this.read(file)).split("\n").findIndex((each) => each.includes(text));
    if (at < 0) {
      throw new Error(`${file} has no ${JSON.stringify(text)}`);
    }
    return at + 1;
  }

  /** Calls hotclub from a shell in the project. */
  async hotclub(...args) {
    return new Promise((resolve, reject) => {
      execFile(this.binary, args, { cwd: this.root, env: this.env }, (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") {
          reject(error);
        } else {
          resolve({ status: error?.code ?? 0, stdout, stderr });
        }
      });
    });
  }
}
