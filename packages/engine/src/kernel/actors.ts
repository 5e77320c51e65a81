/**
 * The actors of one run, in memory: facts are folded as they come, and the reducer is asked again about every actor
 * that changed until nothing changes any more. Commands that concern state alone are carried out here; the others are
 * for the host.
 */

import { countUndoable, decide, evolve, inPages, ROOT, unreachable } from '@scriptorium/core';
import type { ActorState, Carried, Command, Event, Flow, Instant, Recorded } from '@scriptorium/core';
import type { FoldedActor } from '../journal/actor-fold.ts';
import type { ValueStore } from '../journal/values.ts';

/** A fact before it has its place in the whole journal. */
export type Fact = Omit<Recorded, 'gseq'>;

type Timer = Extract<Command, { k: 'timer' }>;

/** What only a host can do. */
export type Task = Extract<Command, { k: 'dispatch' | 'cancel' | 'timer' }>;

export interface ActorsPorts {
  readonly run: string;
  readonly flow: Flow;
  readonly values: ValueStore;
  readonly now: () => Instant;
  /** Told of every fact, in order. */
  readonly record: (fact: Fact) => void;
  /** Told of every command, before it is obeyed. */
  readonly onCommand?: ((run: string, actor: string, command: Command) => void) | undefined;
  /** What is recorded of an actor that is not in memory. */
  readonly load: (actor: string) => FoldedActor;
}

export class Actors {
  readonly #ports: ActorsPorts;
  readonly #states = new Map<string, ActorState>();
  /** Last numbers of actors whose beginning was rolled back. */
  readonly #ends = new Map<string, number>();
  /** Whether the root is to be looked at, which is done as a whole. */
  #rootChanged = false;
  /** Items of chunks to look at, by actor; null: all. */
  readonly #changed = new Map<string, Set<number> | null>();
  /** Chunks that have settled since they were last forgotten. */
  #settled: string[] = [];
  /** The times of a run never go back, whatever the clock does: what completed first is told by them. */
  #latest: Instant = 0;

  constructor(ports: ActorsPorts) {
    this.#ports = ports;
  }

  state(actor: string): ActorState | undefined {
    return this.#states.get(actor);
  }

  root(): ActorState {
    const state = this.#states.get(ROOT);
    if (state === undefined) throw new Error(`run ${this.#ports.run} has no root`);
    return state;
  }

  entries(): IterableIterator<[string, ActorState]> {
    return this.#states.entries();
  }

  states(): Iterable<ActorState> {
    return this.#states.values();
  }

  get hasChanged(): boolean {
    return this.#rootChanged || this.#changed.size > 0;
  }

  /** Folds an actor from what is already recorded of it. */
  restore(actor: string): ActorState | null {
    const { state, seq, at } = this.#ports.load(actor);
    this.#latest = Math.max(this.#latest, at);
    if (state === null) this.#ends.set(actor, seq);
    else this.#states.set(actor, state);
    return state;
  }

