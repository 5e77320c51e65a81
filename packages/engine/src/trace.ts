/** `trace.csv`: one row per attempt, in the order in which the attempts ended. */

import type { Event, Recorded } from '@scriptorium/core';

export const traceColumns: readonly string[] = [
  'run',
  'item',
  'key',
  'step',
  'attempt',
  'started',
  'ended',
  'ms',
  'outcome',
  'error',
  'handler',
  'reason',
];

/** Where an actor's items stand in the outermost `each`. */
export type ItemName = (actor: string, item: number) => string | null;

interface Started {
  readonly at: number;
  readonly event: Extract<Event, { type: 'attempt.started' }>;
  readonly actor: string;
  readonly run: string;
}

export interface Trace {
  /** The row of the attempt that the event ended, as a line with its line end, or null. */
  readonly fold: (recorded: Recorded) => string | null;
  /** Rows of the attempts that have not ended. */
  readonly rest: () => Iterable<string>;
}

export function createTrace(itemName: ItemName): Trace {
  const open = new Map<string, Started>();
  const row = (started: Started, ended: number | null, ms: number | null, outcome: string, error: string): string => {
    const { event, actor, run, at } = started;
    const item = itemName(actor, event.item);
    return csvLine([
      run,
      item,
      event.key,
      event.node,
      event.attempt,
      isoTime(at),
      ended === null ? '' : isoTime(ended),
      ms,
      outcome,
      error,
      event.handler,
      event.reason,
    ]);
  };
  return {
    fold: ({ run, actor, at, event }) => {
      if (event.type === 'attempt.started') {
        open.set(`${actor}|${event.item}|${event.node}`, { at, event, actor, run });
        return null;
      }
      if (event.type === 'attempt.reused') {
        const item = itemName(actor, event.item);
        return csvLine([run, item, '', event.node, 0, isoTime(at), isoTime(at), 0, 'reused', '', '', `from run ${event.reusedFrom}`]);
      }
      if (event.type !== 'attempt.succeeded' && event.type !== 'attempt.failed' && event.type !== 'attempt.lost') return null;
      const id = `${actor}|${event.item}|${event.node}`;
      const started = open.get(id);
      open.delete(id);
      if (started === undefined) return null;
      if (event.type === 'attempt.lost') return row(started, at, null, 'lost', event.reason);
      return row(
        started,
        at,
        event.ms,
        event.type === 'attempt.succeeded' ? 'succeeded' : 'failed',
        event.type === 'attempt.failed' ? event.error.code : '',
      );
    },
    rest: () => [...open.values()].map((started) => row(started, null, null, 'interrupted', '')),
  };
}

/** One record as RFC 4180 has it, ended by CR LF. */
export function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | number | null): string {
  const text = field === null ? '' : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
