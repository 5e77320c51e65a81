/** Invariants 8, 10 and 11: attempts, the effects that they have, and when they are made again. */

import type { Failure, Retry } from '@scriptorium/core';
import type { Observation } from '../history.ts';
import type { Invariant, Played } from './invariant.ts';
import { Attempts, callKey, isInside, isOfStep, nodeOf, undoneBy, visitOf } from './trace.ts';
import type { RunTrace, StepRow } from './trace.ts';

export const attempts: Invariant = {
  number: 8,
  says: 'The attempts of a call are numbered from 1; each starts after the end of the one before, and only when a retry policy, or what it was lost to, allows it.',
  check: ({ runs }) => runs.flatMap((trace) => [...triesOf(trace).values()].flatMap((tries) => wrongIn(trace, tries))),
};

export const backOff: Invariant = {
  number: 11,
  says: 'A retry starts no earlier than its policy says, none after its time is over, and none for an error that no policy covers.',
  check: (played) =>
    played.runs.flatMap((trace) =>
      [...triesOf(trace).values()].flatMap((tries) => mistimed(trace, tries, !trace.isMigrated && isUndisturbed(played))),
    ),
};

/** Rows about the attempts of each call, in order. */
function triesOf(trace: RunTrace): ReadonlyMap<string, readonly StepRow[]> {
  const calls = new Map<string, StepRow[]>();
  const series = new Map<string, string[]>();
  const attempts = new Attempts();
  for (const fact of trace.facts) {
    if (!isOfStep(fact)) continue;
    const { event } = fact;
    // Compensations are numbered anew in every series; several of one item, beside each other, undo different calls.
    const begun = series.get(`${fact.actor} ${event.item}`) ?? [];
    if (event.type === 'compensation.begun') series.set(`${fact.actor} ${event.item}`, [...begun, event.node]);
    if (event.type.startsWith('attempt.') && event.type !== 'attempt.reused' && !attempts.take(fact)) continue;
    if (!event.type.startsWith('attempt.') && !event.type.startsWith('retry.') && !decisions.has(event.type)) continue;
    const undone = undoneBy(event.node);
    const key = `${visitOf(fact)} ${undone === null ? '' : begun.filter((scope) => isInside(undone, scope)).length}`;
    const own = calls.get(key);
    if (own === undefined) calls.set(key, [fact]);
    else own.push(fact);
  }
  return calls;
}

const decisions: ReadonlySet<string> = new Set(['step.failed', 'step.caught', 'step.cancelled']);

interface Try {
  readonly attempt: number;
  failures: number;
  running: boolean;
  /** Of the last attempt that failed, until the next one starts. */
  failed: StepRow | null;
  lost: string | null;
  /** How often it ended its engine or worker: its share of each end, where several calls were at work. */
  readonly ends: number;
}

/** What has ended its engine or worker more often is set aside. */
const MOST_ENDS = 3;

function wrongIn({ run, nodes }: RunTrace, rows: readonly StepRow[]): readonly string[] {
  const wrong: string[] = [];
  let now: Try = { attempt: 0, failures: 0, running: false, failed: null, lost: null, ends: 0 };
  const [first] = rows;
  const node = first === undefined ? undefined : nodeOf({ nodes } as RunTrace, first.event.node);
  if (first === undefined || node?.do.k !== 'call') return [];
  const what = `${run} ${visitOf(first)}`;
  for (const { event } of rows) {
    switch (event.type) {
      case 'attempt.started': {
        if (event.attempt !== now.attempt + 1) wrong.push(`attempt ${event.attempt} of ${what} comes after ${now.attempt}`);
        if (now.running) wrong.push(`attempt ${event.attempt} of ${what} started while the one before was running`);
        if (now.ends > MOST_ENDS) wrong.push(`attempt ${event.attempt} of ${what} comes after ${now.ends} ends of who worked for it`);
        const wanted = now.failed === null ? (now.lost ?? 'first') : 'retry';
        if (event.reason !== wanted && now.attempt > 0)
          wrong.push(`attempt ${event.attempt} of ${what} says ${event.reason} for ${wanted}`);
        if (now.failed !== null && !mayRetry(node.retry, errorOf(now.failed), now.failures))
          wrong.push(`attempt ${event.attempt} of ${what} is one more than its policies allow after ${errorOf(now.failed).code}`);
        now = { ...now, attempt: event.attempt, running: true, failed: null, lost: null };
        break;
      }
      case 'attempt.failed':
        now = { ...now, attempt: event.attempt, running: false, failures: now.failures + 1, failed: { event } as StepRow };
        break;
      case 'attempt.succeeded':
        now = { ...now, running: false, lost: null };
        break;
      case 'attempt.continued':
        now = { ...now, running: false, lost: 'continued' };
        break;
      case 'attempt.lost': {
        const isEnd = event.reason === 'engine' || event.reason === 'worker';
        now = { ...now, running: false, lost: lostTo(event.reason), ends: now.ends + (isEnd ? 1 / event.among : 0) };
        break;
      }
      case 'step.failed':
      case 'step.caught':
        if (now.failed !== null && now.lost === null && isEager(node.retry, errorOf(now.failed), now.failures, event.error))
          wrong.push(`${what} was given up although its policies allow one more attempt after ${event.error.code}`);
        break;
      default:
        break;
    }
  }
  return wrong;
}

function lostTo(reason: string): string | null {
  return reason === 'engine' ? 'engine_ended' : reason === 'worker' ? 'worker_ended' : reason;
}

