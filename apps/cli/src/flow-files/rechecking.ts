/**
 * Checks a flow again when its files change. Each check works in a process of its own, because a module that was loaded
 * once stays as it was: a changed `handlers.ts` is read only by a process that has not seen it.
 */

import { fork } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledFlow } from './flow-file.ts';

export interface CheckRequest {
  readonly name: string;
  readonly cwd: string;
  readonly profile?: string;
  readonly preferred?: string;
}

/** What the process gives: the modules stay with it, because code cannot be handed over. */
export type Checked = Omit<CompiledFlow, 'modules'> | { readonly error: { readonly message: string; readonly fix?: string } };

/** Editors write a file in several steps; what happens within this time is one change. */
const SETTLE_MS = 100;

const program = fileURLToPath(new URL('check-process.ts', import.meta.url));

/** What handlers write to standard output while they are loaded is not shown: results go there. */
export function checkApart(request: CheckRequest): Promise<Checked> {
  return new Promise((resolve) => {
    const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.once('message', (checked) => resolve(checked as Checked));
    child.once('error', (error) => resolve({ error: { message: error.message } }));
    child.once('close', (code, signal) => {
      const end = (): void => resolve({ error: { message: `the process that checks ended with ${code ?? signal}` } });
      // What it told last may come after its end.
      if (child.connected) child.once('disconnect', end);
      else end();
    });
    child.send(request, () => undefined);
  });
}

export interface Followed {
  /** Looks at these files from now on. */
  readonly follow: (paths: readonly string[]) => void;
  readonly close: () => void;
}

/** Calls back after each change of one of the files or of code beside them, one call at a time. */
export function followFiles(paths: readonly string[], changed: () => Promise<void>): Followed {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  const watchers = new Map<string, FSWatcher>();
  let names: ReadonlySet<string> = new Set();
  const notice = (directory: string, file: string | null): void => {
    if (file !== null && !names.has(join(directory, file)) && !/\.(ts|js|mjs|json)$/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(changed);
    }, SETTLE_MS);
  };
  const follow = (files: readonly string[]): void => {
    names = new Set(files);
    // Directories, because many editors replace the file, and a watcher of the file would stay with the old one.
    const directories = new Set(files.map((file) => dirname(file)).filter((directory) => existsSync(directory)));
    for (const [directory, watcher] of watchers) {
      if (directories.has(directory)) continue;
      watcher.close();
      watchers.delete(directory);
    }
    for (const directory of directories)
      if (!watchers.has(directory))
        watchers.set(
          directory,
          watch(directory, (_, file) => notice(directory, file)),
        );
  };
  follow(paths);
  return {
    follow,
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
