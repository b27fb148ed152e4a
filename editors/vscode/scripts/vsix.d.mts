/** A file in a VSIX. */
export interface Entry {
  path: string;
  /** In bytes. */
  size: number;
  /** Permissions of Unix. */
  mode: number;
}

export function contents(vsix: string): Promise<Entry[]>;
export function faultsOf(entries: readonly Entry[], target: string): string[];
