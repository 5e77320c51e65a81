/**
 * The engine's one synchronous step: facts in, state folded, commands out, one commit, effects after it.
 *
 * Boundary: knows the journal, the reducer and the pools; what an attempt does is behind `Attempts`, and nothing
 * here awaits. Between reading state and committing there is no gap in which anything else could happen.
 *
 * 1. Nothing is acknowledged, dispatched or published before the commit that holds it returned.
 * 2. Whatever arrives while a commit is being written goes into the next one.
 * 3. An attempt starts only if the state still wants it at that moment, and a retry only while there is time for it.
 * 4. A commit whose outcome is unknown ends the engine: what is in memory is ahead of what may be on disk.
 * 5. A step decides so much and no more: what a run of many items asks for is spread over many commits.
 * 6. All facts of a step have one time, and what a run does in it comes together, as far as no pool decides about that.
 */

import { attemptKey, HostError, ROOT, unreachable } from '@scriptorium/core';
import type { Command, Event, Recorded } from '@scriptorium/core';
import { activityOf, Settling } from './activity.ts';
import type { Activity } from './activity.ts';
import type { Fact, Task } from './actors.ts';
import type { Extras } from '../attempts/attempt-port.ts';
import { byRun, takeIn } from './incoming.ts';
import type { Incoming } from './incoming.ts';
import type { ArtifactRow, Batch, Entry, MemoRow } from '../journal/journal.ts';
import type { KernelPorts } from './kernel-ports.ts';
import { underwayOf } from './live-run.ts';
import type { LiveRun, Underway } from './live-run.ts';
import { PassingMap } from './passing-map.ts';
import { createAlarms } from './alarms.ts';
import type { Alarms } from './alarms.ts';
import { firstDue, isAwaited } from './deadlines.ts';
import { Ledger } from '../pools/ledger.ts';
import type { Permit } from '../pools/pool.ts';
import { expired, startOf, unstarted } from './start.ts';
import { Suspects } from './suspects.ts';
import { Waiting } from './waiting.ts';

type Dispatch = Extract<Command, { k: 'dispatch' }>;

/** Facts of one run in one step, beyond which the rest is left to the next. */
const MAX_RUN_FACTS = 1_000;

/** Facts of one step, beyond which nobody is asked again in the same. */
const MAX_STEP_FACTS = 4_000;

export class Kernel {
  /** What the live runs have used of their budgets. */
  readonly ledger: Ledger = new Ledger();
  readonly #ports: KernelPorts;
  readonly #runs = new PassingMap<LiveRun>();
  readonly #suspects: Suspects;
  readonly #waiting: Waiting;
  readonly #alarms: Alarms;
  /** Runs about which the reducer may have to be asked: of thousands that are live, few are touched in one step. */
  #touched = new Set<LiveRun>();
  #inbox: Incoming[] = [];
  #facts: Entry[] = [];
  #artifacts: ArtifactRow[] = [];
  #memo: MemoRow[] = [];
  #effects: (() => void)[] = [];
  #scheduled = false;
  readonly #settling = new Settling();
  #halted: { readonly error: unknown } | null = null;
  #written = { commits: 0, events: 0 };

