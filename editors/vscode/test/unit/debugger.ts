// The debugger, as the stub of "vscode" has it: sessions that the test begins and ends.
import { EventEmitter } from "./events";
import { Disposable } from "./window";

export interface DebugSession {
  type: string;
  configuration: Record<string, unknown>;
}

interface Tracker {
  onWillReceiveMessage: (message: unknown) => void;
}

export class DebugAdapterServer {
  constructor(
    readonly port: number,
    readonly host: string,
  ) {}
}

const started = new EventEmitter<DebugSession>();
const terminated = new EventEmitter<DebugSession>();

/** What the extension has asked of the debugger, and what happens there. */
export const fakeDebugger = {
  begun: [] as { configuration: Record<string, unknown>; options: unknown }[],
  stopped: [] as DebugSession[],
  refuses: false,
  descriptor: undefined as ((session: DebugSession) => unknown) | undefined,
  tracker: undefined as ((session: DebugSession) => Tracker) | undefined,

  reset(): void {
    Object.assign(fakeDebugger, { begun: [], stopped: [], refuses: false });
  },
  start(session: DebugSession): void {
    started.fire(session);
  },
  terminate(session: DebugSession): void {
    terminated.fire(session);
  },
};

const nothing = (): Disposable => new Disposable(() => undefined);

export const debug = {
  onDidStartDebugSession: started.event,
  onDidTerminateDebugSession: terminated.event,
  registerDebugAdapterDescriptorFactory: (_type: string, factory: { createDebugAdapterDescriptor: (session: DebugSession) => unknown }) => {
    fakeDebugger.descriptor = (session) => factory.createDebugAdapterDescriptor(session);
    return nothing();
  },
  registerDebugAdapterTrackerFactory: (_type: string, factory: { createDebugAdapterTracker: (session: DebugSession) => Tracker }) => {
    fakeDebugger.tracker = (session) => factory.createDebugAdapterTracker(session);
    return nothing();
  },
  registerDebugConfigurationProvider: nothing,
  startDebugging: (_folder: undefined, configuration: Record<string, unknown>, options: unknown): Promise<boolean> => {
    fakeDebugger.begun.push({ configuration, options });
    return Promise.resolve(!fakeDebugger.refuses);
  },
  stopDebugging: (session: DebugSession): Promise<void> => {
    fakeDebugger.stopped.push(session);
    return Promise.resolve();
  },
};
