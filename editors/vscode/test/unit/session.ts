// A session whose server is the test: it notes what is asked, and tells what the test says.
import type { Notifications, TestEvent } from "../../src/protocol";
import type { Session, StateChange } from "../../src/session";
import { EventEmitter } from "./events";
import { settle } from "./window";

/** A request that waits for the test's answer. */
export interface Asked {
  method: string;
  params: Record<string, unknown>;
  answer: (value: unknown) => Promise<void>;
  refuse: (error: Error) => Promise<void>;
}

export class FakeSession {
  state = "running";
  features = new Set(["debug", "coverage"]);
  readonly asked: Asked[] = [];
  private readonly emitters = new Map<string, EventEmitter<unknown>>();
  private seq = 0;

  readonly onRunStarted = this.event("hotclub/runStarted");
  readonly onTestEvents = this.event("hotclub/testEvents");
  readonly onNotice = this.event("hotclub/notice");
  readonly onRunFinished = this.event("hotclub/runFinished");
  readonly onDebuggerReady = this.event("hotclub/debuggerReady");
  readonly onDidChangeState = this.event("state");

  request(method: string, params: Record<string, unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.asked.push({
        method,
        params,
        answer: (value) => {
          resolve(value);
          return settle();
        },
        refuse: (error) => {
          reject(error);
          return settle();
        },
      });
    });
  }

  /** The latest request of a method. */
  last(method: string): Asked {
    const found = this.asked.findLast((each) => each.method === method);
    if (found === undefined) {
      throw new Error(`${method} was not asked; ${this.asked.map((each) => each.method).join(", ")} were`);
    }
    return found;
  }

  count(method: string): number {
    return this.asked.filter((each) => each.method === method).length;
  }

  /** Answers the latest hotclub/run; returns the id of the run. */
  async accept(method = "hotclub/run", unsaved: string[] = []): Promise<string> {
    const { params, answer } = this.last(method);
    const runId = params["runId"] as string;
    await answer({ runId, total: 0, position: 0, unsaved, workers: { ready: 1, booting: 0, running: 0 } });
    return runId;
  }

  tell<N extends keyof Notifications>(name: N, params: Notifications[N]): void {
    this.fire(name, params);
  }

  events(runId: string, ...events: TestEvent[]): void {
    this.tell("hotclub/testEvents", { runId, seq: ++this.seq, events });
  }

  async finish(runId: string, more: Partial<Notifications["hotclub/runFinished"]> = {}): Promise<void> {
    this.tell("hotclub/runFinished", { runId, outcome: "completed", counts: {}, durationMs: 12, failed: false, ...more });
    await settle();
  }

  enter(change: StateChange): void {
    this.state = change.state;
    this.fire("state", change);
  }

  real(): Session {
    return this as unknown as Session;
  }

  private event(name: string): EventEmitter<unknown>["event"] {
    const emitter = new EventEmitter<unknown>();
    this.emitters.set(name, emitter);
    return emitter.event;
  }

  private fire(name: string, params: unknown): void {
    this.emitters.get(name)?.fire(params);
  }
}
