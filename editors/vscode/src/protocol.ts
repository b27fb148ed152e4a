// The shapes of hotclub/*, as docs/editor-authors.md describes them. They mirror the Go types of
// lspserver/wire and runner: `go test ./lspserver/wire -run TypeScript` holds one to the other.

/** The version of the protocol that this extension speaks. */
export const protocolVersion = 1;

/** Of LSP: lines and UTF-16 units count from 0. */
export interface Position {
  line: number;
  character: number;
}

/** Of LSP: the end is not part of it. */
export interface Range {
  start: Position;
  end: Position;
}

// ---- handshake

export interface InitializationOptions {
  cwd?: string;
  environment?: string[];
  trusted: boolean;
  clientName?: string;
  detach?: boolean;
  python?: string;
  settings?: string;
  startMethod?: string;
}

export interface ClientCapabilities {
  version: number;
  runEvents?: "own" | "all";
  poolEvents?: boolean;
  lenses?: "on" | "off";
  commands?: string[];
  output?: "stream" | "pull" | "none";
  maxEventBatchMs?: number;
}

export interface ServerCapabilities {
  version: number;
  features: string[];
  daemon: DaemonInfo;
}

export interface DaemonInfo {
  pid: number;
  build: string;
  version?: string;
  socket?: string;
  log?: string;
}

/** What can be another in each folder. */
export interface FolderChoice {
  python?: string;
  settings?: string;
  startMethod?: string;
}

export interface FolderConfiguration extends FolderChoice {
  uri: string;
}

export interface Configuration extends FolderChoice {
  trusted?: boolean;
  folders?: FolderConfiguration[];
  parallel?: number | "auto";
  lenses?: "on" | "off";
}

// ---- tests

export type Kind = "project" | "dir" | "file" | "class" | "test" | "case" | "subtest";

/** A node of the tree of tests. */
export interface TestItem {
  id: string;
  parent?: string;
  kind: Kind;
  name: string;
  label: string;
  uri?: string;
  range?: Range;
  selectionRange?: Range;
  tags?: string[];
  base?: string;
  runnable: boolean;
  dynamic?: boolean;
  fidelity: "static" | "collected";
  disabled?: Disabled;
  error?: Message;
}

export interface Disabled {
  reason: string;
}

export interface DiscoverParams {
  scope?: DiscoverScope;
}

export interface DiscoverScope {
  uri?: string;
  id?: string;
}

/** Answers hotclub/discover, and is hotclub/didChangeTests. */
export interface Tests {
  revision: number;
  project?: string;
  items: TestItem[];
  removed: string[];
  errors: FileError[];
}

export interface FileError {
  uri: string;
  message: Message;
}

export interface TestsAtParams {
  uri: string;
  position?: Position;
}

export interface TestsAtAnswer {
  items: TestItem[];
}

/** A test as runs name it. */
export interface Test {
  id: string;
  label: string;
  name: string;
  /** Absolute path. */
  file?: string;
  /** From 1. */
  line?: number;
  module: string;
  class: string;
  tags?: string[];
}

export type State =
  | "queued"
  | "started"
  | "passed"
  | "failed"
  | "errored"
  | "skipped"
  | "xfailed"
  | "xpassed"
  | "cancelled"
  | "notRun";

export interface Verdict {
  state: State;
  durationMs?: number;
  messages?: Message[];
  reason?: string;
  worker?: string;
  generation?: string;
  queries?: number;
  subtests?: Subtest[];
}

export interface Subtest {
  description: string;
  state: State;
}

export type Phase =
  | "import"
  | "setUpModule"
  | "setUpClass"
  | "setUp"
  | "call"
  | "tearDown"
  | "tearDownClass"
  | "tearDownModule"
  | "subtest"
  | "worker"
  | "database"
  | "timeout";

export interface Message {
  text: string;
  summary?: string;
  expected?: string;
  actual?: string;
  location?: Location;
  /** Outermost first. */
  frames?: Frame[];
  phase?: Phase;
  subtest?: string;
  sql?: string;
}

/** A path, and a line from 1. */
export interface Location {
  file: string;
  line: number;
}

export interface Frame {
  label: string;
  file?: string;
  line?: number;
  own: boolean;
}

// ---- runs

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

// ---- debugger and coverage

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

// ---- what is asked about tests

export interface ResultsParams {
  ids?: string[];
  uri?: string;
}

export interface ResultsAnswer {
  results: Result[];
}

export interface Result extends Verdict {
  id: string;
  label: string;
  at: string;
  stale?: boolean;
}

export interface OutputParams {
  runId?: string;
  id: string;
  offset?: number;
  limit?: number;
}

export interface OutputAnswer {
  text: string;
  total: number;
  next: number;
}

export interface ExplainParams {
  id?: string;
  label?: string;
  project?: Overrides;
}

/** Its other members say by parts what text says. */
export interface ExplainAnswer {
  text: string;
  root: string;
  state: PoolState;
  generation?: string;
}

export interface IDsParams {
  ids: string[];
}

export interface CommandAnswer {
  command: string[];
  cwd: string;
  env?: Record<string, string>;
  text: string;
}

export interface TextAnswer {
  text: string;
}

export interface WatchParams {
  uri: string;
}

export interface WatchAnswer {
  uris: string[];
}

export interface SavesParams {
  project?: Overrides;
  begin?: boolean;
}

export interface Saved {
  changes: Cause[];
  fault?: string;
  restless?: string[];
}

// ---- daemon, workers, databases

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

// ---- methods

/** Each request with what it takes and what it answers. */
export interface Requests {
  "hotclub/run": [RunParams, RunAnswer];
  "hotclub/cancelRun": [CancelRunParams, null];
  "hotclub/status": [Record<string, never>, StatusAnswer];
  "hotclub/restart": [RestartParams, RootsAnswer];
  "hotclub/stop": [StopParams, RootsAnswer];
  "hotclub/database": [DatabaseParams, DatabaseAnswer];
  "hotclub/discover": [DiscoverParams, Tests];
  "hotclub/testsAt": [TestsAtParams, TestsAtAnswer];
  "hotclub/results": [ResultsParams, ResultsAnswer];
  "hotclub/output": [OutputParams, OutputAnswer];
  "hotclub/explain": [ExplainParams, ExplainAnswer];
  "hotclub/command": [IDsParams, CommandAnswer];
  "hotclub/configure": [Configuration, null];
  "hotclub/diagnose": [Record<string, never>, TextAnswer];
  "hotclub/watch": [WatchParams, WatchAnswer];
  "hotclub/unwatch": [WatchParams, WatchAnswer];
  "hotclub/saves": [SavesParams, Saved];
  "hotclub/debug": [DebugParams, RunAnswer];
  "hotclub/coverage": [CoverageParams, CoverageAnswer];
}

export type Method = keyof Requests;

/** Each notification of the server with what it brings. */
export interface Notifications {
  "hotclub/notice": Notice;
  "hotclub/runStarted": RunStarted;
  "hotclub/testEvents": TestEvents;
  "hotclub/runFinished": RunFinished;
  "hotclub/didChangeTests": Tests;
  "hotclub/didChangeStatus": DidChangeStatus;
  "hotclub/didChangeWorkers": DidChangeWorkers;
  "hotclub/invalidated": Invalidated;
  "hotclub/debuggerReady": DebuggerReady;
}
