/**
 * The smallest host there can be, for tests: everything in memory, virtual time, and a seeded choice of what happens
 * next. It journals, folds and obeys like a real one, and can lose all its attempts as a crash does.
 */

import assert from 'node:assert/strict';
import {
  attemptKey,
  countUndoable,
  decide,
  evolve,
  foldActor,
  inPages,
  isWanted,
  iterationOf,
  planMigration,
  ROOT,
  unreachable,
} from '../src/index.ts';
import type {
  ActorState,
  Command,
  Event,
  Failure,
  Flow,
  Json,
  JsonObject,
  MigrationPlan,
  Recorded,
  RunOptions,
  Value,
} from '../src/index.ts';

export type Outcome = { readonly ok: Json } | { readonly fail: Failure } | { readonly lose: 'engine' | 'worker' };
export type Behaviour = (uses: string, input: Value, about: About) => Outcome;

export interface About {
  readonly key: string | null;
  readonly attempt: number;
  readonly node: string;
  /** The same for every attempt of one call, as a real host's idempotency key. */
  readonly call: string;
}

export interface ModelOptions {
  readonly input?: JsonObject;
  readonly options?: Partial<RunOptions>;
  readonly seed?: number;
  readonly behave?: Behaviour;
  /** The share of cancelled attempts that end with their own result, because it came first; a third unless given. */
  readonly deaf?: number;
}

type Dispatch = Extract<Command, { k: 'dispatch' }>;

export const runOptions: RunOptions = { mode: 'flexible', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };

export class ModelHost {
  flow: Flow;
  readonly journal: Recorded[] = [];
  readonly actors: Map<string, ActorState> = new Map();
  readonly values: Map<string, unknown> = new Map();
  readonly waiting: Map<string, { actor: string; dispatch: Dispatch }> = new Map();
  readonly running: Map<string, { actor: string; dispatch: Dispatch }> = new Map();
  readonly timers: Map<string, { at: number; actor: string; event: Event }> = new Map();
  /** Every command given, as text, for comparing two runs. */
  readonly given: string[] = [];
  readonly cancelled: Set<string> = new Set();
  now: number = 1_000;
  mostRunning: number = 0;
  readonly #dirty = new Map<string, Set<number> | null>();
  #behave: Behaviour;
  #random: () => number;
  readonly #deaf: number;

  constructor(flow: Flow, { input = {}, options = {}, seed = 1, behave = () => ({ ok: null }), deaf = 1 / 3 }: ModelOptions = {}) {
    this.flow = flow;
    this.#behave = behave;
    this.#random = mulberry32(seed);
    this.#deaf = deaf;
    this.append(ROOT, {
      type: 'run.started',
      flow: { name: flow.name, version: flow.version, hash: flow.hash },
      input,
      options: { ...runOptions, ...options },
      by: 'test',
    });
    this.consult();
  }

  root(): ActorState {
    const state = this.actors.get(ROOT);
    if (state === undefined) throw new Error('no root');
    return state;
  }

  outcome(): { status: string; output: Json; error: Failure | null } | null {
    const { kind } = this.root();
    if (kind.type !== 'root' || kind.outcome === null) return null;
    const { status, output, error } = kind.outcome;
    return { status, output: output === null ? null : 'v' in output ? output.v : (this.values.get(output.ref) as Json), error };
  }

  /** Lets things happen until the run has settled or nothing can happen any more. */
  finish(limit = 100_000): this {
    for (let turn = 0; turn < limit; turn += 1) if (!this.turn()) return this;
    throw new Error(`not settled after ${limit} turns`);
  }

