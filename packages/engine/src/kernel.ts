/**
 * The engine's one synchronous step: facts in, state folded, commands out, one commit, effects after it.
 *
 * Boundary: knows the journal, the reducer and the pools; what an attempt does is behind {@link Attempts}, and nothing
 * here awaits. Between reading state and committing there is no gap in which anything else could happen.
 *
 * 1. Nothing is acknowledged, dispatched or published before the commit that holds it returned.
 * 2. Whatever arrives while a commit is being written goes into the next one.
 * 3. An attempt starts only if the state still wants it at that moment.
 * 4. A commit whose outcome is unknown ends the engine: what is in memory is ahead of what may be on disk.
 */

import { attemptKey, decide, evolve, isWanted, unreachable } from '@scriptorium/core';
import type { ActorState, Command, Event, Instant, Recorded } from '@scriptorium/core';
import type { ArtifactRow, Batch, MemoRow } from './journal.ts';
import type { LiveRun, Underway } from './live-run.ts';
import type { PoolBoard } from './pool-board.ts';
import type { Permit } from './pool.ts';
import type { Timers } from './timers.ts';
import type { ValueStore } from './values.ts';

type Dispatch = Extract<Command, { k: 'dispatch' }>;

/** What the kernel asks of whoever runs attempts. Both calls return at once; outcomes come back through `submit`. */
export interface Attempts {
  /** Whether an earlier result serves: if so it will be submitted, else `absent` is called. */
  readonly reuse: (run: LiveRun, underway: Underway, absent: () => void) => void;
  readonly start: (run: LiveRun, underway: Underway) => void;
  /** `name@version` of the handler, as the journal names it. */
  readonly handlerOf: (dispatch: Dispatch) => string;
}

export interface KernelPorts {
  readonly now: () => Instant;
  readonly loadActor: (run: string, actor: string) => readonly Recorded[];
  readonly commit: (batch: Batch) => readonly Recorded<unknown>[];
  readonly values: ValueStore;
  readonly pools: PoolBoard;
  readonly timers: Timers;
  readonly attempts: Attempts;
  /** Events of one run, after their commit. */
  readonly publish: (run: LiveRun, events: readonly Recorded[]) => void;
  /** The commit failed or its outcome is unknown. */
  readonly halt: (error: unknown) => void;
}

/** What goes into the store together with the event of a result, if the event still counts. */
export interface Extras {
  readonly artifacts: readonly ArtifactRow[];
  readonly memo: MemoRow | null;
}

export interface Kernel {
  readonly add: (run: LiveRun) => void;
  readonly run: (id: string) => LiveRun | undefined;
  readonly runs: () => Iterable<LiveRun>;
  readonly remove: (id: string) => void;
  /** Resolves when the event is durable; rejects with what halted the engine. */
  readonly submit: (run: string, actor: string, event: Event, extras?: Extras) => Promise<void>;
  /** Asks the reducer again about everything of a run, as after loading it. */
  readonly reconsider: (run: LiveRun) => void;
  /** Takes back what waits for a pool; the reducer asks again when it is next consulted. */
  readonly withdraw: (run: LiveRun) => void;
  /** Lets waiting attempts of every pool start if they may: after a limit changed. */
  readonly wake: () => void;
  /** Ends all work, once, as a failed commit does. */
  readonly halt: (error: unknown) => void;
  /** Commits and events since the start. */
  readonly written: () => { readonly commits: number; readonly events: number };
}

interface Incoming {
  readonly run: string;
  readonly actor: string;
  readonly event: Event;
  readonly extras: Extras | undefined;
  readonly ack: PromiseWithResolvers<void>;
}

