// The daemon, the workers of its projects, and their databases.
import type { DaemonInfo } from "./handshake";
import type { CoverageOptions, Overrides, Timing, WorkerCount } from "./runs";
import type { Message } from "./tests";

export type PoolState = "cold" | "starting" | "ready" | "broken";

export interface StatusAnswer {
  daemon: DaemonInfo;
  clients: string[];
  runs: RunInfo[];
  projects: ProjectStatus[];
  goroutines: number;
}

export interface RunInfo {
  runId: string;
  client: string;
  total: number;
  done: number;
  failed: number;
}

export interface ProjectStatus {
  root: string;
  state: PoolState;
  settings: string;
  python: string;
  versions: string;
  startMethod: string;
  reason?: string;
  rung?: string;
  generation: string;
  boot?: Timing[];
  filesRead: number;
  workers: WorkerStatus[];
  databases?: DatabaseStatus[];
  lastRun?: Timing[];
  error?: string;
  changes?: PoolChange[];
  unwatched?: string;
  coverage?: CoverageOptions;
}

export interface WorkerStatus {
  name: string;
  kind: string;
  state: string;
  pid: number;
  since: string;
  test?: string;
  memoryMb?: number;
  generation?: string;
  loaded?: string[];
}

export interface DatabaseStatus {
  alias: string;
  engine: string;
  kind: string;
  name: string;
  server?: string;
  owner?: string;
  sizeKb: number;
  created: string;
  used?: string;
  state: string;
  why?: string;
  coarse?: boolean;
}

export interface Cause {
  file: string;
  rule: string;
}

export interface PoolChange {
  at: string;
  kind: string;
  generation?: string;
  cause?: Cause;
  reason?: string;
  workers?: number;
  tookMs?: number;
  lastMs?: number;
  base?: boolean;
  from?: string;
  fault?: Message;
}

export interface DidChangeStatus {
  project: string;
  root: string;
  state: PoolState;
  generation?: string;
  workers: WorkerCount;
  change?: PoolChange;
  unwatched?: string;
}

export interface DidChangeWorkers {
  project: string;
  workers: WorkerStatus[];
}

export interface Invalidated {
  project: string;
  generation: string;
  cause: Cause[];
  reason?: string;
  workers: number;
}

export interface RestartParams {
  dir?: string;
}

export interface StopParams {
  dir?: string;
  all?: boolean;
}

export interface RootsAnswer {
  roots: string[];
}

export interface DatabaseParams {
  action: "list" | "rebuild" | "sweep";
  project?: Overrides;
}

export interface DatabaseAnswer {
  databases: DatabaseStatus[];
}
