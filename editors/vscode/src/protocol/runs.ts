// Runs: what asks for one and what is told of it; debugger and coverage.
import type { Kind, Position, State, Test, Verdict } from "./tests";

export interface RunParams {
  runId: string;
  select: Select;
  exclude?: string[];
  fresh?: Fresh[];
  project?: Overrides;
  parallel?: number | "auto";
  failFast?: boolean;
  shuffle?: boolean;
  seed?: number;
  reverse?: boolean;
  badFirst?: boolean;
  buffer?: boolean;
  debugSql?: boolean;
  verbosity?: number;
  timeoutMs?: number;
  cold?: boolean;
  runnerArgs?: string[];
  env?: string[];
  onBusy?: "parallel" | "queue" | "cancelPrevious";
  coverage?: CoverageOptions;
}

export interface Select {
  ids?: string[];
  labels?: string[];
  uri?: string;
  nearest?: Nearest;
  patterns?: string[];
  tag?: string;
  tags?: string[];
  excludeTags?: string[];
  failed?: boolean;
  last?: boolean;
  /** "sinceLastRun", or a revision of git. */
  affected?: string;
  all?: boolean;
}

export interface Nearest {
  uri: string;
  position: Position;
}

export interface Fresh {
  uri: string;
  version?: number;
  sha256?: string;
}

/** The client's choices about a project, for one request. */
export interface Overrides {
  root?: string;
  python?: string;
  settings?: string;
  startMethod?: string;
}

export interface RunAnswer {
  runId: string;
  total: number;
  position: number;
  unsaved: string[];
  workers: WorkerCount;
}

export interface WorkerCount {
  ready: number;
  booting: number;
  running: number;
}

export interface CancelRunParams {
  runId: string;
}

export interface Notice {
  runId: string;
  text: string;
  warning?: boolean;
}

export interface RunStarted {
  runId: string;
  tests: Test[];
  workers: number;
  startMethod: string;
  generation: string;
  shuffleSeed?: number;
  databases?: string[];
  origin?: string;
}

export interface TestEvents {
  runId: string;
  seq: number;
  events: TestEvent[];
}

export type TestEvent = TestStarted | TestFinished | ClassErrored;

export interface TestStarted {
  event: "started";
  id: string;
  worker: string;
  at: string;
}

export interface TestFinished {
  event: "finished";
  test: Test;
  verdict: Verdict;
  output?: string;
}

export interface ClassErrored {
  event: "classErrored";
  id: string;
  kind: Kind;
  label: string;
  verdict: Verdict;
  output?: string;
}

export type Outcome = "completed" | "cancelled" | "error" | "nothing";

export interface RunFinished {
  runId: string;
  outcome: Outcome;
  counts: Partial<Record<State, number>>;
  classErrors?: number;
  durationMs: number;
  error?: string;
  projectError?: boolean;
  unaffected?: boolean;
  failed: boolean;
  timings?: Timing[];
  comparison?: Comparison;
  slowest?: Slow[];
}

export interface Timing {
  name: string;
  ms: number;
}

export interface Slow {
  id: string;
  label: string;
  durationMs: number;
}

export interface Comparison {
  same: number;
  unknown?: number;
  differences: Difference[];
}

export interface Difference {
  id: string;
  label: string;
  cold: State;
  warm: State;
  at: string;
  generation: string;
  changed?: string;
}

export interface DebugParams extends RunParams {
  stopOnFailure?: boolean;
  /** A folder that holds the package "debugpy", for environments without it. */
  debugpy?: string;
}

/** A debugger can attach: a DAP server listens there. */
export interface DebuggerReady {
  runId: string;
  host: string;
  port: number;
  pid: number;
}

export interface CoverageOptions {
  branches?: boolean;
  /** Paths or packages. */
  sources?: string[];
}

export interface CoverageParams {
  runId: string;
  uri?: string;
}

export interface CoverageAnswer {
  tool: string;
  files: CoveredFile[];
}

export interface CoveredFile {
  uri: string;
  executed: number;
  total: number;
  branchesExecuted?: number;
  branchesTotal?: number;
  detail?: CoverageDetail;
}

export interface CoverageDetail {
  /** First and last line of each stretch, from 0, both part of it. */
  executed: [number, number][];
  missed: [number, number][];
  branches?: Branch[];
}

export interface Branch {
  line: number;
  to: number;
  taken: boolean;
}
