/** Where a path really leads: absolute, without `..`, with every symbolic link on the way followed. */

import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { RealScope } from './reaching.ts';
import type { Scope } from './granting.ts';

/** What does not exist yet lies where the nearest folder that exists really is. Rejects for loops of links and what may not be looked at. */
export async function realPath(path: string): Promise<string> {
  const whole = resolve(path);
  const rest: string[] = [];
  for (let at = whole; ; at = dirname(at)) {
    try {
      return join(await realpath(at), ...rest);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(at) === at) throw error;
      rest.unshift(basename(at));
    }
  }
}

export async function realScope(scope: Scope): Promise<RealScope> {
  const [read, write] = await Promise.all([scope.read, scope.write].map((paths) => Promise.all(paths.map(realPath))));
  return { ...scope, read: read ?? [], write: write ?? [] };
}
