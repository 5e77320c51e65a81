/** Invariants 14 and 15: pools and their breakers, told from the journal alone. */

import type { BreakerStatus, EngineEvent, Limit } from '@scriptorium/core';
import type { Invariant, Played } from './invariant.ts';
import { Attempts, isOfStep, nodeOf, visitOf } from './trace.ts';
import type { Fact, RunTrace } from './trace.ts';

export const limits: Invariant = {
  number: 14,
  says: 'No more attempts of a pool are under way than its limit allows, nor start in any time; when nothing happens any more, no permit is out.',
  absent: { reducer: 'It has no pools.' },
  check: (played) => [...overdone(played), ...leaked(played)],
};

export const breakers: Invariant = {
  number: 15,
  says: 'A breaker opens after so many failures in a row, lets nothing through until its cool-down is over, then one call at a time; the next engine knows of it.',
  absent: { reducer: 'It has no pools.' },
  check: (played) => {
    if (played.history.level === 'reducer') return [];
    const hasJumped = played.history.observations.some(({ type }) => type === 'clock.jumped');
    return [...poolsOf(played).values()].flatMap(({ name, rows, limit }) => misjudged(name, rows, limit, hasJumped));
  },
};

/** A row about a pool: a fact of an attempt in it, or one of the engine. */
type PoolRow = { readonly fact: Fact; readonly counts: boolean } | { readonly engine: EngineEvent; readonly at: number };

interface PoolRows {
  readonly name: string;
  readonly limit: Limit;
  readonly rows: PoolRow[];
}

function poolsOf({ history: { rows }, runs }: Played): ReadonlyMap<string, PoolRows> {
  const pools = new Map<string, PoolRows>();
  const facts = new Map<number, { readonly fact: Fact; readonly trace: RunTrace; readonly counts: boolean }>();
  for (const trace of runs) {
    const attempts = new Attempts();
    for (const fact of trace.all)
      if (isOfStep(fact) && fact.event.type.startsWith('attempt.')) facts.set(fact.gseq, { fact, trace, counts: attempts.take(fact) });
    for (const [name, limit] of Object.entries(trace.flow.limits)) if (!pools.has(name)) pools.set(name, { name, limit, rows: [] });
    // What a fork has from its parent happened there.
    for (const { gseq } of trace.all.slice(0, trace.copied)) facts.delete(gseq);
  }
  for (const { gseq, at, event } of rows) {
    if ('pool' in event) pools.get(event.pool)?.rows.push({ engine: event, at });
    const known = facts.get(gseq);
    if (known === undefined || !isOfStep(known.fact)) continue;
    const pool = nodeOf(known.trace, known.fact.event.node)?.limit;
    if (pool !== undefined) pools.get(pool)?.rows.push(known);
  }
  return pools;
}

function overdone(played: Played): readonly string[] {
  if (played.history.level === 'reducer') return [];
  const hasJumped = played.history.observations.some(({ type }) => type === 'clock.jumped');
  return [...poolsOf(played).values()].flatMap(({ name, rows, limit: declared }) => {
    const wrong: string[] = [];
    const running = new Map<string, number>();
    const starts: { readonly at: number; readonly epoch: number }[] = [];
    let limit = declared;
    let isByHand = false;
    for (const row of rows) {
      if ('engine' in row) {
        // The latest flow that brings the pool says how wide it is, until somebody does by hand.
        if (row.engine.type === 'limit.changed') [limit, isByHand] = [row.engine.to, true];
        if (row.engine.type === 'limit.declared' && !isByHand) {
          if (JSON.stringify(row.engine.limit.rate) !== JSON.stringify(limit.rate)) starts.length = 0;
          limit = row.engine.limit;
        }
        continue;
      }
      const { fact, counts } = row;
      const key = isOfStep(fact) ? `${fact.run} ${visitOf(fact)}` : '';
      if (fact.event.type !== 'attempt.started') {
        if (counts) running.delete(key);
        continue;
      }
      // The next engine knows nothing of what ran in the one before.
      for (const [other, epoch] of running) if (epoch !== fact.epoch) running.delete(other);
      running.set(key, fact.epoch);
      if (limit.concurrent !== undefined && running.size > limit.concurrent)
        wrong.push(`${name} has ${running.size} attempts under way in row ${fact.gseq}, and room for ${limit.concurrent}`);
      const { rate } = limit;
      starts.push({ at: fact.at, epoch: fact.epoch });
      if (rate === undefined || hasJumped) continue;
      const recent = starts.filter((one) => one.epoch === fact.epoch && fact.at - one.at < rate.per).length;
      if (recent > rate.n + 1) wrong.push(`${name} starts ${recent} attempts within ${rate.per} ms, and may start ${rate.n}`);
    }
    return wrong;
  });
}

function leaked({ history: { observations } }: Played): readonly string[] {
  const last = observations.findLast(({ type }) => type === 'view.limits');
  if (last?.type !== 'view.limits' || !observations.some(({ type }) => type === 'quiet')) return [];
  return last.pools.filter(({ used }) => used > 0).map(({ pool, used }) => `${pool} has ${used} permits out when nothing happens any more`);
}

