// VS Code's server: the workbench for browsers, and the extension host that runs the extension.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

/** What a window of a person would differ in: nothing that asks, tells, loads or saves by itself. */
const quiet = {
  "chat.disableAIFeatures": true,
  "editor.autoIndent": "none",
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off", // a browser's workbench would save what is typed
  "files.hotExit": "off",
  "git.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "window.title": "${dirty}${activeEditorShort}${separator}${rootName}",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** A running server with folders of its own. */
export class Server {
  #process;

  /**
   * @param {object} options
   * @param {string} options.install folder that install.sh printed
   * @param {string} options.dir an empty folder for settings, extensions and logs
   * @param {string} options.vsix the packed extension
   * @param {NodeJS.ProcessEnv} options.env what the extension host and all that it starts inherit
   * @param {object} options.settings of the person
   */
  static async start({ install, dir, vsix, env, settings }) {
    const server = new Server();
    server.dir = dir;
    server.log = join(dir, "server.log");
    await mkdir(join(dir, "data", "User"), { recursive: true });
    await server.configure(settings);
    const node = join(install, "node");
    const main = join(install, "vscode", "out", "server-main.js");
    const common = [main, "--server-data-dir", dir, "--accept-server-license-terms", "--telemetry-level", "off"];
    const environment = { ...env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' }; // no marketplace

    const out = openSync(server.log, "a");
    const stdio = ["ignore", out, out];
    const [status] = await once(
      spawn(node, [...common, "--log", "off", "--install-extension", vsix], { env: environment, stdio }), "exit");
    if (status !== 0) {
      throw new Error(`installing ${vsix} ended with status ${status}:\n${await server.told()}`);
    }
    server.port = await freePort();
    server.#process = spawn(
      node, [...common, "--host", "127.0.0.1", "--port", String(server.port), "--without-connection-token"],
      { env: environment, stdio, detached: true }); // with its hosts it is a group of its own
    closeSync(out);
    await server.#answers();
    return server;
  }

  /** Replaces the person's settings. A window that is open takes them up by itself. */
  async configure(settings) {
    await writeFile(join(this.dir, "data", "User", "settings.json"), JSON.stringify({ ...quiet, ...settings }, null, 2));
  }

  /** The binary inside the installed extension. */
  async bundled() {
    const extensions = join(this.dir, "extensions");
    const found = await readdir(extensions, { recursive: true });
    const binary = found.find((path) => /^hotclub\.hotclub-[^/]*\/bin\/(.*\/)?hotclub$/.test(path));
    if (!binary) {
      throw new Error(`the installed extension brings no binary, it has ${found.filter((path) => path.split("/").length < 3).join(", ")}`);
    }
    return join(extensions, binary);
  }

  /** The address of a window on a folder, or on what a .code-workspace lists. */
  address(path) {
    const kind = path.endsWith(".code-workspace") ? "workspace" : "folder";
    return `http://127.0.0.1:${this.port}/?${kind}=${encodeURI(path)}`;
  }

  /** What the server has printed, and the logs of the extension host and of the extension's channels. */
  async told() {
    const logs = join(this.dir, "data", "logs");
    const ours = (await readdir(logs, { recursive: true }).catch(() => []))
      .filter((path) => /(remoteexthost|hotclub[^/]*)\.log$/i.test(path)).sort();
    const texts = await Promise.all([this.log, ...ours.map((path) => join(logs, path))]
      .map(async (path) => `--- ${path}\n${await readFile(path, "utf8")}`));
    return texts.join("\n");
  }

  /** Ends the server, and the hosts that it leaves behind: it asks them to end and does not wait. */
  async stop() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, "exit");
      this.#process.kill();
      await ended;
    }
    try {
      process.kill(-this.#process.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") {
        throw error;
      }
    }
  }

  async #answers() {
    const limit = Date.now() + 60_000;
    for (;;) {
      if (this.#process.exitCode !== null) {
        throw new Error(`VS Code's server ended with status ${this.#process.exitCode}:\n${await this.told()}`);
      }
      try {
        await fetch(`http://127.0.0.1:${this.port}/version`);
        return;
      } catch (error) {
        if (Date.now() > limit) {
          throw new Error(`VS Code's server does not answer:\n${await this.told()}`, { cause: error });
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}
