/** What every command is given. */

import type { Host } from '@scriptorium/core';
import type { Terminal } from './terminal.ts';

export interface Context {
  readonly terminal: Terminal;
  readonly env: { readonly [name: string]: string | undefined };
  /** Absolute. */
  readonly cwd: string;
  readonly now: () => number;
  /** Who asks, as the journal records it. */
  readonly by: string;
  /** Directory of the store. */
  readonly home: string;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Opens the store, or joins the engine that has it; the caller closes what it opened. */
  readonly open: () => Promise<Connection>;
}

export interface Connection {
  readonly host: Host;
  /** Whether the engine works in this process; otherwise it goes on after {@link close}. */
  readonly own: boolean;
  /** The engine in this process drains and ends; one in another process is left alone. */
  readonly close: () => Promise<void>;
  /** Resolves with the error when the store failed. */
  readonly halted: Promise<Error>;
}

/** Runs `work` on a connection and closes it, whatever happens. */
export async function withHost<T>(context: Context, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await context.open();
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** Writes a result: as one JSON text with `--json`, else in words. */
export function putResult(context: Context, value: unknown, words: () => string): void {
  context.terminal.out(context.json ? `${JSON.stringify(value, null, 2)}\n` : words());
}
