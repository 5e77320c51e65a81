/** `dead-letters`: what failed for good, with what it was given, what was tried, and what would try it again; messages that nobody came to an end with too. */

import type { DeadAttempt, DeadLetter, DeadLetterFilter, Host, MessageSummary } from '@scriptorium/core';
import { errorKinds } from '@scriptorium/core';
import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatTime } from '../showing/quantity.ts';

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
  return withStore(context, async ({ host }) => {
    let count = 0;
    for await (const letter of host.deadLetters(filter)) {
      count += 1;
      if (count > limit) break;
      const retry = retryOf(context.command, letter);
      context.terminal.out(context.json ? `${JSON.stringify({ ...letter, retry })}\n` : `${wordsOf(letter, retry, show)}\n`);
    }
    for (const message of isNarrower(flags) ? [] : await deadMessages(host, run, limit - count)) {
      count += 1;
      const again = `${context.command} redeliver ${message.mailbox} ${message.id}`;
      context.terminal.out(context.json ? `${JSON.stringify({ ...message, again })}\n` : `${wordsOfMessage(message, again)}\n`);
    }
    if (context.json) return exitCodes.ok;
    if (count === 0) context.terminal.err('Nothing has failed for good.\n');
    if (count > limit) context.terminal.err(`There are more than ${limit}; see them with --limit.\n`);
    return exitCodes.ok;
  });
}

/** Whether steps are asked for by what messages do not have. */
function isNarrower({ step, item, error }: DeadLetterFlags): boolean {
  return step !== undefined || item !== undefined || error !== undefined;
}

/** Of one run those that it has sent, or had last. */
async function deadMessages(host: Host, name: string | undefined, limit: number): Promise<readonly MessageSummary[]> {
  if (limit <= 0) return [];
  if (name === undefined) return host.messages({ status: 'dead', limit });
  const { run } = await host.describe(name);
  const dead = await host.messages({ status: 'dead', limit: MAX_DEAD });
  return dead.filter(({ id, taker }) => taker?.run === run || id.startsWith(`${run}:`)).slice(0, limit);
}

/** Dead messages that are looked through for those of one run. */
const MAX_DEAD = 10_000;

function wordsOfMessage({ mailbox, id, type, from, sentAt, taker, reason, deliveries }: MessageSummary, again: string): string {
  const who = taker === null ? '' : `, the last time to ${taker.step} of run ${taker.run}`;
  return [
    `${type} ${id} from ${from} in the mailbox ${mailbox}  ${formatTime(sentAt)}`,
    `  given out ${deliveries ?? 0} times${who}: ${reason ?? 'nobody knows why'}`,
    `  again: ${again}`,
  ].join('\n');
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