  constructor(ports: KernelPorts) {
    this.#ports = ports;
    this.#suspects = new Suspects(ports, () => this.wake());
    this.#waiting = new Waiting({
      ...ports,
      ledger: this.ledger,
      suspects: this.#suspects,
      submit: (...given) => this.submit(...given),
      granted: (...given) => this.#granted(...given),
      start: (...given) => this.#start(...given),
    });
    this.#alarms = createAlarms(ports, (run, actor, items) => this.#ring(run, actor, items));
  }

  add(run: LiveRun): void {
    this.#runs.set(run.id, run);
    this.#touched.add(run);
  }

  remove(run: string): void {
    this.#runs.delete(run);
    this.#alarms.forgetRun(run);
    this.ledger.forget(run);
  }

  run(id: string): LiveRun | undefined {
    return this.#runs.get(id);
  }

  get size(): number {
    return this.#runs.size;
  }

  runs(): readonly LiveRun[] {
    return [...this.#runs.values()];
  }

  written(): { readonly commits: number; readonly events: number } {
    return this.#written;
  }

  activity(): Activity {
    const { attempts, unsettled } = activityOf(this.runs());
    return { attempts, unsettled: this.#halted === null && (this.#scheduled || unsettled) };
  }

  /** Resolves when the event is durable; rejects with what halted the engine. */
  submit(run: string, actor: string, event: Event, extras?: Extras): Promise<void> {
    return this.#enter(run, (live) => {
      if (live !== undefined) this.#append(live, actor, event, extras);
    });
  }

  /** As `submit`, for what `door` makes of the run as it then is; rejects with the {@link HostError} that it raises. */
  admit(run: string, door: (live: LiveRun) => readonly { readonly actor: string; readonly event: Event }[]): Promise<void> {
    return this.#enter(run, (live) => {
      if (live === undefined) throw new HostError('unavailable', `run ${run} is not worked on any more`, 'Try again.');
      for (const { actor, event } of door(live)) live.actors.append(actor, event);
    });
  }

  /** Does what is about no run in its place: after what has arrived before. Resolves, or rejects, as `admit` does. */
  inTurn(work: () => void): Promise<void> {
    return this.#enter('', work);
  }

  #enter(run: string, take: Incoming['take']): Promise<void> {
    const ack = Promise.withResolvers<void>();
    if (this.#halted !== null) ack.reject(this.#halted.error);
    else this.#inbox.push({ run, take, ack });
    this.wake();
    return ack.promise;
  }

  /** Takes a fact of a run into the batch that is being made. */
  record(fact: Fact): void {
    this.#facts.push(fact);
    this.ledger.fold(fact);
    const live = this.#runs.get(fact.run);
    if (live !== undefined) this.#touched.add(live);
  }

  /** Asks the reducer again about everything of a run, as after loading it. */
  reconsider(live: LiveRun): void {
    live.actors.reconsider();
    this.#touched.add(live);
    this.wake();
  }

  /** Takes back what waits for a pool; the reducer asks again when it is next consulted. */
  withdraw(live: LiveRun): void {
    for (const [key, underway] of live.underway) {
      if (underway.permit !== null || underway.child !== null) continue;
      underway.withdraw?.();
      underway.giveBack?.();
      live.underway.delete(key);
    }
  }

  /** Makes a step soon, so that waiting attempts start if they may: after a limit changed, or a permit came back. */
  wake(): void {
    if (this.#scheduled || this.#halted !== null) return;
    this.#scheduled = true;
    this.#ports.soon(() => this.#step());
  }

  /** Ends all work, once, as a failed commit does. */
  halt(error: unknown): void {
    if (this.#halted !== null) return;
    this.#halted = { error };
    for (const { ack } of this.#inbox) ack.reject(error);
    this.#settling.fail(error);
    this.#ports.halt(error);
  }

  /** Resolves when no attempt of the run runs any more and what the last ones gave is durable; rejects with what halted the engine. */
  settled(live: LiveRun): Promise<void> {
    const settled = this.#settling.wait(live);
    if (this.#halted !== null) this.#settling.fail(this.#halted.error);
    this.wake();
    return settled;
  }

  #step(): void {
    this.#scheduled = false;
    if (this.#halted !== null) return;
    const arrived = this.#inbox;
    this.#inbox = [];
    try {
      this.#ports.holdTime(() => this.#decideAfter(arrived));
      this.#commit();
      this.#settling.tell();
      this.#ports.turned();
      if (this.ledger.hasChanged || this.#touched.values().some(({ actors }) => actors.hasChanged)) this.wake();
    } catch (error) {
      this.#inbox.push(...arrived);
      this.halt(error);
    }
  }

  #decideAfter(arrived: readonly Incoming[]): void {
    for (const together of byRun(arrived)) {
      const live = this.#runs.get(together[0]?.run ?? '');
      for (const incoming of together) this.#effects.push(takeIn(incoming, live));
      if (live !== undefined) this.#decideOf(live);
    }
    this.#notePools();
    do {
      const touched = this.#touched;
      this.#touched = new Set();
      for (const live of touched) this.#decideOf(live);
    } while (this.#servePools() && this.#facts.length < MAX_STEP_FACTS);
  }

  #append(live: LiveRun, actor: string, event: Event, extras: Extras | undefined): void {
    const counts = extras !== undefined && isAwaited(live.actors.state(actor), event);
    live.actors.append(actor, event);
    if (!counts) return;
    // The records are folds of the events, so they have the time of theirs.
    const at = this.#facts.at(-1)?.at ?? this.#ports.now();
    this.#artifacts.push(...extras.artifacts.map((artifact) => ({ ...artifact, at })));
    if (extras.memo !== null) this.#memo.push({ ...extras.memo, output: this.#ports.values.settle(extras.memo.output) });
  }

  #decideOf(live: LiveRun): void {
    if (!live.actors.hasChanged || this.#runs.get(live.id) !== live) return;
    if (live.held()) {
      live.actors.hold();
      return;
    }
    const most = this.#facts.length + MAX_RUN_FACTS;
    const isUnderway = (key: string): boolean => live.underway.has(key);
    const isEnough = (): boolean => this.#facts.length >= most;
    live.actors.decide(isUnderway, (actor, task) => this.#carryOut(live, actor, task), isEnough);
    this.#touched.add(live);
    this.#waiting.startFree();
  }

  /** Whether something was granted, so that the reducer must be asked again. */
  #servePools(): boolean {
    const before = this.#facts.length;
    this.ledger.serve();
    this.#waiting.startFree();
    const isHeldBack = this.#suspects.serve(this.#runs.values());
    const next = isHeldBack ? null : this.#ports.pools.serve(this.#ports.now());
    if (next !== null) this.#ports.timers.set('pools', next, () => this.wake());
    return this.#facts.length > before || this.ledger.hasChanged;
  }

  #commit(): void {
    const effects = this.#effects;
    this.#notePools();
    const batch: Batch = { events: this.#facts, values: this.#ports.values.takeNew(), artifacts: this.#artifacts, memo: this.#memo };
    [this.#effects, this.#facts, this.#artifacts, this.#memo] = [[], [], [], []];
    const recorded = batch.events.length === 0 ? [] : (this.#ports.commit(batch) as readonly Recorded[]);
    this.#written = { commits: this.#written.commits + (recorded.length > 0 ? 1 : 0), events: this.#written.events + recorded.length };
    const byRun = Map.groupBy(recorded, (one) => one.run);
    for (const [run, own] of byRun) {
      const live = this.#runs.get(run);
      if (live !== undefined) this.#ports.publish(live, own);
    }
    for (const effect of effects) effect();
    for (const run of byRun.keys()) for (const actor of this.#runs.get(run)?.actors.forgetSettled() ?? []) this.#alarms.forget(run, actor);
  }

  /** Puts what pools did in its place among the facts: after the failures that opened a breaker, before the start that tries it. */
  #notePools(): void {
    const changes = this.#ports.pools.takeChanges();
    if (changes.length === 0) return;
    this.#facts.push(...changes.map((change) => this.#ports.entryOf(change)));
    this.#effects.push(() => this.#ports.announce(changes));
  }

  #carryOut(live: LiveRun, actor: string, task: Task): void {
    switch (task.k) {
      case 'dispatch':
        this.#dispatch(live, actor, task);
        return;
      case 'cancel': {
        const key = `${actor}/${attemptKey(task)}`;
        this.#effects.push(() => live.underway.get(key)?.stop.ask('cancelled'));
        return;
      }
      case 'timer':
        this.#alarms.set(live.id, actor, task.event.item, task.at);
        return;
      default:
        unreachable(task);
    }
  }

  /** What is due of the items goes in as what comes from outside does: also while the run is held. */
  #ring(run: string, actor: string, items: readonly number[]): void {
    this.#enter(run, (live) => {
      const { due, later } = firstDue(live?.actors.timersOf(actor, items) ?? [], this.#ports.now());
      for (const { event } of due) live?.actors.append(actor, event);
      for (const { at, event } of later) this.#alarms.set(run, actor, event.item, at);
    }).catch(() => undefined);
  }

  #dispatch(live: LiveRun, actor: string, dispatch: Dispatch): void {
    const underway = underwayOf(actor, dispatch, null);
    live.underway.set(underway.key, underway);
    this.#ports.attempts.reuse(live, underway, () => {
      if (live.underway.get(underway.key) !== underway) return;
      this.#waiting.enter(live, underway);
      this.wake();
    });
  }

  #granted(live: LiveRun, underway: Underway, permit: Permit): void {
    if (this.#suspects.take(live, underway, permit, () => this.#granted(live, underway, permit))) return this.wake();
    this.#notePools();
    this.#start(live, underway, permit);
  }

  #start(live: LiveRun, underway: Underway, permit: Permit): void {
    const { actor, key, dispatch } = underway;
    if (!this.#waiting.leave(live, underway)) return permit.release();
    if (dispatch.startBy !== null && this.#ports.now() > dispatch.startBy) {
      permit.release();
      live.actors.append(actor, expired(dispatch));
      return;
    }
    live.underway.set(key, underway);
    underway.permit = permit;
    if (dispatch.flow !== null) return this.#begin(live, underway, permit);
    live.actors.append(actor, startOf(underway, live.actors.state(actor), this.#ports.attempts.handlerOf(dispatch)));
    this.#effects.push(() => {
      permit.start(this.#ports.now());
      this.#ports.attempts.start(live, underway);
      this.wake();
    });
  }

  /** The attempt and the run that does its work start together; a detached one has done its work with that. */
  #begin(live: LiveRun, underway: Underway, permit: Permit): void {
    const { actor, key, dispatch } = underway;
    const begun = this.#ports.attempts.begin(live, underway);
    if ('failure' in begun) {
      permit.release();
      live.underway.delete(key);
      return void live.actors.append(actor, unstarted(dispatch, begun.failure));
    }
    const { child, detached } = begun;
    live.actors.append(actor, { ...startOf(underway, live.actors.state(actor), begun.handler), child: child.id });
    this.add(child);
    child.actors.append(ROOT, begun.started);
    underway.child = child.id;
    if (detached) {
      const { item, node, attempt } = dispatch;
      live.underway.delete(key);
      live.actors.append(actor, { type: 'attempt.succeeded', item, node, attempt, output: { v: { run: child.id } }, artifacts: [], ms: 0 });
    }
    this.#effects.push(() => {
      permit.start(this.#ports.now());
      if (detached) permit.release();
      else this.#ports.attempts.start(live, underway);
      this.wake();
    });
  }
}
