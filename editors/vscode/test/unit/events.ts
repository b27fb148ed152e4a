// The events of the stub of "vscode".

/** Who can be told that nobody listens any more. */
export interface Listening {
  dispose(): void;
}

export class EventEmitter<T> {
  private listeners: ((event: T) => void)[] = [];

  readonly event = (listener: (event: T) => void): Listening => {
    this.listeners.push(listener);
    return {
      dispose: () => {
        this.listeners = this.listeners.filter((each) => each !== listener);
      },
    };
  };

  fire(event: T): void {
    for (const listener of [...this.listeners]) {
      listener(event);
    }
  }

  dispose(): void {
    this.listeners = [];
  }
}
