/**
 * Applies a retention while the engine works: once an hour it judges which runs and messages may go, and removes them step
 * by step.
 *
 * Boundary: decides when, and how much at a time; which runs may go is for `retention.ts` to say, and how for `removing.ts`;
 * both of messages for `old-messages.ts`.
 *
 * 1. It works for some milliseconds between the steps of the kernel, and rests nine times as long as it worked.
 * 2. Nothing is removed while somebody copies or audits the store: it waits, and goes on afterwards.
 * 3. A run goes only with its tree, and only when nobody is at work on any run of it.
 * 4. Where it is cut off, the next one goes on: of the same engine or of another.
 */

import type { EngineEvent, Instant, Ms, Progress } from '@scriptorium/core';
import type { Upkeep } from '../journal/upkeep.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Holds } from './holds.ts';
import type { RemovalLock } from './removal-lock.ts';
import { finishRemoval, forgetRuns, removeRuns, UNSWEPT } from './removing.ts';
import type { Removal, Steps } from './removing.ts';
import { removeMessages } from './old-messages.ts';
import type { MessageRemoval } from './old-messages.ts';
import { ruleOf, rowsOf } from './judging.ts';
import type { Retention } from './judging.ts';
import { judge } from './retention.ts';
import { sweep } from './sweep.ts';
import type { Sweep } from './sweep.ts';

export interface KeeperPorts {
  readonly retention: Retention;
  readonly store: Upkeep;
  readonly clock: Clock;
  readonly now: () => Instant;
  readonly openLock: () => RemovalLock;
  readonly holds: Holds;
  /** Whether the engine is at work on a run that has ended. */
  readonly isBusy: (run: string) => boolean;
  readonly progressOf: (run: string) => Progress;
  readonly log: (event: Extract<EngineEvent, { type: 'store.pruned' }>) => void;
  readonly keepMailbox: MessageRemoval['keep'];
  /** Told of runs whose events are gone, and of values. */
  readonly forget: { readonly runs: (runs: readonly string[]) => void; readonly values: (values: readonly string[]) => void };
  readonly fault: (error: unknown) => void;
  readonly steps?: KeeperSteps | undefined;
}

/** How much goes in one step. */
export interface KeeperSteps {
  readonly removal: Steps;
  readonly sweep: Sweep['steps'];
}

export interface Keeper {
  readonly close: () => void;
}

const BY = 'retention';
/** In `meta`: when the last judgement was carried out. */
const KEPT_AT = 'kept_at';

const EVERY_MS: Ms = 3_600_000;
/** After an engine has opened: what it is asked for first comes first. */
const FIRST_MS: Ms = 300;
/** How long it works at a stretch, and the least that it rests. */
const PIECE_MS: Ms = 4;
const REST_MS: Ms = 20;
const REST_SHARE = 9;
/** Somebody reads the store in pieces. */
const LOCKED_MS: Ms = 1_000;
/** Runs that go in one removal: what of others refers to them is looked for once for all of them. */
const MOST_RUNS = 5_000;
const STEPS: KeeperSteps = { removal: { runs: 20, events: 400, rows: 1_000 }, sweep: { values: 10_000, rows: 1_000, removed: 200 } };

export function createKeeper(ports: KeeperPorts): Keeper {
  const { clock, fault } = ports;
  let lock: RemovalLock | null = null;
  let work: Generator<void> | null = null;
  let closed = false;
  let cancel = clock.after(FIRST_MS, wake);

  function wake(): void {
    if (closed) return;
    try {
      work ??= isDue(ports) ? round(ports) : null;
      if (work === null) return again(EVERY_MS);
      lock ??= ports.openLock();
      const began = clock.elapsed();
      if (!lock.alone(() => workOn(began))) return again(LOCKED_MS);
      again(work === null ? EVERY_MS : Math.max(REST_MS, (clock.elapsed() - began) * REST_SHARE));
    } catch (error) {
      closed = true;
      fault(error);
    }
  }

  function workOn(began: Ms): void {
    do if (work?.next().done === true) work = null;
    while (work !== null && clock.elapsed() - began < PIECE_MS);
  }

  function again(ms: Ms): void {
    if (!closed) cancel = clock.after(ms, wake);
  }

  return {
    close: () => {
      closed = true;
      cancel();
      lock?.close();
      lock = null;
    },
  };
}

/** A clock that was put back makes it due. */
function isDue({ store, now }: KeeperPorts): boolean {
  const at = metaOf(store, KEPT_AT);
  return at === null || at > now() || now() - at >= EVERY_MS;
}

function metaOf(store: Upkeep, key: string): number | null {
  return store.read((db) => (db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.['value'] as number | undefined) ?? null);
}

function* round(ports: KeeperPorts): Generator<void> {
  const { store, holds, now, forget, retention, steps = STEPS } = ports;
  const removal = removalOf(ports);
  yield* finishRemoval(removal);
  yield* removeMessages(messageRemovalOf(ports), forgottenBefore(ports));
  try {
    for (;;) {
      const leaving = yield* chosen(ports);
      if (leaving.length === 0) break;
      yield* removeRuns(removal, leaving);
      forget.runs(leaving);
      holds.left();
      if (leaving.length < MOST_RUNS) break;
    }
  } finally {
    holds.left();
  }
  if (retention.forgetMs !== null) yield* forgetRuns(removal, now() - retention.forgetMs);
  if (metaOf(store, UNSWEPT) !== null) yield* sweep({ store, gone: forget.values, flows: false, steps: steps.sweep });
  store.write((db) => db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(KEPT_AT, now()));
}

function removalOf({ store, progressOf, log, now, steps = STEPS }: KeeperPorts): Removal {
  return { store, progressOf, announce: (runs) => log({ type: 'store.pruned', runs, by: BY }), now, by: BY, steps: steps.removal };
}

function messageRemovalOf({ store, keepMailbox, log, steps = STEPS }: KeeperPorts): MessageRemoval {
  const announce: MessageRemoval['announce'] = (mailboxes) => log({ type: 'store.pruned', runs: [], mailboxes, by: BY });
  return { store, keep: keepMailbox, announce, rows: steps.removal.rows };
}

/** What nobody can ask for goes before any run where the store is too large. */
function forgottenBefore({ retention, store, now }: KeeperPorts): Instant {
  const { olderThanMs, excess } = ruleOf(store, retention);
  if (excess !== undefined) return now();
  return olderThanMs === null ? -Infinity : now() - olderThanMs;
}

/** Runs that go, and that nobody can begin anything on from here on; the oldest first. */
function* chosen(ports: KeeperPorts): Generator<void, readonly string[]> {
  const { retention, store, holds, isBusy, now } = ports;
  holds.look();
  const rows = yield* rowsOf(store);
  const { prune } = yield* judge(rows, ruleOf(store, retention), now());
  const leaving: string[] = [];
  for (const tree of prune.toReversed()) {
    const runs = tree.rows.map(({ run }) => run);
    if (!runs.some(isBusy) && holds.leave(runs)) leaving.push(...runs);
    if (leaving.length >= MOST_RUNS) break;
    yield;
  }
  return leaving;
}
