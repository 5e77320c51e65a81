/**
 * The command line in a directory of its own. A start of the program takes longer than most commands, so only what is
 * about processes, signals, or code that is loaded anew has one.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { callCommand } from '../src/command-call.ts';
import type { Terminal } from '../src/terminal.ts';

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
  /** Runs a command in this process. */
  readonly call: (...words: readonly string[]) => Promise<Outcome>;
  /** Runs a command as its users do. */
  readonly start: (...words: readonly string[]) => Running;
  /** Runs of the flow of words here do not come to an end with the words from this number on, until they are released. */
  readonly hold: (from: number) => void;
  readonly release: () => void;
}

export function createCommandLine(context: TestContext, env: { readonly [name: string]: string } = {}): CommandLine {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-cli-'));
  const ownEnv = (): { [name: string]: string | undefined } => ({
    PATH: process.env['PATH'],
    NO_COLOR: '1',
    SCRIPTORIUM_RESERVE: 'none',
    ...env,
  });
  const children = new Set<ChildProcess>();
  context.after(async () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const start = (...words: readonly string[]): Running => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...words], {
      cwd: directory,
      env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...ownEnv() },
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
  const call = async (...words: readonly string[]): Promise<Outcome> => {
    const { terminal, written } = writtenTerminal();
    const code = await callCommand(words, { terminal, env: ownEnv(), cwd: directory });
    return { code, ...written() };
  };
  const held = join(directory, 'hold');
  const hold = (from: number): void => replaceFile(held, String(from));
  return { directory, start, call, hold, release: () => rmSync(held) };
}

/** At once, as editors do it: nobody sees a part of the text. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** A terminal that keeps what is written, as a pipe would. */
function writtenTerminal(): { readonly terminal: Terminal; readonly written: () => Pick<Outcome, 'out' | 'err'> } {
  let [out, err] = ['', ''];
  const plain = (_style: string, text: string): string => text;
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    outIsTty: false,
    errIsTty: false,
    columns: () => 80,
    paint: plain,
    paintErr: plain,
  };
  return { terminal, written: () => ({ out, err }) };
}
