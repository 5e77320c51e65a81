/** What every command is given. */

import { existsSync } from 'node:fs';
import { HostError } from '@scriptorium/core';
import type { PlannedStep, StartRequest } from '@scriptorium/core';
import { storeFile } from '@scriptorium/engine';
import type { Connection } from '@scriptorium/engine';
import type { Configuration, Settings } from './configuration/configuration.ts';
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
  readonly configuration: Configuration;
  /** What counts of it. */
  readonly settings: Settings;
  /** How this program is called from here, for commands that are shown: `scriptorium` or `./scriptorium`. */
  readonly command: string;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Opens the store, or joins the engine that has it; the caller closes what it opened. */
  readonly open: () => Promise<Connection>;
  /** What a request would do; leaves nothing behind, not even a store. */
  readonly plan: (request: StartRequest) => AsyncIterable<PlannedStep>;
  /** Refuses where of some of these models, each for when those before it cannot answer, none can be asked. */
  readonly requireModels: (asked: readonly (readonly string[])[]) => Promise<void>;
}

/** Runs `work` on a connection and closes it, whatever happens. When the store fails meanwhile, so does the command. */
export async function withHost<T>(context: Context, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await context.open();
  let failed = false;
  const failure = connection.halted.then((error) => {
    failed = true;
    throw error;
  });
  failure.catch(() => undefined);
  try {
    return await Promise.race([work(connection), failure]);
  } finally {
    // An engine without space ends by itself; of one whose store failed, what is in memory is ahead of the disk.
    if (failed) await connection.close().catch(() => undefined);
    else await connection.close();
  }
}

export function hasStore({ home }: Context): boolean {
  return existsSync(storeFile(home));
}

/** Like {@link withHost}, for what is done with runs that there are: it makes no store. */
export async function withStore<T>(context: Context, work: (connection: Connection) => Promise<T>): Promise<T> {
  if (!hasStore(context)) {
    throw new HostError(
      'not_found',
      `there is no store in ${context.home}`,
      'Go to the folder in which the run was begun, or name its store with `--home <dir>`; `run` and `demo` make one.',
    );
  }
  return withHost(context, work);
}

/** Writes a result: as one JSON text with `--json`, else in words. */
export function putResult(context: Context, value: unknown, words: () => string): void {
  context.terminal.out(context.json ? `${JSON.stringify(value, null, 2)}\n` : words());
}
