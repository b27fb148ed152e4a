// The Django project that is open in the window: a copy of the bookshop with a few more tests.
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const fixture = join(dirname(fileURLToPath(import.meta.url)), "fixture");

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
    const ours = (path) => !/\/(\.venv|__pycache__|db\.sqlite3)$/.test(path);
    await mkdir(root, { recursive: true });
    await cp(example, root, { recursive: true, filter: ours });
    await cp(fixture, root, { recursive: true, filter: ours });
    await symlink(dirname(dirname(python)), join(root, ".venv")); // is found there
    return new Project(root, hotclub, env);
  }

  constructor(root, hotclub, env) {
    this.root = root;
    this.binary = hotclub;
    this.env = env;
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
