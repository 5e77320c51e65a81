/** `dead-letters`: what failed for good, with what it was given, what was tried, and what would try it again. */

import type { DeadAttempt, DeadLetter, DeadLetterFilter } from '@scriptorium/core';
import { errorKinds } from '@scriptorium/core';
import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatTime } from '../quantity.ts';

export interface DeadLetterFlags {
  readonly step?: string;
  readonly item?: string;
  readonly error?: string;
  readonly show?: boolean;
  readonly limit: number;
}

/** With `--json` one letter a line. */
export async function deadLetters(context: Context, run: string | undefined, flags: DeadLetterFlags): Promise<ExitCode> {
  const { step, item, error, show = false, limit } = flags;
  const filter: DeadLetterFilter = {
    ...(run === undefined ? {} : { run }),
    ...(step === undefined ? {} : { step }),
    ...(item === undefined ? {} : { item }),
    ...(error === undefined ? {} : { error }),
    input: show || context.json,
  };
  return withHost(context, async ({ host }) => {
    let count = 0;
    for await (const letter of host.deadLetters(filter)) {
      count += 1;
      if (count > limit) break;
      const retry = retryOf(context.command, letter);
      context.terminal.out(context.json ? `${JSON.stringify({ ...letter, retry })}\n` : `${wordsOf(letter, retry, show)}\n`);
    }
    if (context.json) return exitCodes.ok;
    if (count === 0) context.terminal.err('Nothing has failed for good.\n');
    if (count > limit) context.terminal.err(`There are more than ${limit}; see them with --limit.\n`);
    return exitCodes.ok;
  });
}

/** Null where it has been tried again already: what became of it is in that run. */
function retryOf(command: string, { run, step, key, retriedBy }: DeadLetter): string | null {
  if (retriedBy !== null) return null;
  return `${command} retry ${run} --step ${step}${key === null ? '' : ` --item ${JSON.stringify(key)}`}`;
}

function wordsOf(letter: DeadLetter, retry: string | null, show: boolean): string {
  const { run, flow, step, key, error, at, attempts, input, retriedBy } = letter;
  const fix = error.fix ?? (error.code in errorKinds ? errorKinds[error.code as keyof typeof errorKinds].fix : null);
  return [
    `${run} ${flow}  ${step}${key === null ? '' : ` [${key}]`}  ${formatTime(at)}`,
    `  ${error.code}: ${error.message}`,
    ...attempts.map((attempt) => `  ${attemptLine(attempt)}`),
    ...(show ? [`  input: ${JSON.stringify(input)}`] : []),
    ...(fix === null ? [] : [`  fix: ${fix}`]),
    retriedBy === null ? `  again: ${retry}` : `  tried again in ${retriedBy}`,
  ].join('\n');
}

function attemptLine({ attempt, handler, startedAt, endedAt, error, lost }: DeadAttempt): string {
  const who = handler ?? 'not started';
  const took = startedAt === null ? '' : `, ${endedAt - startedAt} ms`;
  return `attempt ${attempt} (${who}${took}) at ${formatTime(startedAt ?? endedAt)}: ${error === null ? `lost: ${lost}` : error.code}`;
}