  append(actor: string, event: Event): number {
    const { run, values, now, record } = this.#ports;
    // A run begins with this: of a new one the journal has nothing.
    const state = this.#states.get(actor) ?? (event.type === 'run.started' ? null : this.restore(actor));
    this.#latest = Math.max(this.#latest, now());
    const seq = (state?.seq ?? this.#ends.get(actor) ?? 0) + 1;
    const fact: Fact = { run, actor, seq, at: this.#latest, event: settleEvent(values, event) };
    const next = evolve(state, fact);
    this.#states.set(actor, next);
    if (next.status === 'settled' && actor !== ROOT) this.#settled.push(actor);
    record(fact);
    // That an attempt has begun asks for nothing, unless its item has opened with it and makes place for the next.
    if (event.type === 'attempt.started' && state?.open.has(event.item) === true) return fact.seq;
    this.#note(actor, 'item' in event ? event.item : null);
    return fact.seq;
  }

  #note(actor: string, item: number | null): void {
    if (actor === ROOT) {
      this.#rootChanged = true;
      return;
    }
    const known = this.#changed.get(actor);
    if (known !== null) this.#changed.set(actor, item === null ? null : (known ?? new Set()).add(item));
  }

  /** Looks at everything again, as after {@link restore}. */
  reconsider(): void {
    for (const actor of this.#states.keys()) this.#note(actor, null);
  }

  /** Forgets what had changed: the run is held, and will be reconsidered when it goes on. */
  hold(): void {
    this.#rootChanged = false;
    this.#changed.clear();
  }

  /** Drops chunks that have settled, and names them; they are of no more use in memory. */
  forgetSettled(): readonly string[] {
    if (this.#settled.length === 0) return [];
    const settled = this.#settled;
    this.#settled = [];
    for (const actor of settled) this.#states.delete(actor);
    return settled;
  }

  /** The timers that items of an actor ask for as it is now. */
  timersOf(actor: string, items: readonly number[]): readonly Timer[] {
    const state = this.#states.get(actor);
    if (state === undefined) return [];
    const commands = decide(this.#ports.flow, state, this.#ports.values, { underway: () => true, focus: items });
    return commands.filter((command) => command.k === 'timer');
  }

  /**
   * Asks the reducer until nothing changes, or until it is `enough`: the rest is left to the next time. `underway` names
   * the dispatches that the host already carries out.
   */
  decide(underway: (key: string) => boolean, carryOut: (actor: string, task: Task) => void, enough: () => boolean = () => false): void {
    for (;;) {
      for (const [actor, focus] of this.#changed) {
        if (enough()) return;
        this.#changed.delete(actor);
        this.#decideOf(actor, focus === null ? undefined : [...focus], underway, carryOut);
      }
      // The root comes last, so that it gives nobody a signal who waits no longer.
      if (!this.#rootChanged || enough()) return;
      this.#rootChanged = false;
      this.#decideOf(ROOT, undefined, underway, carryOut);
    }
  }

  #decideOf(
    actor: string,
    focus: readonly number[] | undefined,
    underway: (key: string) => boolean,
    carryOut: (actor: string, task: Task) => void,
  ): void {
    const { flow, values } = this.#ports;
    const state = this.#states.get(actor);
    if (state === undefined) return;
    const options = { underway: (key: string) => underway(`${actor}/${key}`), focus };
    for (const command of decide(flow, state, values, options)) this.#obey(actor, command, carryOut);
  }

  #obey(actor: string, command: Command, carryOut: (actor: string, task: Task) => void): void {
    const { values, run, onCommand } = this.#ports;
    onCommand?.(run, actor, command);
    switch (command.k) {
      case 'append':
        this.append(actor, command.event);
        return;
      case 'tell':
        this.#tell(actor, command.own, command.to, command.event);
        return;
      case 'open': {
        const pages: string[] = [];
        for (const page of inPages<unknown>(command.rows, command.opened.pageSize)) pages.push(values.put(JSON.stringify(page)));
        this.append(actor, { ...command.opened, pages: values.put(JSON.stringify(pages)) });
        return;
      }
      case 'settle': {
        const rows = command.rows.map((row) => (row.output === undefined ? row : { ...row, output: values.settle(row.output) }));
        const page = values.put(JSON.stringify(rows));
        const { undo } = command;
        const undone = undo.length === 0 ? {} : { undo: { page: values.put(JSON.stringify(undo)), count: countUndoable(undo) } };
        this.#tell(actor, { type: 'chunk.settled', page }, command.to, { ...command.report, page, ...undone });
        return;
      }
      case 'dispatch':
      case 'cancel':
      case 'timer':
        carryOut(actor, command);
        return;
      default:
        unreachable(command);
    }
  }

  #tell(actor: string, own: Event, to: string, event: Event): void {
    const seq = this.append(actor, own);
    this.append(to, { ...event, from: { actor, seq } });
  }
}

/** Puts the large values of an event where values are kept. */
function settleEvent(values: ValueStore, event: Event): Event {
  switch (event.type) {
    case 'attempt.succeeded':
    case 'attempt.reused':
    case 'step.settled':
      return withOutput(event, values.settle(event.output));
    case 'attempt.noted':
      return { ...event, note: { ...event.note, value: values.settle(event.note.value) } };
    case 'attempt.continued': {
      const { call } = event;
      const notes = event.notes.map((note) => ({ ...note, value: values.settle(note.value) }));
      return { ...event, notes, ...(call === undefined ? {} : { call: { ...call, input: values.settle(call.input) } }) };
    }
    case 'signal.received':
      return { ...event, payload: values.settle(event.payload) };
    case 'wait.answered':
      return { ...event, answer: values.settle(event.answer) };
    case 'signal.awaited':
      return { ...event, names: settleAll(values, event.names) };
    case 'run.settled':
      return event.output === null ? event : withOutput(event, values.settle(event.output));
    case 'compensation.noted':
      return { ...event, input: values.settle(event.input) };
    case 'each.opened':
      return { ...event, env: settleAll(values, event.env) };
    default:
      return event;
  }
}

function withOutput<E extends { readonly output: Carried | null }>(event: E, output: Carried): E {
  return output === event.output ? event : { ...event, output };
}

function settleAll(values: ValueStore, named: { readonly [name: string]: Carried }): { readonly [name: string]: Carried } {
  return Object.fromEntries(Object.entries(named).map(([name, carried]) => [name, values.settle(carried)]));
}
