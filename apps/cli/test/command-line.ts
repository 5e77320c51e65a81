/** The command line as its users have it: a child process, in a directory of its own. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export const wordsFlow: string = fileURLToPath(new URL('flows/words.flow.yaml', import.meta.url));
export const brokenFlow: string = fileURLToPath(new URL('flows/broken.flow.yaml', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
  /** What the output stream has shown so far. */
  readonly shown: () => string;
  /** Resolves when the error stream has shown the pattern; rejects when the process ended without. */
  readonly shows: (pattern: RegExp) => Promise<void>;
}

export interface CommandLine {
  readonly directory: string;
  readonly call: (...words: readonly string[]) => Promise<Outcome>;
  readonly start: (...words: readonly string[]) => Running;
}

export function createCommandLine(context: TestContext, env: { readonly [name: string]: string } = {}): CommandLine {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-cli-'));
  const children = new Set<ChildProcess>();
  context.after(async () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const start = (...words: readonly string[]): Running => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...words], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        NO_COLOR: '1',
        SCRIPTORIUM_RESERVE: 'none',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let [out, err] = ['', ''];
    let seen = (): void => undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      seen();
    });
    const done = new Promise<Outcome>((resolve) => {
      child.on('close', (code) => {
        children.delete(child);
        resolve({ code, out, err });
      });
    });
    const shows = (pattern: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        seen = () => void (pattern.test(err) && resolve());
        seen();
        void done.then(() => reject(new Error(`${words.join(' ')} ended without showing ${pattern}: ${err}${out}`)));
      });
    return { child, done, shows, shown: () => out };
  };
  return { directory, start, call: (...words) => start(...words).done };
}
