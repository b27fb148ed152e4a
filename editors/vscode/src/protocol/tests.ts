// Items of the tree, verdicts, and what is asked about tests.
import type { Cause, PoolState } from "./pool";
import type { Overrides } from "./runs";

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

export type Kind = "project" | "dir" | "file" | "class" | "test" | "case";

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