export function createKernel(ports: KernelPorts): Kernel {
  const runs = new Map<string, LiveRun>();
  let inbox: Incoming[] = [];
  let folded: Omit<Recorded, 'gseq'>[] = [];
  let artifacts: ArtifactRow[] = [];
  let memo: MemoRow[] = [];
  let afterCommit: (() => void)[] = [];
  /** Items to look at, by run and actor; null: all. */
  const dirty = new Map<LiveRun, Map<string, Set<number> | null>>();
  let scheduled = false;
  let halted: { readonly error: unknown } | null = null;
  let written = { commits: 0, events: 0 };

  function schedule(): void {
    if (scheduled || halted !== null) return;
    scheduled = true;
    setImmediate(step);
  }

  function step(): void {
    scheduled = false;
    if (halted !== null) return;
    const arrived = inbox;
    inbox = [];
    try {
      for (const incoming of arrived) take(incoming);
      do decideAll();
      while (servePools());
      commit();
    } catch (error) {
      inbox.push(...arrived);
      halt(error);
    }
  }

  function halt(error: unknown): void {
    if (halted !== null) return;
    halted = { error };
    for (const { ack } of inbox) ack.reject(error);
    ports.halt(error);
  }

  function take({ run, actor, event, extras, ack }: Incoming): void {
    afterCommit.push(ack.resolve);
    const live = runs.get(run);
    if (live === undefined) return;
    if (extras !== undefined && isAwaited(live.actors.get(actor), event)) {
      artifacts.push(...extras.artifacts);
      if (extras.memo !== null) memo.push({ ...extras.memo, output: ports.values.settle(extras.memo.output) });
    }
    append(live, actor, event);
  }

  function commit(): void {
    const effects = afterCommit;
    const batch: Batch = { events: folded, values: ports.values.takeNew(), artifacts, memo };
    [afterCommit, folded, artifacts, memo] = [[], [], [], []];
    const recorded = batch.events.length === 0 ? [] : (ports.commit(batch) as readonly Recorded[]);
    written = { commits: written.commits + (recorded.length > 0 ? 1 : 0), events: written.events + recorded.length };
    for (const [run, own] of Map.groupBy(recorded, (one) => one.run)) {
      const live = runs.get(run);
      if (live !== undefined) ports.publish(live, own);
    }
    for (const effect of effects) effect();
    for (const live of runs.values()) live.forgetSettled();
  }

  function append(live: LiveRun, actor: string, event: Event): number {
    const state = live.actors.get(actor) ?? load(live, actor);
    const seq = (state?.seq ?? 0) + 1;
    const fact = { run: live.id, actor, seq, at: ports.now(), event: settleEvent(ports.values, event) };
    live.actors.set(actor, evolve(state, { ...fact, gseq: 0 }));
    folded.push(fact);
    touch(live, actor, event);
    return seq;
  }

  function load(live: LiveRun, actor: string): ActorState | null {
    return ports.loadActor(live.id, actor).reduce<ActorState | null>((state, recorded) => evolve(state, recorded), null);
  }

  function touch(live: LiveRun, actor: string, event: Event): void {
    const actors = dirty.get(live) ?? new Map<string, Set<number> | null>();
    dirty.set(live, actors);
    const known = actors.get(actor);
    if (known === null) return;
    if ('item' in event) actors.set(actor, (known ?? new Set()).add(event.item));
    else actors.set(actor, null);
  }

  function decideAll(): void {
    while (dirty.size > 0) {
      for (const [live, actors] of [...dirty]) {
        dirty.delete(live);
        if (live.held()) continue;
        for (const [actor, focus] of actors) decideActor(live, actor, focus);
      }
    }
  }

  function decideActor(live: LiveRun, actor: string, focus: Set<number> | null): void {
    const state = live.actors.get(actor);
    if (state === undefined) return;
    const underway = (key: string): boolean => live.underway.has(`${actor}/${key}`);
    const options = focus === null ? { underway } : { underway, focus: [...focus] };
    for (const command of decide(live.flow, state, ports.values, options)) obey(live, actor, command);
  }

  function obey(live: LiveRun, actor: string, command: Command): void {
    switch (command.k) {
      case 'append':
        append(live, actor, command.event);
        return;
      case 'tell':
        tell(live, actor, command.own, command.to, command.event);
        return;
      case 'dispatch':
        dispatch(live, actor, command);
        return;
      case 'cancel': {
        const key = `${actor}/${attemptKey(command.item, command.node, command.attempt)}`;
        afterCommit.push(() => live.underway.get(key)?.controller.abort('cancelled'));
        return;
      }
      case 'timer': {
        const { event } = command;
        const key = `${live.id}/${actor}/${event.type}/${'item' in event ? `${event.item}:${event.node}` : ''}`;
        ports.timers.set(key, command.at, () => void submit(live.id, actor, event).catch(() => undefined));
        return;
      }
      case 'open': {
        const { pageSize, total } = command.opened;
        const pages = Array.from({ length: Math.ceil(total / pageSize) }, (_, page) => ports.values.put(JSON.stringify(command.rows.slice(page * pageSize, (page + 1) * pageSize))));
        append(live, actor, { ...command.opened, pages: ports.values.put(JSON.stringify(pages)) });
        return;
      }
      case 'settle': {
        const rows = command.rows.map((row) => (row.output === undefined ? row : { ...row, output: ports.values.settle(row.output) }));
        const page = ports.values.put(JSON.stringify(rows));
        tell(live, actor, { type: 'chunk.settled', page }, command.to, { ...command.report, page });
        return;
      }
      default:
        unreachable(command);
    }
  }

  function tell(live: LiveRun, actor: string, own: Event, to: string, event: Event): void {
    const seq = append(live, actor, own);
    append(live, to, { ...event, from: { actor, seq } });
  }

  function dispatch(live: LiveRun, actor: string, command: Dispatch): void {
    const key = `${actor}/${attemptKey(command.item, command.node, command.attempt)}`;
    const underway: Underway = { key, actor, dispatch: command, controller: new AbortController(), withdraw: null, permit: null, memo: null };
    live.underway.set(key, underway);
    const enter = (): void => {
      if (live.underway.get(key) !== underway) return;
      underway.withdraw = ports.pools.enter(command.pool, { run: live.id, grant: (permit) => granted(live, underway, permit) });
      schedule();
    };
    ports.attempts.reuse(live, underway, enter);
  }

  function granted(live: LiveRun, underway: Underway, permit: Permit): void {
    const { actor, key } = underway;
    const { item, node, attempt } = underway.dispatch;
    const state = live.actors.get(actor);
    underway.withdraw = null;
    if (live.underway.get(key) !== underway || live.held() || state === undefined || !isWanted(live.flow, state, item, node, attempt)) {
      if (live.underway.get(key) === underway) live.underway.delete(key);
      permit.release();
      return;
    }
    underway.permit = permit;
    const before = state.open.get(item)?.steps.get(node);
    const reason = before?.type === 'again' ? before.reason : 'first';
    append(live, actor, { type: 'attempt.started', item, node, attempt, handler: ports.attempts.handlerOf(underway.dispatch), key: underway.dispatch.key, reason });
    afterCommit.push(() => {
      permit.start(ports.now());
      ports.attempts.start(live, underway);
      wake();
    });
  }

  /** Whether something was granted, so that the reducer must be asked again. */
  function servePools(): boolean {
    const before = folded.length;
    const next = ports.pools.serve(ports.now());
    if (next !== null) ports.timers.set('pools', next, wake);
    return folded.length > before;
  }

  function wake(): void {
    schedule();
  }

  function submit(run: string, actor: string, event: Event, extras?: Extras): Promise<void> {
    const ack = Promise.withResolvers<void>();
    if (halted !== null) ack.reject(halted.error);
    else inbox.push({ run, actor, event, extras, ack });
    schedule();
    return ack.promise;
  }

  function reconsider(live: LiveRun): void {
    dirty.set(live, new Map([...live.actors.keys()].map((actor) => [actor, null])));
    schedule();
  }

  function withdraw(live: LiveRun): void {
    for (const [key, underway] of live.underway) {
      if (underway.permit !== null) continue;
      underway.withdraw?.();
      live.underway.delete(key);
    }
  }

  return { add: (run) => void runs.set(run.id, run), run: (id) => runs.get(id), runs: () => runs.values(), remove: (id) => void runs.delete(id), submit, reconsider, withdraw, wake, halt, written: () => written };
}

/** Whether the actor still waits for this result, so that it will not be dropped as late. */
function isAwaited(state: ActorState | undefined, event: Event): boolean {
  if (!('item' in event)) return false;
  const step = state?.open.get(event.item)?.steps.get(event.node);
  return event.type === 'attempt.succeeded' ? step?.type === 'running' && step.attempt === event.attempt : event.type === 'attempt.reused' && (step === undefined || step.type === 'again');
}

/** Puts the large values of an event where values are kept. */
function settleEvent(values: ValueStore, event: Event): Event {
  switch (event.type) {
    case 'attempt.succeeded':
    case 'attempt.reused':
    case 'step.settled':
      return { ...event, output: values.settle(event.output) };
    case 'run.settled':
      return event.output === null ? event : { ...event, output: values.settle(event.output) };
    case 'each.opened':
      return { ...event, env: Object.fromEntries(Object.entries(event.env).map(([name, carried]) => [name, values.settle(carried)])) };
    default:
      return event;
  }
}

