/** The attempts of runs, told from their events: when each began and ended, how, and what its agent did in it. */

import type { Instant, Recorded, StartReason, Usage } from '@scriptorium/core';
import { FACTS } from '../agent/conversation.ts';
import type { TurnFacts } from '../agent/conversation.ts';

export interface Attempt {
  readonly run: string;
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  /** Of the innermost item around it. */
  readonly key: string | null;
  readonly number: number;
  readonly reason: StartReason;
  /** Positions in the journal: of two events the later one has the greater. */
  readonly begun: number;
  readonly ended: number;
  readonly startedAt: Instant;
  /** Of one at work, when the last of the events was. */
  readonly endedAt: Instant;
  readonly end: 'succeeded' | 'failed' | 'continued' | 'lost' | null;
  readonly error: { readonly code: string; readonly model: string | null } | null;
  /** Its work is a run of its own. */
  readonly isCall: boolean;
  /** Of one that had something to spend. */
  readonly used: Usage | null;
  /** Calls of models in it. */
  readonly turns: readonly TurnFacts[];
}

/** The events as a fold takes them. */
export type Told = Pick<Recorded, 'run' | 'actor' | 'gseq' | 'at' | 'event'>;

type Open = { -readonly [key in keyof Attempt]: Attempt[key] } & { turns: TurnFacts[] };

/** In the order in which they began. `events` may be those of several runs, each in the journal's order. */
export function attemptsOf(events: Iterable<Told>): readonly Attempt[] {
  const all: Open[] = [];
  const open = new Map<string, Open>();
  let last: Instant = 0;
  for (const { run, actor, gseq, at, event } of events) {
    last = Math.max(last, at);
    if (!('node' in event) || !('attempt' in event)) continue;
    const { item, node, attempt: number } = event;
    const id = JSON.stringify([run, actor, item, node]);
    if (event.type === 'attempt.started') {
      const { key, reason, child } = event;
      const begun: Open = {
        ...{ run, actor, item, node, key, number, reason, begun: gseq, ended: Number.POSITIVE_INFINITY },
        ...{ startedAt: at, endedAt: at, end: null, error: null, isCall: child !== undefined, used: null, turns: [] },
      };
      open.set(id, begun);
      all.push(begun);
      continue;
    }
    const known = open.get(id);
    if (known?.number !== number) continue;
    if (event.type === 'attempt.noted') known.turns.push(...turnIn(event.note.name, event.note.value));
    const end = endOf(event.type);
    if (end === null) continue;
    Object.assign(known, { end, endedAt: at, ended: gseq, used: ('used' in event ? event.used : null) ?? null });
    if (event.type === 'attempt.failed') {
      const model = event.error.details?.['model'];
      known.error = { code: event.error.code, model: typeof model === 'string' ? model : null };
    }
    open.delete(id);
  }
  for (const one of open.values()) one.endedAt = last;
  return all;
}

function turnIn(name: string, value: object): readonly TurnFacts[] {
  return name.startsWith(FACTS) && 'v' in value ? [value.v as TurnFacts] : [];
}

function endOf(type: string): Exclude<Attempt['end'], null> | null {
  switch (type) {
    case 'attempt.succeeded':
      return 'succeeded';
    case 'attempt.failed':
      return 'failed';
    case 'attempt.continued':
      return 'continued';
    case 'attempt.lost':
      return 'lost';
    default:
      return null;
  }
}

/** The same step of the same item, whichever attempt. */
export function placeOf({ run, actor, item, node }: Pick<Attempt, 'run' | 'actor' | 'item' | 'node'>): string {
  return JSON.stringify([run, actor, item, node]);
}