const ofService: ReadonlySet<string> = new Set(['io', 'timeout', 'rate_limited', 'overloaded']);

const next: { readonly [from in BreakerStatus['state']]: ReadonlySet<BreakerStatus['state']> } = {
  closed: new Set(['closed', 'open']),
  open: new Set(['half_open', 'closed']),
  half_open: new Set(['closed', 'open']),
};

/** A call that is under way, as the breaker of its pool sees it. */
interface Trial {
  readonly epoch: number;
  /** How often the breaker had changed its state when it started. */
  readonly era: number;
}

interface Judged {
  epoch: number;
  state: BreakerStatus['state'];
  era: number;
  /** In a row, of calls of this era. */
  failures: number;
  /** How many there were when a success began the count anew: what a breaker does is written after all that came with it. */
  cut: { readonly failures: number; readonly at: number };
  /** Whether a call of this era was answered. */
  isAnswered: boolean;
  /** So many may be under way at once; null for any. */
  width: number | null;
  readonly trials: Map<string, Trial>;
  until: number;
}

function misjudged(name: string, rows: readonly PoolRow[], { breaker: declared }: Limit, hasJumped: boolean): readonly string[] {
  let said = declared;
  const now: Judged = {
    epoch: 0,
    state: 'closed',
    era: 0,
    failures: 0,
    cut: { failures: 0, at: 0 },
    isAnswered: false,
    width: null,
    trials: new Map(),
    until: 0,
  };
  return rows.flatMap((row) => {
    if (!('engine' in row)) return misused(name, row.fact, now);
    if (row.engine.type === 'limit.declared') said = (row.engine.limit as Limit).breaker;
    if (said === undefined) [now.state, now.failures, now.width] = ['closed', 0, null];
    if (row.engine.type !== 'breaker.changed' || said === undefined) return [];
    const wrong = mischanged(name, row.engine, row.at, said, now, hasJumped);
    const { state, until, ramp } = row.engine;
    if (state !== now.state) [now.era, now.failures, now.isAnswered] = [now.era + 1, 0, false];
    [now.state, now.width, now.until] = [state, ramp, until ?? now.until];
    return wrong;
  });
}

/** So much later than a call has failed its breaker may be known to be open. */
const LATE_MS = 200;

function mischanged(
  name: string,
  { state: to, by, until }: Extract<EngineEvent, { type: 'breaker.changed' }>,
  at: number,
  said: NonNullable<Limit['breaker']>,
  { state, failures: own, cut, isAnswered, until: end }: Judged,
  hasJumped: boolean,
): readonly string[] {
  const wrong: string[] = [];
  const failures = cut.at === at ? Math.max(own, cut.failures) : own;
  if (!next[state].has(to) && by === null) wrong.push(`the breaker of ${name} goes from ${state} to ${to}`);
  if (to === 'open' && state === 'closed' && failures < said.failures)
    wrong.push(`the breaker of ${name} opens after ${failures} failures in a row, and not after ${said.failures}`);
  if (state === 'half_open' && by === null && to === 'closed' && !isAnswered)
    wrong.push(`the breaker of ${name} closes before a call was answered`);
  const cooldown = (until ?? 0) - at;
  if (to === 'open' && !hasJumped && (cooldown > said.cooldown || cooldown < said.cooldown - LATE_MS))
    wrong.push(`the breaker of ${name} is to be open for ${cooldown} ms, and not for ${said.cooldown} ms`);
  if (to === 'half_open' && at < end) wrong.push(`the breaker of ${name} tries ${end - at} ms before its cool-down is over`);
  return wrong;
}

function misused(name: string, fact: Fact, now: Judged): readonly string[] {
  const { event, epoch, gseq } = fact;
  // Only what a breaker has become outlives an engine, and not what it has counted since.
  if (epoch !== now.epoch) [now.epoch, now.failures, now.isAnswered] = [epoch, 0, false];
  const key = isOfStep(fact) ? `${fact.run} ${visitOf(fact)}` : '';
  if (event.type !== 'attempt.started') {
    const trial = now.trials.get(key);
    now.trials.delete(key);
    // What was granted before the breaker changed says nothing about the service as it is now.
    if (trial?.epoch !== epoch || trial.era !== now.era) return [];
    if (event.type === 'attempt.succeeded') {
      now.cut = { failures: now.failures, at: fact.at };
      [now.failures, now.isAnswered] = [0, true];
    }
    if (event.type === 'attempt.failed' && ofService.has(event.error.code)) now.failures += 1;
    return [];
  }
  const wrong: string[] = [];
  if (now.state === 'open') wrong.push(`row ${gseq} starts an attempt in ${name}, of which the breaker is open`);
  const underway = [...now.trials.values()].filter((trial) => trial.era === now.era && trial.epoch === epoch).length;
  if (now.state === 'closed' && underway >= (now.width ?? Number.POSITIVE_INFINITY))
    wrong.push(`row ${gseq} starts an attempt in ${name}, which lets no more than ${now.width} in after it was closed`);
  if (now.state === 'half_open' && underway > 0) wrong.push(`row ${gseq} is a second attempt to try ${name}`);
  now.trials.set(key, { epoch, era: now.era });
  return wrong;
}
