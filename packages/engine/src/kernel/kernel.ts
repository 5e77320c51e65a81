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
 */

import { attemptKey, HostError, isWanted, ROOT, unreachable } from '@scriptorium/core';
import type { BreakerStatus, Command, Event, Failure, Recorded } from '@scriptorium/core';
import { activityOf, Settling } from './activity.ts';
import type { Activity } from './activity.ts';
import type { Fact, Task } from './actors.ts';
import type { Extras } from '../attempts/attempt-port.ts';
import { takeIn } from './incoming.ts';
import type { Incoming } from './incoming.ts';
import type { ArtifactRow, Batch, Entry, MemoRow } from '../journal/journal.ts';
import type { KernelPorts } from './kernel-ports.ts';
import { claimOf, underwayOf } from './live-run.ts';
import type { LiveRun, Underway } from './live-run.ts';
import { createAlarms } from './alarms.ts';
import type { Alarms } from './alarms.ts';
import { expiryOf, firstDue, isAwaited } from './deadlines.ts';
import { Ledger } from '../pools/ledger.ts';
import type { Permit } from '../pools/pool.ts';
import { expired, openFailure, startOf, unstarted } from './start.ts';
import { Suspects } from './suspects.ts';

type Dispatch = Extract<Command, { k: 'dispatch' }>;

/** Facts of one run in one step, beyond which the rest is left to the next. */
const MAX_RUN_FACTS = 1_000;

/** Facts of one step, beyond which nobody is asked again in the same. */
const MAX_STEP_FACTS = 4_000;

export class Kernel {
  /** What the live runs have used of their budgets. */
  readonly ledger: Ledger = new Ledger();
  readonly #ports: KernelPorts;
  readonly #runs = new Map<string, LiveRun>();
  readonly #suspects: Suspects;
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
      for (const incoming of arrived) this.#effects.push(takeIn(incoming, this.#runs.get(incoming.run)));
      this.#notePools();
      do this.#decide();
      while (this.#servePools() && this.#facts.length < MAX_STEP_FACTS);
      this.#commit();
      this.#settling.tell();
      this.#ports.turned();
      if (this.ledger.hasChanged || this.#touched.values().some(({ actors }) => actors.hasChanged)) this.wake();
    } catch (error) {
      this.#inbox.push(...arrived);
      this.halt(error);
    }
  }

  #append(live: LiveRun, actor: string, event: Event, extras: Extras | undefined): void {
    const counts = isAwaited(live.actors.state(actor), event);
    live.actors.append(actor, event);
    if (extras === undefined || !counts) return;
    // The records are folds of the events, so they have the time of theirs.
    const at = this.#facts.at(-1)?.at ?? this.#ports.now();
    this.#artifacts.push(...extras.artifacts.map((artifact) => ({ ...artifact, at })));
    if (extras.memo !== null) this.#memo.push({ ...extras.memo, output: this.#ports.values.settle(extras.memo.output) });
  }

  #decide(): void {
    const touched = this.#touched;
    this.#touched = new Set();
    for (const live of touched) {
      if (!live.actors.hasChanged || this.#runs.get(live.id) !== live) continue;
      if (live.held()) {
        live.actors.hold();
        continue;
      }
      const most = this.#facts.length + MAX_RUN_FACTS;
      const isUnderway = (key: string): boolean => live.underway.has(key);
      const isEnough = (): boolean => this.#facts.length >= most;
      live.actors.decide(isUnderway, (actor, task) => this.#carryOut(live, actor, task), isEnough);
      this.#touched.add(live);
    }
  }

  /** Whether something was granted, so that the reducer must be asked again. */
  #servePools(): boolean {
    const before = this.#facts.length;
    this.ledger.serve();
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
      this.#afford(live, underway);
      if (dispatch.startBy !== null)
        this.#ports.timers.set(expiryOf(live, underway.key), dispatch.startBy + 1, () => this.#late(live, underway));
      this.wake();
    });
  }

  /** Holds what the call may use in all budgets around it, then waits for its pool. */
  #afford(live: LiveRun, underway: Underway): void {
    const reserve = this.#ports.attempts.reserve(live, underway.dispatch);
    if ('failure' in reserve) {
      void this.submit(live.id, underway.actor, unstarted(underway.dispatch, reserve.failure))
        .then(() => live.underway.delete(underway.key))
        .catch(() => undefined);
      return;
    }
    const { reserved, budgets, charged, family } = reserve;
    Object.assign(underway, { reserved, budgets });
    if (reserved === null || charged.length === 0) return this.#queue(live, underway);
    underway.giveBack = this.ledger.enter({
      run: live.id,
      budgets: charged,
      family,
      cost: reserved,
      grant: () => this.#queue(live, underway),
      refuse: (failure) => this.#refused(live, underway, failure),
    });
  }

  #queue(live: LiveRun, underway: Underway): void {
    const { pool, refusable } = underway.dispatch;
    const refuse = (breaker: BreakerStatus): void => this.#refused(live, underway, openFailure(pool ?? '', breaker, this.#ports.now()));
    underway.withdraw = this.#ports.pools.enter(pool, {
      ...claimOf(live, underway),
      grant: (permit) => this.#granted(live, underway, permit),
      ...(refusable ? { refuse } : {}),
    });
  }

  /** The time for a retry is over while it waits. */
  #late(live: LiveRun, underway: Underway): void {
    if (live.underway.get(underway.key) !== underway || underway.permit !== null) return;
    underway.withdraw?.();
    if (this.#leave(live, underway)) void this.submit(live.id, underway.actor, expired(underway.dispatch)).catch(() => undefined);
  }

  /** It fails without a start: its pool's breaker is open and the step has a use for knowing that, or a budget is used up. */
  #refused(live: LiveRun, underway: Underway, error: Failure): void {
    if (this.#leave(live, underway)) live.actors.append(underway.actor, unstarted(underway.dispatch, error));
  }

  /** Ends the waiting for a pool and for budgets; false when the attempt is no longer wanted. */
  #leave(live: LiveRun, underway: Underway): boolean {
    const { actor, key, dispatch } = underway;
    const state = live.actors.state(actor);
    const isOurs = live.underway.get(key) === underway;
    underway.withdraw = null;
    underway.giveBack?.();
    underway.giveBack = null;
    if (dispatch.startBy !== null) this.#ports.timers.clear(expiryOf(live, key));
    if (isOurs) live.underway.delete(key);
    return isOurs && !live.held() && state !== undefined && isWanted(live.flow, state, dispatch);
  }

  #granted(live: LiveRun, underway: Underway, permit: Permit): void {
    const { actor, key, dispatch } = underway;
    if (this.#suspects.take(live, underway, permit, () => this.#granted(live, underway, permit))) return this.wake();
    this.#notePools();
    if (!this.#leave(live, underway)) return permit.release();
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
