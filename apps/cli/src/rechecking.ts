/**
 * Checks a flow again when its files change. Each check works in a process of its own, because a module that was loaded
 * once stays as it was: a changed `handlers.ts` is read only by a process that has not seen it.
 */

import { fork } from 'node:child_process';
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledFlow } from './flow-file.ts';

export interface CheckRequest {
  readonly name: string;
  readonly cwd: string;
  readonly profile: string | undefined;
}

/** What the process gives: the modules stay with it, because code cannot be handed over. */
export type Checked =
  | Pick<CompiledFlow, 'file' | 'path' | 'source' | 'flow' | 'diagnostics'>
  | { readonly error: { readonly message: string; readonly fix?: string } };

/** Editors write a file in several steps; what happens within this time is one change. */
const SETTLE_MS = 100;

const program = fileURLToPath(new URL('check-process.ts', import.meta.url));

/** What handlers write to standard output while they are loaded is not shown: results go there. */
export function checkApart(request: CheckRequest): Promise<Checked> {
  return new Promise((resolve) => {
    const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.once('message', (checked) => resolve(checked as Checked));
    child.once('error', (error) => resolve({ error: { message: error.message } }));
    child.once('close', (code, signal) => resolve({ error: { message: `the process that checks ended with ${code ?? signal}` } }));
    child.send(request, () => undefined);
  });
}

/** Calls back after each change of the flow file or of code beside it, one call at a time. */
export function followFiles(path: string, changed: () => Promise<void>): { readonly close: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  // The directory, because many editors replace the file, and a watcher of the file would stay with the old one.
  const watcher = watch(dirname(path), (_, file) => {
    if (file !== null && file !== basename(path) && !/\.(ts|js|mjs|json)$/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(changed);
    }, SETTLE_MS);
  });
  return {
    close: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
