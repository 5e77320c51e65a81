/** The command line without a process of its own: the same commands, options and exit codes, in a directory of its own. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { contextOf } from '../src/context-of.ts';
import { explainError } from '../src/explanation.ts';
import { createProgram } from '../src/program/program.ts';
import type { CommandLine, Outcome } from './command-line.ts';

/** For what is not about processes, terminals and signals: a start of the program takes longer than most commands. */
export function createInProcess(
  context: TestContext,
  env: { readonly [name: string]: string } = {},
): Pick<CommandLine, 'directory' | 'call'> {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-cli-'));
  context.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return { directory, call: (...words) => called(words, directory, { PATH: process.env['PATH'], SCRIPTORIUM_RESERVE: 'none', ...env }) };
}

async function called(words: readonly string[], cwd: string, env: { readonly [name: string]: string | undefined }): Promise<Outcome> {
  let [out, err] = ['', ''];
  let code: number = 0;
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    outIsTty: false,
    errIsTty: false,
    columns: () => 80,
    paint: (_style: string, text: string) => text,
    paintErr: (_style: string, text: string) => text,
  };
  const program = createProgram(async (flags, work) => {
    try {
      code = await work(contextOf(flags, { terminal, env, cwd }));
    } catch (error) {
      const explained = await explainError(error, { verbose: flags.verbose === true, command: 'scriptorium', terminal });
      err += explained.text;
      code = explained.exitCode;
    }
  }, '0.1.0');
  await program.parseAsync(words, { from: 'user' });
  return { code, out, err };
}
