// What initialize carries, and the client's choices about its projects.

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
