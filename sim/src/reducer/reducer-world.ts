/**
 * Plays a setting over the reducer alone: everything in memory and synchronous, so that thousands of histories fit into a
 * second. There are no pools and no disk; but commits, crashes around them, late and doubled results, jumping clocks,
 * and clients are as they would be.
 *
 * 1. What a step of the host records becomes durable as one commit, or not at all.
 * 2. Nothing is acknowledged, and no call begins, before the commit that holds it.
 * 3. A host that ends forgets all but rows and values; calls that it had begun may still answer the next one.
 */

import { iterationOf, ROOT } from '@scriptorium/core';
import type { ActorState, Event, Json, Ms, OpenWait, Recorded } from '@scriptorium/core';
import { diceOf } from '../chance.ts';
import type { Dice } from '../chance.ts';
import type { ActName, CallResult, CallSite, Commit, Happening, History, Observation, Row } from '../history.ts';
import type { Act, Fault, PlannedRun, Setting } from '../setting.ts';
import { createAgenda } from './agenda.ts';
import type { Agenda } from './agenda.ts';
import { endOf, keyOf, openWaits, resultOf } from './reducer-ends.ts';
import { ReducerRun } from './reducer-run.ts';
import type { Task, Underway } from './reducer-run.ts';
import { createTimers, endsStep } from './reducer-timers.ts';
import type { RunTimers } from './reducer-timers.ts';

/** Virtual time at which histories begin: 2025-01-01T00:00:00Z. */
export const EPOCH_MS = 1_735_689_600_000;

const MAX_TURNS = 4_000;
/** What comes from outside without being asked for; a run that needs more does not get on. */
const MAX_NUDGES = 80;
/** So many of them in a row change nothing: nobody has anything more to say. */
const MAX_IDLE = 9;

/** Does what a client asks for. */
export type Acting = (world: ReducerWorld, act: Act) => void;

interface Told {
  readonly actor: string;
  readonly seq: number;
  readonly event: Event;
  readonly at: number | null;
}

export class ReducerWorld {
  readonly setting: Setting;
  readonly runs: Map<string, ReducerRun> = new Map();
  readonly rows: Row[] = [];
  readonly #values = new Map<string, unknown>();
  readonly #observations: Observation[] = [];
  readonly #commits: Commit[] = [];
  readonly #commands: string[] = [];
  readonly #agenda: Agenda = createAgenda();
  readonly #timers: RunTimers;
  readonly #dice: Dice;
  readonly #act: Acting;
  readonly #latest = new Map<string, number>();
  #pending: Row[] = [];
  #effects: (() => void)[] = [];
  #epoch = 1;
  #mono: Ms = 0;
  #offset = EPOCH_MS;
  #nudges = 0;
  #idle = 0;

