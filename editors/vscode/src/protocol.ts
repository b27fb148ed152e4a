// The shapes of hotclub/*, as docs/editor-authors.md describes them. They mirror the Go types of
// lspserver/wire and runner: `go test ./lspserver/wire -run TypeScript` holds one to the other.
import type {
  Configuration,
} from "./protocol/handshake";
import type {
  DatabaseAnswer,
  DatabaseParams,
  DidChangeStatus,
  DidChangeWorkers,
  Invalidated,
  RestartParams,
  RootsAnswer,
  StatusAnswer,
  StopParams,
} from "./protocol/pool";
import type {
  CancelRunParams,
  CoverageAnswer,
  CoverageParams,
  DebugParams,
  DebuggerReady,
  Notice,
  RunAnswer,
  RunFinished,
  RunParams,
  RunStarted,
  TestEvents,
} from "./protocol/runs";
import type {
  CommandAnswer,
  DiscoverParams,
  ExplainAnswer,
  ExplainParams,
  IDsParams,
  OutputAnswer,
  OutputParams,
  ResultsAnswer,
  ResultsParams,
  Saved,
  SavesParams,
  Tests,
  TestsAtAnswer,
  TestsAtParams,
  TextAnswer,
  WatchAnswer,
  WatchParams,
} from "./protocol/tests";

export type * from "./protocol/handshake";
export type * from "./protocol/pool";
export type * from "./protocol/runs";
export type * from "./protocol/tests";

/** The version of the protocol that this extension speaks. */
export const protocolVersion = 1;

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
