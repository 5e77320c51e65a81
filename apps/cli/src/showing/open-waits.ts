/** What a run waits for, in words, and the command that answers it. */

import type { Host, Json, JsonObject, OpenWait, RunSummary, Schema } from '@scriptorium/core';
import type { Context } from '../context.ts';
import type { ProgressRenderer } from '../progress/renderer.ts';
import { formatDuration, formatTime } from './quantity.ts';
import { oneLine } from '../terminal.ts';

/** `approve [key] asks "Publish?" of editor, times out in 7 days, since 2026-11-22 07:30:27` */
export function waitText(wait: OpenWait, now: number): string {
  const { step, item, to, post, since } = wait;
  const place = post?.step ?? (item === null ? step : `${step} [${item}]`);
  const of = to.length === 0 ? '' : ` of ${to.join(' or ')}`;
  return `${place} ${whatOf(wait)}${of}${endOf(wait, now)}, since ${formatTime(since)}`;
}

function whatOf({ event, ask, post }: OpenWait): string {
  if (post !== undefined)
    return post.id === null ? `waits for a message in ${post.mailbox}` : `waits for what becomes of ${post.id} in ${post.mailbox}`;
  if (event === null) return 'waits for its time';
  return ask === null ? `waits for '${event}'` : `asks ${JSON.stringify(oneLine(ask))}`;
}

function endOf({ event, due }: OpenWait, now: number): string {
  if (due === null) return '';
  return event === null ? `, until ${formatTime(due)}` : `, times out in ${formatDuration(Math.max(0, due - now))}`;
}

/** As it is typed, without the name of the program; null for what waits for a time, or for what others do with a message. */
export function answerCommand(wait: OpenWait): string | null {
  const { run, step, item, event, to, answer, post } = wait;
  if (post !== undefined) return post.id === null ? `send ${quoted(post.mailbox)} <payload>` : null;
  if (event === null) return null;
  const key = item === null ? '' : ` --item ${quoted(item)}`;
  const role = to.length > 1 ? ` --as ${to[0]}` : '';
  return `answer ${run} ${step}${key}${role} ${exampleOf(answer)}`;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** An answer that fits the contract, as far as that can be told from its outermost keys. */
function exampleOf(schema: Schema): string {
  if (typeof schema === 'boolean') return `'{…}'`;
  const { type, properties, required } = schema as { readonly type?: Json; readonly properties?: JsonObject; readonly required?: Json };
  const values = valuesOf(schema);
  if (values.length > 0) return values.map(wordOf).join('|');
  if (type === 'boolean') return 'true|false';
  if (type === 'string') return `'…'`;
  if (type === 'number' || type === 'integer') return '<number>';
  if (type !== 'object' || properties === undefined) return `'{…}'`;
  const names = Array.isArray(required) && required.length > 0 ? (required as readonly string[]) : Object.keys(properties).slice(0, 1);
  return names.map((name) => `${name}=${exampleOf((properties[name] ?? true) as Schema)}`).join(' ') || `'{…}'`;
}

/** The values of an enum, or of a const; none for another schema. */
export function valuesOf(schema: Schema): readonly Json[] {
  if (typeof schema === 'boolean') return [];
  if (Array.isArray(schema['enum'])) return schema['enum'] as readonly Json[];
  return 'const' in schema ? [schema['const'] ?? null] : [];
}

function wordOf(value: Json): string {
  return typeof value === 'string' && /^[\w.-]+$/.test(value) ? value : `'${JSON.stringify(value)}'`;
}

/** Waits that are shown of one run. */
const SHOWN = 5;

/** The lines that say what a run waits for and how it is answered; none where it waits for nothing. */
export async function waitLines(host: Host, summary: RunSummary, context: Pick<Context, 'command' | 'now'>): Promise<readonly string[]> {
  if (summary.endedAt !== null) return [];
  const waits = await host.waits(summary.run, SHOWN + 1);
  return linesOf(waits, Math.max(summary.progress.awaiting, waits.length), summary.run, context);
}

function linesOf(
  waits: readonly OpenWait[],
  count: number,
  run: string,
  { command, now }: Pick<Context, 'command' | 'now'>,
): readonly string[] {
  const shown = waits.slice(0, SHOWN).flatMap((wait) => noteOf(wait, command, now()));
  return count > SHOWN ? [...shown, `… and ${count - SHOWN} more: \`${command} waits ${run}\``] : shown;
}

function noteOf(wait: OpenWait, command: string, now: number): readonly string[] {
  const answer = answerCommand(wait);
  return [waitText(wait, now), ...(answer === null ? [] : [`  answer it with \`${command} ${answer}\``])];
}

/** How often a run that is followed is asked what it waits for. */
const EVERY_MS = 1_000;

export interface WaitNotes {
  readonly update: (summary: RunSummary) => void;
  readonly stop: () => void;
}

/**
 * Shows what a run waits for while it is followed, or tells of each wait once; so many that nobody would read them are left
 * out. A wait that follows on another leaves the counters as they were, and while a run that the run called waits nothing
 * happens in the run itself: so they are asked for by the clock.
 */
export function createWaitNotes(
  host: Host,
  context: Pick<Context, 'command' | 'now'>,
  { note, waiting }: Pick<ProgressRenderer, 'note' | 'waiting'>,
): WaitNotes {
  const told = new Set<string>();
  let latest: RunSummary | null = null;
  let known = 0;
  let asking = false;
  const look = async ({ run, progress }: RunSummary): Promise<void> => {
    const awaiting = progress.awaiting + (await awaitingBelow(host, run));
    if (Math.min(awaiting, known) > MANY) return;
    known = awaiting;
    const waits = awaiting === 0 ? [] : await host.waits(run, MAX_TOLD);
    const open = waits.filter(({ event, item }) => event !== null || item === null);
    if (waiting !== undefined) return waiting(linesOf(open, waits.length < MAX_TOLD ? open.length : awaiting, run, context));
    for (const wait of open) {
      const key = `${wait.run} ${wait.step} ${wait.item} ${wait.since}`;
      if (told.has(key) || told.size >= MAX_TOLD) continue;
      told.add(key);
      for (const line of noteOf(wait, context.command, context.now())) note(line);
    }
  };
  const ask = (): void => {
    if (asking || latest === null || told.size >= MAX_TOLD) return;
    if (latest.status !== 'running' && latest.status !== 'paused') return waiting?.([]);
    asking = true;
    void look(latest)
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  };
  const clock = setInterval(ask, EVERY_MS);
  return {
    update: (summary) => {
      const isFirst = latest === null;
      latest = summary;
      if (isFirst) ask();
    },
    stop: () => clearInterval(clock),
  };
}

/** Steps that wait in the runs that work for steps of a run, and in those that work for theirs. */
async function awaitingBelow(host: Host, run: string): Promise<number> {
  const live = await host.list({ status: 'running', children: true, limit: MAX_LIVE });
  return live.reduce((sum, one) => (one.run.startsWith(`${run}.`) ? sum + one.progress.awaiting : sum), 0);
}

const MAX_TOLD = 10;

/** With more waits than these the run is not asked again and again which they are. */
const MANY = 1_000;

/** Live runs that are looked at for those below one. */
const MAX_LIVE = 1_000;