  constructor(setting: Setting, act: Acting) {
    this.setting = setting;
    this.#act = act;
    this.#dice = diceOf(setting.seed);
    this.#timers = createTimers({
      wall: () => this.wall(),
      later: (inMs, happen) => this.later(inMs, happen),
      roll: this.#dice,
      fire: ({ run, actor, event }) => (run.isSettled() ? undefined : this.step(() => void run.append(actor, event))),
    });
    for (const [index, run] of setting.runs.entries()) this.later(run.atMs, () => this.start(index, run));
    for (const { atMs, act: planned } of setting.acts) this.later(atMs, () => act(this, planned));
    for (const fault of setting.faults) if ('atMs' in fault) this.later(fault.atMs, () => this.#strike(fault));
    this.observe({ type: 'engine.opened', epoch: 1 });
  }

  play(): void {
    for (let turn = 0; ; turn += 1) {
      if (turn > MAX_TURNS) throw new Error(`still going on after ${turn} turns`);
      if (this.#timers.isFar(this.#agenda.size()) && this.#dice(2) === 0 && this.#nudge()) continue;
      const next = this.#agenda.next();
      if (next === null) {
        if (this.#nudge()) continue;
        break;
      }
      this.#mono = Math.max(this.#mono, next.at);
      next.happen();
    }
    this.observe({ type: 'quiet', timers: this.#timers.size() });
  }

  history(): History {
    return {
      level: 'reducer',
      rows: this.rows,
      commits: this.#commits,
      observations: this.#observations,
      commands: this.#commands,
      flows: new Map([...this.setting.runs, ...[...this.runs.values()]].map(({ flow }) => [flow.hash, flow])),
      read: (ref) => this.read(ref),
    };
  }

  later(inMs: Ms, happen: () => void): void {
    this.#agenda.add(this.#mono + inMs, happen);
  }

  roll(sides: number): number {
    return this.#dice(sides);
  }

  wall(): number {
    return this.#mono + this.#offset;
  }

  observe(what: Happening): void {
    this.#observations.push({ at: this.wall(), mono: this.#mono, head: this.rows.length, ...what });
  }

  /** One step of the host: what `work` and the reducer record becomes durable, then `then` happens. */
  step(work: () => void, then: () => void = () => undefined): void {
    work();
    const isRootLast = this.#dice(4) > 0;
    for (const run of this.runs.values()) run.consult(isRootLast, (actor, task) => this.#carryOut(run, actor, task));
    this.#effects.push(then);
    this.#commit();
  }

  acked(act: ActName, run: string, id: string | null = null, already = false): void {
    this.observe({ type: 'client.acked', act, run, id, already, pool: null });
  }

  refused(act: ActName, run: string, code: string, id: string | null = null): void {
    this.observe({ type: 'client.refused', act, run, id, code });
  }

  /** The run at a place of the setting; null before it has started. */
  runAt(index: number): ReducerRun | null {
    return this.runs.get(`r${index}`) ?? null;
  }

  create(id: string, index: number | null, flow: PlannedRun['flow']): ReducerRun {
    const run: ReducerRun = new ReducerRun({
      id,
      index,
      flow,
      record: (actor, seq, event, at) => this.#record(id, { actor, seq, event, at }),
      put: (value) => {
        const ref = `v${this.#values.size}`;
        this.#values.set(ref, value);
        return ref;
      },
      read: (ref) => this.read(ref),
      note: (actor, command) => void this.#commands.push(`${id} ${actor} ${JSON.stringify(command)}`),
    });
    this.runs.set(id, run);
    return run;
  }

  start(index: number, planned: PlannedRun): void {
    const id = `r${index}`;
    const { flow, input, options } = planned;
    this.step(
      () => {
        const { name, version, hash } = flow;
        this.create(id, index, flow).append(ROOT, { type: 'run.started', flow: { name, version, hash }, input, options, by: 'sim' });
      },
      () => this.acked('start', id),
    );
    // A client that was not answered asks again.
    if (!this.runs.has(id)) this.later(10, () => this.start(index, planned));
  }

  read(ref: string): unknown {
    if (!this.#values.has(ref)) throw new Error(`no value ${ref}`);
    return this.#values.get(ref);
  }

  rowsOf(run: string): readonly Recorded[] {
    return [...this.rows, ...this.#pending].filter((row) => row.run === run) as readonly Row[] as readonly Recorded[];
  }

  /** Nobody works on the run any more: its timers are forgotten, and what its calls still give comes to nobody. */
  forget(run: ReducerRun): void {
    this.#timers.forget(run);
    run.generation += 1;
  }

  /** All in memory is gone. `lost`: why what was running is. */
  restart(why: string, lost: 'engine' | 'stopped'): void {
    this.observe({ type: 'engine.crashed', epoch: this.#epoch, why });
    this.#pending = [];
    this.#effects = [];
    this.#epoch += 1;
    this.#timers.clear();
    this.observe({ type: 'engine.opened', epoch: this.#epoch });
    for (const run of [...this.runs.values()]) {
      const rows = this.rowsOf(run.id);
      run.restore(rows);
      if (rows.length === 0) this.runs.delete(run.id);
    }
    this.step(() => {
      for (const run of this.runs.values()) {
        if (run.isSettled()) continue;
        run.loseRunning(lost);
        run.reconsider();
      }
    });
  }

  #record(run: string, { actor, seq, event, at: known }: Told): Row & Recorded {
    const at = known ?? Math.max(this.#latest.get(run) ?? 0, this.wall());
    this.#latest.set(run, at);
    const gseq = this.rows.length + this.#pending.length + 1;
    const row = { gseq, run, actor, seq, at, epoch: this.#epoch, event, hash: null };
    this.#pending.push(row);
    if (endsStep(event)) this.#timers.end(run, actor, event);
    return row;
  }

  #commit(): void {
    const effects = this.#effects;
    const rows = this.#pending;
    [this.#effects, this.#pending] = [[], []];
    if (rows.length > 0) {
      const number = this.#commits.length + 1;
      const fault = this.setting.faults.find((one) => 'commit' in one && one.commit === number)?.what ?? null;
      const isLost = fault === 'crash_before' || fault === 'unknown_lost' || fault === 'full' || fault === 'torn';
      const outcome = fault === 'unknown_lost' || fault === 'unknown_written' ? fault : isLost ? 'refused' : 'written';
      if (!isLost) this.rows.push(...rows);
      const range = { from: rows[0]?.gseq ?? 0, to: rows.at(-1)?.gseq ?? 0 };
      const live = isLost ? [] : this.#touched(rows);
      this.#commits.push({ number, epoch: this.#epoch, at: this.wall(), mono: this.#mono, ...range, outcome, live });
      if (fault !== null) return this.restart(fault, 'engine');
    }
    for (const effect of effects) effect();
  }

  #touched(rows: readonly Row[]): Commit['live'] {
    const seen = new Map<string, { run: string; actor: string; state: ActorState }>();
    for (const { run, actor } of rows) {
      const state = this.runs.get(run)?.actors.get(actor);
      if (state !== undefined) seen.set(`${run} ${actor}`, { run, actor, state });
    }
    return [...seen.values()];
  }

  #carryOut(run: ReducerRun, actor: string, task: Task): void {
    switch (task.k) {
      case 'dispatch': {
        const key = `${actor}/${keyOf(task)}`;
        const underway: Underway = {
          key,
          actor,
          dispatch: task,
          generation: run.generation,
          started: false,
          cancelled: false,
          reply: null,
        };
        run.underway.set(key, underway);
        this.later(this.#dice(3) === 0 ? this.#dice(60) : 0, () => this.#begin(run, underway));
        if (task.startBy !== null) this.#expire(run, underway, task.startBy);
        return;
      }
      case 'cancel': {
        const underway = run.underway.get(`${actor}/${keyOf(task)}`);
        if (underway === undefined) return;
        underway.cancelled = true;
        this.#effects.push(() => this.later(0, () => this.#abort(run, underway)));
        return;
      }
      case 'timer':
        this.#timers.set(`${run.id} ${actor} ${JSON.stringify(task.event)}`, { run, actor, at: task.at, event: task.event });
        return;
    }
  }

  /** The attempt gets its place in a pool: it begins if it is still wanted. */
  #begin(run: ReducerRun, underway: Underway): void {
    const { actor, dispatch, key } = underway;
    if (run.underway.get(key) !== underway || underway.started) return;
    if (!run.isWanted(underway)) return void run.underway.delete(key);
    const { item, node, attempt, uses } = dispatch;
    if (dispatch.startBy !== null && this.wall() > dispatch.startBy) return this.#late(run, underway);
    underway.started = true;
    const before = run.actors.get(actor)?.open.get(item)?.steps.get(node);
    const failures = before !== undefined && 'losses' in before ? before.attempt - before.losses : 0;
    const reason = before?.type === 'again' ? before.reason : 'first';
    const undoable = dispatch.undoable ? { undoable: true as const } : {};
    this.step(
      () => run.append(actor, { type: 'attempt.started', item, node, attempt, handler: uses, key: dispatch.key, reason, ...undoable }),
      () => this.#call(run, underway, failures),
    );
  }

  #call(run: ReducerRun, underway: Underway, failures: number): void {
    const { dispatch } = underway;
    const input = dispatch.input as Json;
    const site = this.#siteOf(run, underway);
    this.observe({ type: 'call.begun', input, ...site });
    const reply = this.setting.answer({ ...site, index: run.index, input, failures });
    underway.reply = reply;
    const { timeoutMs } = dispatch;
    if (timeoutMs !== null && (reply.afterMs >= timeoutMs || 'never' in reply.result)) {
      const error = { code: 'timeout', message: `it took longer than ${timeoutMs} ms` };
      return this.later(timeoutMs, () => this.#end(run, underway, site, { type: 'failed', error }));
    }
    if ('never' in reply.result) return;
    const result = resultOf(reply);
    this.later(reply.afterMs, () => this.#end(run, underway, site, result));
    if (reply.againMs !== null) this.later(reply.afterMs + reply.againMs, () => this.#end(run, underway, site, result));
  }

  /** A call ends when it is told to, if it hears that. */
  #abort(run: ReducerRun, underway: Underway): void {
    if (run.underway.get(underway.key) !== underway) return;
    if (!underway.started) return void run.underway.delete(underway.key);
    const { reply } = underway;
    if (reply === null || reply.hears || 'never' in reply.result)
      this.#end(run, underway, this.#siteOf(run, underway), { type: 'aborted' });
  }

  /** What comes back: to the host that began the call, or to one after it; once, or again. */
  #end(run: ReducerRun, underway: Underway, site: CallSite, given: CallResult): void {
    // Who has heard that it is to end gives nothing any more.
    const result: CallResult = underway.cancelled && underway.reply?.hears === true ? { type: 'aborted' } : given;
    const { actor, dispatch, key } = underway;
    const isOurs = run.underway.get(key) === underway;
    // The end of a call that nobody listens to any more reaches nobody, unless it is one that does not know.
    if (!isOurs && underway.reply?.hears !== false && underway.reply?.againMs === null) return;
    if (isOurs) run.underway.delete(key);
    if (this.runs.get(run.id) !== run || run.isSettled() || underway.generation !== run.generation) return;
    const { item, node, attempt } = dispatch;
    if (iterationOf(run.actors.get(actor)?.open.get(item)?.steps, node) !== dispatch.iteration) return;
    this.observe({ type: 'call.ended', result, ...site });
    const at = { item, node, attempt };
    this.step(() => run.append(actor, endOf(at, result, underway.cancelled)));
  }

  #siteOf(run: ReducerRun, { actor, dispatch }: Underway): CallSite {
    const { node, key, attempt, uses, item, iteration } = dispatch;
    const idempotencyKey = `${run.id}:${actor}:${item}:${node}${iteration === '' ? '' : `@${iteration}`}`;
    return { run: run.id, epoch: this.#epoch, uses, node, key, attempt, idempotencyKey };
  }

  #expire(run: ReducerRun, underway: Underway, startBy: number): void {
    this.later(Math.max(0, startBy + 1 - this.wall()), () => {
      if (run.underway.get(underway.key) === underway && !underway.started && this.wall() > startBy) this.#late(run, underway);
    });
  }

  #late(run: ReducerRun, underway: Underway): void {
    const { item, node, attempt } = underway.dispatch;
    const isWanted = run.isWanted(underway);
    run.underway.delete(underway.key);
    if (isWanted) this.step(() => run.append(underway.actor, { type: 'retry.expired', item, node, attempt: attempt - 1 }));
  }

  #strike(fault: Extract<Fault, { readonly atMs: Ms }>): void {
    if (fault.what === 'crash') return this.restart('crash', 'engine');
    this.#offset += fault.byMs;
    this.observe({ type: 'clock.jumped', byMs: fault.byMs });
    this.#timers.rearm();
  }

  #nudge(): boolean {
    if (this.#nudges >= MAX_NUDGES) return false;
    this.#nudges += 1;
    const live = [...this.runs.values()].filter((run) => !run.isSettled());
    if (live.length === 0) return false;
    const act: Act | null = this.setting.nudge(
      this.waits(),
      live.map(({ id }) => id),
    );
    if (act === null) return false;
    const before = this.rows.length;
    this.#act(this, act);
    this.#idle = this.rows.length === before ? this.#idle + 1 : 0;
    return this.#idle < MAX_IDLE;
  }

  /** What waits for an event. */
  waits(): readonly OpenWait[] {
    return [...this.runs.values()].flatMap((run) => (run.isSettled() ? [] : openWaits(run)));
  }
}
