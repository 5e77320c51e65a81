/** `trace.csv`: one row per attempt, in the order in which the attempts ended. */

import type { Event, Recorded, Usage } from '@scriptorium/core';

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
  'usd',
  'tokens',
];

/** Where an actor's items stand in the outermost `each`. */
export type ItemName = (actor: string, item: number) => string | null;

interface Started {
  readonly at: number;
  readonly event: Extract<Event, { type: 'attempt.started' }>;
  readonly actor: string;
  readonly run: string;
}

interface End {
  readonly at: number | null;
  readonly ms: number | null;
  readonly outcome: string;
  readonly error: string;
  readonly used: Usage | null;
}

export interface Trace {
  /** The row of the attempt that the event ended, as a line with its line end, or null. */
  readonly fold: (recorded: Recorded) => string | null;
  /** Rows of the attempts that have not ended. */
  readonly rest: () => Iterable<string>;
}

export function createTrace(itemName: ItemName): Trace {
  const open = new Map<string, Started>();
  const row = (started: Started, end: End): string => {
    const { event, actor, run, at } = started;
    const used = end.used ?? (end.at === null ? null : event.reserved);
    const item = itemName(actor, event.item);
    return csvLine([
      run,
      item,
      event.key,
      event.node,
      event.attempt,
      isoTime(at),
      end.at === null ? '' : isoTime(end.at),
      end.ms,
      end.outcome,
      end.error,
      event.handler,
      event.reason,
      used?.usd ?? null,
      used?.tokens ?? null,
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
        return csvLine([
          run,
          item,
          '',
          event.node,
          0,
          isoTime(at),
          isoTime(at),
          0,
          'reused',
          '',
          '',
          `from run ${event.reusedFrom}`,
          '',
          '',
        ]);
      }
      if (
        event.type !== 'attempt.succeeded' &&
        event.type !== 'attempt.failed' &&
        event.type !== 'attempt.lost' &&
        event.type !== 'attempt.continued'
      )
        return null;
      const id = `${actor}|${event.item}|${event.node}`;
      const started = open.get(id);
      open.delete(id);
      if (started === undefined) return null;
      const { used = null } = event;
      if (event.type === 'attempt.lost') return row(started, { at, ms: null, outcome: 'lost', error: event.reason, used });
      if (event.type === 'attempt.succeeded') return row(started, { at, ms: event.ms, outcome: 'succeeded', error: '', used });
      if (event.type === 'attempt.continued') return row(started, { at, ms: event.ms, outcome: 'continued', error: '', used });
      return row(started, { at, ms: event.ms, outcome: 'failed', error: event.error.code, used });
    },
    rest: () => [...open.values()].map((started) => row(started, { at: null, ms: null, outcome: 'interrupted', error: '', used: null })),
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
