/**
 * What failed for good: a fold of the journal, so it is there after every restart and needs no place of its own.
 *
 * A letter is a call, or a step that could not be begun. Scopes and an `each` that failed because of it are not letters
 * of their own, and what was caught is none.
 */

import { carry, decide, effectiveEvents, evolve, isWithin, planOf } from '@scriptorium/core';
import type {
  ActorState,
  At,
  DeadAttempt,
  DeadLetter,
  DeadLetterFilter,
  Event,
  Flow,
  Instant,
  ItemRow,
  Json,
  Recorded,
} from '@scriptorium/core';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { isSelected } from './dead-selection.ts';
import { definitionOf, readEffective, rowOf } from './run-views.ts';

/** Attempts of a letter that are told. */
const MAX_ATTEMPTS = 20;

type Ports = Pick<Parts, 'journal' | 'values' | 'holds'>;

export function* deadLettersOf(ports: Ports, filter: DeadLetterFilter = {}): Generator<DeadLetter> {
  const { journal } = ports;
  const rows = filter.run === undefined ? journal.runs() : [rowOf(journal, filter.run)];
  // The newest first, so that the latest fork of a run is the one that stays.
  const forks = new Map(
    journal
      .runs()
      .flatMap(({ run, forkedFrom }) => (forkedFrom === null ? [] : [[forkedFrom, run] as const]))
      .toReversed(),
  );
  for (const row of rows) {
    // A run whose definition is gone is parked and tells so itself.
    if (journal.flow(row.flow.hash) === null || (filter.run === undefined && ports.holds.leaves(row.run))) continue;
    const flow = definitionOf(journal, row);
    const retriedBy = forks.get(row.run) ?? null;
    yield* lettersOf(ports, row, flow, filter, retriedBy);
  }
}

function* lettersOf(ports: Ports, row: RunRow, flow: Flow, filter: DeadLetterFilter, retriedBy: string | null): Generator<DeadLetter> {
  const letGo = ports.holds.hold(row.run);
  try {
    for (const letter of collect(ports, row, flow)) {
      const { node, error, at, attempts } = letter;
      const key = keyOf(ports, letter);
      if (!isSelected(filter, node, key, error)) continue;
      const input = filter.input === true ? inputOf(ports, row, flow, letter) : null;
      yield { run: row.run, flow: row.flow.name, step: node, key, error, at, attempts: attempts.slice(-MAX_ATTEMPTS), input, retriedBy };
    }
  } finally {
    letGo();
  }
}

interface Letter {
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly error: DeadLetter['error'];
  readonly at: Instant;
  readonly attempts: readonly DeadAttempt[];
  /** Of the last attempt's start; null where there was none. */
  readonly startedAs: number | null;
  /** Of the items of its actor; null in the root. */
  readonly page: string | null;
}

interface Tries {
  readonly attempts: DeadAttempt[];
  started: { readonly handler: string; readonly at: Instant; readonly gseq: number } | null;
}

function collect({ journal }: Ports, row: RunRow, flow: Flow): Iterable<Letter> {
  const letters = new Map<string, Letter>();
  const tries = new Map<string, Tries>();
  const pages = new Map<string, string>();
  for (const { event, actor, at, gseq } of readEffective(journal, row.run)) {
    if (event.type === 'chunk.started') pages.set(actor, event.page);
    else if (event.type === 'attempt.started') {
      const known = event.attempt === 1 ? undefined : tries.get(idOf(actor, event));
      tries.set(idOf(actor, event), { attempts: known?.attempts ?? [], started: { handler: event.handler, at, gseq } });
    } else if (event.type === 'attempt.succeeded' || event.type === 'attempt.continued') tries.delete(idOf(actor, event));
    else if (event.type === 'attempt.failed' || event.type === 'attempt.lost') {
      const known = tries.get(idOf(actor, event)) ?? { attempts: [], started: null };
      known.attempts.push(endOf(event, known, at));
      tries.set(idOf(actor, event), known);
    } else if (event.type === 'step.caught') {
      for (const [id, letter] of letters) if (isBelow(letter, actor, event)) letters.delete(id);
    } else if (event.type === 'step.failed') {
      if (isScope(flow, event.node) && letters.values().some((letter) => isBelow(letter, actor, event))) continue;
      const { item, node, error } = event;
      const { attempts = [], started = null } = tries.get(idOf(actor, event)) ?? {};
      const page = pages.get(actor) ?? null;
      letters.set(idOf(actor, event), { actor, item, node, error, at, attempts, startedAs: started?.gseq ?? null, page });
    }
  }
  return letters.values();
}

function idOf(actor: string, { item, node }: At): string {
  return `${actor} ${item} ${node}`;
}

function endOf(event: Extract<Event, { type: 'attempt.failed' | 'attempt.lost' }>, { started }: Tries, endedAt: Instant): DeadAttempt {
  const common = { attempt: event.attempt, handler: started?.handler ?? null, startedAt: started?.at ?? null, endedAt };
  if (event.type === 'attempt.failed') return { ...common, error: event.error, lost: null };
  const what = event.reason === 'engine' ? 'the engine ended' : event.reason === 'worker' ? 'its worker ended' : event.reason;
  return { ...common, error: null, lost: event.why ?? what };
}

/** Whether the step has others inside it, whose letters say more. */
function isScope(flow: Flow, node: string): boolean {
  const place = planOf(flow).get(node);
  return place !== undefined && (place.steps.size > 0 || place.node.each !== undefined);
}

/** In the same item, or in the items of an `each` that it is. */
function isBelow(letter: Letter, actor: string, { item, node }: At): boolean {
  return isWithin(letter.node, node) && ((letter.actor === actor && letter.item === item) || letter.actor.startsWith(`${actor}/${item}:`));
}

function keyOf({ values }: Ports, { page, item }: Letter): string | null {
  return page === null ? null : ((values.read(page) as readonly ItemRow[])[item]?.key ?? null);
}

/** The reducer is asked again for what it asked for then. */
function inputOf({ journal, values }: Ports, row: RunRow, flow: Flow, { actor, item, node, startedAs }: Letter): Json | null {
  if (startedAs === null) return null;
  try {
    const before = effectiveEvents(journal.readActor(row.run, actor) as readonly Recorded[]).filter(({ gseq }) => gseq < startedAs);
    const state = before.reduce<ActorState | null>(evolve, null);
    if (state === null) return null;
    const asked = decide(flow, state, values, { focus: [item] }).find(
      (command) => command.k === 'dispatch' && command.item === item && command.node === node,
    );
    return asked?.k === 'dispatch' ? (carry(asked.input) as { readonly v: Json }).v : null;
  } catch {
    // The definition is another one now, or a value was removed.
    return null;
  }
}