function errorOf({ event }: StepRow): Failure {
  return event.type === 'attempt.failed' ? event.error : { code: '', message: '' };
}

/** Without codes a policy covers what passes by itself: a page of the manual lists those codes. */
const transient: ReadonlySet<string> = new Set(['io', 'timeout', 'rate_limited', 'overloaded', 'lost']);

function covers({ errors }: Retry, code: string): boolean {
  if (errors.length === 0) return transient.has(code);
  return errors.some((name) => name === '*' || name === code || (name.endsWith('.*') && code.startsWith(name.slice(0, -1))));
}

function mayRetry(retry: readonly Retry[], { code }: Failure, failures: number): boolean {
  const policy = retry.find((one) => covers(one, code));
  return policy !== undefined && failures <= policy.max;
}

/** Whether it fails with the very error that a policy would have tried again. */
function isEager(retry: readonly Retry[], error: Failure, failures: number, given: Failure): boolean {
  const policy = retry.find((one) => covers(one, error.code));
  return given.code === error.code && policy !== undefined && policy.within === undefined && failures <= policy.max;
}

/** So much may be added to a delay, as a share of it. */
const JITTER = 0.2;
const SLACK_MS = 200;

function mistimed({ run, nodes }: RunTrace, rows: readonly StepRow[], isCalm: boolean): readonly string[] {
  const wrong: string[] = [];
  const [first] = rows;
  const node = first === undefined ? undefined : nodeOf({ nodes } as RunTrace, first.event.node);
  if (first === undefined || node?.do.k !== 'call') return [];
  const what = `${run} ${visitOf(first)}`;
  let failures = 0;
  let failed: StepRow | null = null;
  let since: number | null = null;
  for (const row of rows) {
    const { event, at } = row;
    if (event.type === 'attempt.failed') {
      failures += 1;
      failed = row;
      since ??= at;
    }
    if (event.type === 'attempt.started') since ??= at;
    if (failed === null || (event.type !== 'attempt.started' && event.type !== 'retry.due')) continue;
    const { code, retryAfterMs = 0 } = errorOf(failed);
    const policy = node.retry.find((one) => covers(one, code));
    if (policy === undefined) {
      wrong.push(`${what} is tried again after ${code}, which no policy covers`);
      continue;
    }
    const base = Math.min(policy.cap, policy.delay * policy.factor ** (failures - 1));
    const waited = at - failed.at;
    const least = Math.max(base, retryAfterMs);
    if (waited < Math.floor(least)) wrong.push(`${event.type} of ${what} comes ${waited} ms after its failure, and not ${least} ms`);
    const most = Math.max(base * (1 + JITTER), retryAfterMs) + SLACK_MS;
    if (isCalm && event.type === 'retry.due' && waited > most)
      wrong.push(`retry.due of ${what} comes ${waited} ms after its failure, and not within ${most} ms`);
    if (policy.within !== undefined && event.type === 'attempt.started' && event.reason === 'retry' && at > (since ?? at) + policy.within)
      wrong.push(`${what} is tried again ${at - (since ?? at)} ms after its first attempt, and not within ${policy.within} ms`);
    if (event.type === 'attempt.started') failed = null;
  }
  return wrong;
}

/** Whether nothing held anything up: no end of an engine, no pause, no jump of the clock, no other run or definition. */
export function isUndisturbed({ history: { observations }, runs }: Played): boolean {
  const isHeld = runs.some(({ all }) => all.some(({ event }) => holdUps.has(event.type)));
  return !isHeld && !observations.some(({ type }) => type === 'engine.crashed' || type === 'engine.halted' || type === 'clock.jumped');
}

const holdUps: ReadonlySet<string> = new Set(['run.paused', 'run.interrupted', 'run.rolled_back', 'run.forked', 'run.migrated']);

export const effects: Invariant = {
  number: 10,
  says: 'Each result in the journal was given by a call, no attempt calls twice, and no call is made more often than it was started.',
  check: ({ history: { observations, level }, runs }) => {
    const begun = new Map<string, number>();
    const given = new Set<string>();
    for (const seen of observations) {
      if (seen.type === 'call.begun') begun.set(keyOf(seen), (begun.get(keyOf(seen)) ?? 0) + 1);
      if (seen.type === 'call.ended' && seen.result.type === 'ok') given.add(`${keyOf(seen)} ${JSON.stringify(seen.result.output)}`);
    }
    const started = new Map<string, number>();
    const wrong: string[] = [];
    for (const { all, copied } of runs)
      for (const fact of all.slice(copied)) {
        if (!isOfStep(fact)) continue;
        const { event } = fact;
        if (event.type === 'attempt.started' && event.child === undefined) {
          const key = `${callKey(fact)} ${event.attempt}`;
          started.set(key, (started.get(key) ?? 0) + 1);
        }
        if (event.type !== 'attempt.succeeded' || !('v' in event.output)) continue;
        const key = `${callKey(fact)} ${event.attempt}`;
        const isCall = level === 'reducer' || begun.has(key);
        if (isCall && !given.has(`${key} ${JSON.stringify(event.output.v)}`)) wrong.push(`nobody gave what ${key} is said to have given`);
      }
    for (const [key, times] of begun)
      if (times > (started.get(key) ?? 0)) wrong.push(`${key} was called ${times} times and started ${started.get(key) ?? 0} times`);
    return wrong;
  },
};

function keyOf({ idempotencyKey, attempt }: Extract<Observation, { type: 'call.begun' | 'call.ended' }>): string {
  return `${idempotencyKey} ${attempt}`;
}
