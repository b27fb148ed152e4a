import type { OpenRun, Pool } from "./pools";
import type { PoolChange, WorkerCount } from "./protocol";
import type { SessionState } from "./session";

/** What the status bar says about a window. */
export interface Health {
  /** With icons, as $(name). */
  text: string;
  /** Lines of plain text. */
  details: string[];
  severity: "none" | "warning" | "error";
}

/** What it is made from. */
export interface Window {
  state: SessionState;
  /** Why the server does not run, where it has failed. */
  reason: string | undefined;
  trusted: boolean;
  pools: readonly Pool[];
  runs: readonly OpenRun[];
  /** The project that the person looks at; the others come behind it in the details. */
  current: Pool | undefined;
}

/** Puts a window's health into words; undefined where there is nothing to say. */
export function healthOf(window: Window): Health | undefined {
  switch (window.state) {
    case "stopped":
      return undefined;
    case "starting":
      return { text: "$(loading~spin) Hotclub: starting", details: ["Hotclub's server is starting."], severity: "none" };
    case "failed":
      return { text: "$(error) Hotclub: stopped", details: [window.reason ?? "Hotclub's server does not run."], severity: "error" };
    case "running":
      break;
  }
  const pool = window.current ?? window.pools[0];
  if (pool === undefined) {
    return undefined;
  }
  const others = window.pools.filter((each) => each !== pool);
  const details = [pool, ...others].flatMap((each) => about(each, window.runs));
  if (!window.trusted) {
    const why = "This workspace is not trusted: tests are read off the text, nothing is started.";
    return { text: "$(shield) Hotclub: not trusted", details: [why], severity: "warning" };
  }
  // Where there are several, which one is meant.
  const name = others.length > 0 ? `Hotclub (${pool.name})` : "Hotclub";
  const run = window.runs.find(({ project }) => project === undefined || project === pool.project);
  if (run !== undefined) {
    return { text: `$(loading~spin) ${name}: ${progress(run)}`, details, severity: "none" };
  }
  const text = {
    cold: `$(circle-outline) ${name}: cold`,
    starting: `$(sync~spin) ${name}: booting`,
    ready: `$(flame) ${name}`,
    broken: `$(error) ${name}: does not start`,
  }[pool.state];
  return { text, details, severity: pool.state === "broken" ? "error" : "none" };
}

/** How far a run is, as "41/212, 2 failed". */
export function progress(run: OpenRun): string {
  if (run.total === 0) {
    return run.waitsFor ?? "run begins";
  }
  return `${run.done}/${run.total}${run.failed > 0 ? `, ${run.failed} failed` : ""}`;
}

/** A project's lines. */
function about(pool: Pool, runs: readonly OpenRun[]): string[] {
  const lines = [`${pool.name}: ${stateText(pool)}`];
  if (pool.fault !== undefined) {
    lines.push(pool.fault.summary ?? lastLine(pool.fault.text));
  }
  for (const run of runs.filter(({ project }) => project === pool.project)) {
    lines.push(`run: ${progress(run)}`);
  }
  if (pool.change !== undefined) {
    lines.push(`last: ${changeText(pool.change)}`);
  }
  if (pool.unwatched !== undefined) {
    lines.push(pool.unwatched);
  }
  return lines;
}

/** Where a pool stands, for people. */
export function stateText(pool: Pool): string {
  switch (pool.state) {
    case "cold":
      return "cold; the next run starts the project";
    case "starting":
      return pool.change?.lastMs === undefined ? "booting" : `booting, which took ${seconds(pool.change.lastMs)} last time`;
    case "broken":
      return "does not start";
    case "ready":
      return workersText(pool.count);
  }
}

function workersText({ ready, running, booting }: WorkerCount): string {
  const parts = [[running, "running"], [ready, "ready"], [booting, "booting"]].filter(([count]) => count !== 0);
  return parts.map(([count, what]) => `${count ?? 0} ${what ?? ""}`).join(", ") || "no worker";
}

/** A step in the life of a pool, for people. */
function changeText(change: PoolChange): string {
  const why = change.cause === undefined ? change.reason : `${change.cause.file} ${change.cause.rule}`;
  const because = why === undefined ? "" : ` because ${why}`;
  switch (change.kind) {
    case "invalidated":
      return `${change.workers ?? 0} workers became stale${because}`;
    case "booting":
      return `boot begun${because}`;
    case "superseded":
      return `boot begun again${because}`;
    case "booted":
    case "ready":
      return `${change.kind} after ${seconds(change.tookMs ?? 0)}`;
    case "failed":
      return `does not start${because}`;
    case "workerLost":
      return `a worker was lost${because}`;
    default:
      return `${change.kind}${because}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? text;
}