  /** One random thing happens; false when nothing can. */
  turn(): boolean {
    if (this.root().status === 'settled') return false;
    const starts = [...this.waiting.keys()];
    const ends = [...this.running.keys()];
    const total = starts.length + ends.length;
    if (total === 0) return this.fireTimer();
    const choice = Math.floor(this.#random() * total);
    const key = choice < starts.length ? starts[choice] : ends[choice - starts.length];
    if (key === undefined) return false;
    if (choice < starts.length) this.start(key);
    else this.end(key);
    return true;
  }

  start(key: string): void {
    const task = this.waiting.get(key);
    if (task === undefined) return;
    this.waiting.delete(key);
    const { actor, dispatch } = task;
    const state = this.actors.get(actor);
    if (state === undefined || !isWanted(this.flow, state, dispatch)) return;
    const before = state.open.get(dispatch.item)?.steps.get(dispatch.node);
    this.running.set(key, task);
    this.mostRunning = Math.max(this.mostRunning, this.running.size);
    const { item, node, attempt } = dispatch;
    this.record(actor, {
      type: 'attempt.started',
      item,
      node,
      attempt,
      handler: dispatch.uses,
      key: dispatch.key,
      reason: before?.type === 'again' ? before.reason : 'first',
      ...(dispatch.undoable ? { undoable: true } : {}),
    });
  }

  end(key: string): void {
    const task = this.running.get(key);
    if (task === undefined) return;
    this.running.delete(key);
    this.now += 1 + Math.floor(this.#random() * 50);
    const { item, node, attempt, uses, input } = task.dispatch;
    const at = { item, node, attempt };
    if (this.cancelled.delete(key) && (this.#deaf === 0 || this.#random() >= this.#deaf))
      return this.record(task.actor, { ...at, type: 'attempt.lost', reason: 'cancelled', among: 1 });
    const call = `${task.actor}/${item}:${node}@${task.dispatch.iteration}`;
    const outcome = this.#behave(uses, input, { key: task.dispatch.key, attempt, node, call });
    if ('ok' in outcome)
      return this.record(task.actor, { ...at, type: 'attempt.succeeded', output: { v: outcome.ok }, artifacts: [], ms: 1 });
    if ('lose' in outcome) return this.record(task.actor, { ...at, type: 'attempt.lost', reason: outcome.lose, among: 1 });
    return this.record(task.actor, { ...at, type: 'attempt.failed', error: outcome.fail, ms: 1 });
  }

  /** Folds all actors anew from the journal. */
  replay(): void {
    this.actors.clear();
    for (const [actor, events] of Map.groupBy(this.journal, (recorded) => recorded.actor)) {
      const state = foldActor(events);
      if (state !== null) this.actors.set(actor, state);
    }
  }

  /** The run is interrupted, goes on with another definition if it can, and is resumed. */
  migrate(newer: Flow): MigrationPlan {
    const live = [...this.actors.values()].filter(({ status }) => status !== 'settled');
    const plan = planMigration(this.flow, newer, live, () => true);
    if (plan.type !== 'migratable') return plan;
    const { map } = plan;
    const { name, version, hash } = newer;
    const before = this.flow.hash;
    for (const { id } of live) {
      const assumed = plan.assumed.get(id) ?? [];
      const flow = { name, version, hash };
      if (id === ROOT) this.append(id, { type: 'run.migrated', before, flow, map, assumed, handlers: {}, modules: [], by: 'test' });
      else this.append(id, { type: 'actor.migrated', before, hash, map, assumed });
    }
    this.flow = newer;
    this.interrupt();
    return plan;
  }

  /** Everything but the journal is gone; what ran is lost, for the reason given. */
  interrupt(reason: 'engine' | 'rewound' = 'engine'): void {
    for (const held of [this.waiting, this.running, this.timers, this.cancelled]) held.clear();
    this.replay();
    const running = [...this.actors].flatMap(([actor, { open }]) =>
      [...open].flatMap(([item, { steps }]) =>
        [...steps].flatMap(([node, step]) => (step.type === 'running' ? [{ actor, item, node, attempt: step.attempt }] : [])),
      ),
    );
    for (const { actor, ...at } of running) this.append(actor, { ...at, type: 'attempt.lost', reason, among: running.length });
    for (const actor of this.actors.keys()) this.#dirty.set(actor, null);
    this.consult();
  }

  /** The engine ends and comes back: everything but journal and values is gone. */
  crash(): void {
    const lost = [...this.running.values()];
    this.waiting.clear();
    this.running.clear();
    this.timers.clear();
    this.cancelled.clear();
    this.replay();
    for (const { actor, dispatch } of lost)
      this.append(actor, {
        type: 'attempt.lost',
        item: dispatch.item,
        node: dispatch.node,
        attempt: dispatch.attempt,
        reason: 'engine',
        among: lost.length,
      });
    for (const actor of this.actors.keys()) this.#dirty.set(actor, null);
    this.consult();
  }

  signal(id: string, name: string, payload: Json = null, unfit: readonly string[] = []): void {
    this.record(ROOT, { type: 'signal.received', id, name, payload: { v: payload }, by: 'test', unfit });
  }

  /** Answers the wait that is open at a step, as a host does; false where there is none. */
  answer(actor: string, item: number, node: string, answer: Json): boolean {
    const steps = this.actors.get(actor)?.open.get(item)?.steps;
    const step = steps?.get(node);
    const iteration = iterationOf(steps, node);
    if (step?.type !== 'waiting' || step.end !== null || iteration === null) return false;
    this.record(actor, {
      type: 'wait.answered',
      item,
      node,
      answer: { v: answer },
      by: 'test',
      ...(iteration === '' ? {} : { iteration }),
    });
    return true;
  }

  fireTimer(): boolean {
    const [first] = [...this.timers].toSorted(([, a], [, b]) => a.at - b.at);
    if (first === undefined) return false;
    const [key, { at, actor, event }] = first;
    this.timers.delete(key);
    this.now = Math.max(this.now, at);
    this.record(actor, event);
    return true;
  }

  record(actor: string, event: Event): void {
    this.append(actor, event);
    this.consult();
  }

  append(actor: string, event: Event): number {
    const state = this.actors.get(actor) ?? null;
    const last = state?.seq ?? this.journal.findLast((known) => known.actor === actor)?.seq ?? 0;
    const recorded: Recorded = { gseq: this.journal.length + 1, run: 'r', actor, seq: last + 1, at: this.now, event };
    this.journal.push(recorded);
    this.actors.set(actor, evolve(state, recorded));
    const known = this.#dirty.get(actor);
    if (known !== null) this.#dirty.set(actor, 'item' in event ? (known ?? new Set()).add(event.item) : null);
    return recorded.seq;
  }

  /** Decides about every actor that changed until nothing changes any more. */
  consult(): void {
    for (const [actor, focus] of this.#dirty) {
      this.#dirty.delete(actor);
      if (actor === ROOT && this.#dirty.size > 0) {
        this.#dirty.set(actor, focus);
        continue;
      }
      const state = this.actors.get(actor);
      if (state === undefined) continue;
      const underway = (key: string): boolean => this.waiting.has(`${actor}/${key}`) || this.running.has(`${actor}/${key}`);
      const options = focus === null ? { underway } : { underway, focus: [...focus] };
      for (const command of decide(this.flow, state, { read: (ref) => this.#read(ref) }, options)) {
        this.given.push(JSON.stringify([actor, command]));
        this.obey(actor, command);
      }
    }
  }

  obey(actor: string, command: Command): void {
    switch (command.k) {
      case 'append':
        this.append(actor, command.event);
        return;
      case 'tell':
        this.tell(actor, command.own, command.to, command.event);
        return;
      case 'dispatch':
        this.waiting.set(`${actor}/${attemptKey(command)}`, { actor, dispatch: command });
        return;
      case 'cancel':
        this.cancelled.add(`${actor}/${attemptKey(command)}`);
        return;
      case 'timer':
        this.timers.set(JSON.stringify([actor, command.event]), { at: command.at, actor, event: command.event });
        return;
      case 'open': {
        const pages = [...inPages<unknown>(command.rows, command.opened.pageSize)].map((page) => this.#put(page));
        this.append(actor, { ...command.opened, pages: this.#put(pages) });
        return;
      }
      case 'settle': {
        const page = this.#put(command.rows);
        const { undo } = command;
        const undone = undo.length === 0 ? {} : { undo: { page: this.#put(undo), count: countUndoable(undo) } };
        this.tell(actor, { type: 'chunk.settled', page }, command.to, { ...command.report, page, ...undone });
        return;
      }
      default:
        unreachable(command);
    }
  }

  tell(actor: string, own: Event, to: string, event: Event): void {
    const seq = this.append(actor, own);
    this.append(to, { ...event, from: { actor, seq } });
  }

  #put(value: unknown): string {
    const ref = `v${this.values.size}`;
    this.values.set(ref, value);
    return ref;
  }

  #read(ref: string): unknown {
    if (!this.values.has(ref)) throw new Error(`no value ${ref}`);
    return this.values.get(ref);
  }
}

/** mulberry32 (Tommy Ettinger): small, seeded, good enough to shuffle. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Raises unless its journal folds to the state that its actors had while they lived. */
export function assertFolds({ journal, actors }: ModelHost): void {
  const folded = new Map<string, ActorState>();
  for (const recorded of journal) folded.set(recorded.actor, evolve(folded.get(recorded.actor) ?? null, recorded));
  assert.deepEqual(folded, actors);
}
