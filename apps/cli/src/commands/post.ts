/** `mailboxes`, `messages`, `message`, `send` and `redeliver`: the post of the engine. */

import type { MessageStatus, MessageSummary, MessageView } from '@scriptorium/core';
import { parseValue } from './answer.ts';
import { putResult, withHost, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatTime } from '../showing/quantity.ts';
import { table } from '../terminal.ts';

export interface ListMessagesFlags {
  readonly status?: MessageStatus;
  readonly limit: number;
}

export interface MessageFlags {
  readonly mailbox?: string;
}

export interface SendFlags {
  readonly topic?: true;
  readonly key?: string;
  readonly priority: number;
  readonly id?: string;
}

export async function mailboxes(context: Context): Promise<ExitCode> {
  const all = await withStore(context, ({ host }) => host.mailboxes());
  putResult(context, all, () => {
    if (all.length === 0) return 'No mailboxes yet: they begin with the first message, or with the first step that receives.\n';
    const rows = all.map(({ mailbox, queued, taken, dead, capacity, topics }) => [
      mailbox,
      ...[queued, taken, dead, capacity].map(String),
      topics.join(', '),
    ]);
    return table([['mailbox', 'queued', 'taken', 'dead', 'of', 'topics'], ...rows]);
  });
  return exitCodes.ok;
}

export async function messages(context: Context, mailbox: string | undefined, { status, limit }: ListMessagesFlags): Promise<ExitCode> {
  const filter = { limit, ...(mailbox === undefined ? {} : { mailbox }), ...(status === undefined ? {} : { status }) };
  const found = await withStore(context, ({ host }) => host.messages(filter));
  putResult(context, found, () => (found.length === 0 ? 'No messages.\n' : found.map((one) => lineOf(one, context)).join('')));
  return exitCodes.ok;
}

function lineOf({ id, mailbox, type, from, status, sentAt, deliveries, taker, reason }: MessageSummary, context: Context): string {
  const had = deliveries === null || deliveries === 0 ? '' : `, given out ${deliveries} times`;
  const who = taker === null ? '' : ` by ${taker.step} of run ${taker.run}`;
  const again = status === 'dead' ? `  again: ${context.terminal.paint('cyan', `${context.command} redeliver ${mailbox} ${id}`)}\n` : '';
  return `${id}\n  ${formatTime(sentAt)}  ${type} from ${from} to ${mailbox}: ${status}${who}${had}${reason === null ? '' : ` (${reason})`}\n${again}`;
}

export async function message(context: Context, id: string, { mailbox }: MessageFlags): Promise<ExitCode> {
  const view = await withStore(context, ({ host }) => host.message(id, mailbox));
  putResult(context, view, () => `${lineOf(view, context)}${partsOf(view)}`);
  return exitCodes.ok;
}

function partsOf({ payload, context, reply }: MessageView): string {
  const parts = { payload, context, reply };
  return Object.entries(parts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}\n`)
    .join('');
}

export async function value(context: Context, ref: string): Promise<ExitCode> {
  const found = await withStore(context, ({ host }) => host.value(ref));
  context.terminal.out(`${typeof found === 'string' && !context.json ? found : JSON.stringify(found, null, 2)}\n`);
  return exitCodes.ok;
}

export async function send(context: Context, to: string, words: readonly string[], flags: SendFlags): Promise<ExitCode> {
  const { topic = false, key = null, priority, id = null } = flags;
  const payload = words.length === 0 ? null : parseValue(words, true);
  const sent = await withHost(context, ({ host }) => host.send({ to, topic, payload, key, priority, id, by: context.by }));
  putResult(context, sent, () => {
    if (sent.status === 'already') return `The message ${sent.id} was received before.\n`;
    return sent.mailboxes.length === 0 ? `Nobody has subscribed to '${to}'.\n` : `${sent.mailboxes.join(', ')} received ${sent.id}.\n`;
  });
  return exitCodes.ok;
}

export async function redeliver(context: Context, mailbox: string, ids: readonly string[]): Promise<ExitCode> {
  const request = { mailbox, ids: ids.length === 0 ? null : ids, by: context.by };
  const found = await withStore(context, ({ host }) => host.redeliver(request));
  putResult(context, found, () =>
    found.length === 0 ? `No such dead letters in ${mailbox}.\n` : `${found.length} of ${mailbox} are given out again.\n`,
  );
  return exitCodes.ok;
}
