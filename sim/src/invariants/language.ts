/** What the page about the language says of a flow: how it may end, and in which order its steps begin. */

import type { Carried, Json } from '@scriptorium/core';
import { callName } from '@scriptorium/testing/model/oracle';
import { compare } from '@scriptorium/testing/model/given';
import { tooEarly } from '@scriptorium/testing/model/order';
import { catchesBroken } from '@scriptorium/testing/model/plan';
import type { History } from '../history.ts';
import type { Expected } from '../expected.ts';
import type { Invariant } from './invariant.ts';
import { Attempts, callKey, isOfStep, undoneBy, visitOf } from './trace.ts';
import type { Fact, RunTrace } from './trace.ts';

export const language: Invariant = {
  number: 0,
  says: 'A run ends in one of the ways that the page about the language allows, with results of calls that it makes, and no step begins before what it reads.',
  check: ({ history, expected, runs }) =>
    runs.flatMap((trace) => {
      const own = expected.find(({ flow }) => flow === trace.flow.name);
      return own === undefined ? [] : [...early(trace, own), ...unforeseen(history, trace, own)];
    }),
};

function early({ run, facts, copied }: RunTrace, { plan }: Expected): readonly string[] {
  return copied > 0 ? [] : tooEarly(plan, facts).map((what) => `${run}: ${what}`);
}

function unforeseen(history: History, trace: RunTrace, { plan, prediction, isPredictable }: Expected): readonly string[] {
  const { run, facts } = trace;
  const end = facts.findLast(({ event }) => event.type === 'run.settled')?.event;
  if (end?.type !== 'run.settled' || !isPredictable || isSetAside(facts)) return [];
  const isCancelled = facts.some(({ event }) => event.type === 'run.cancelling');
  const output = end.output === null ? null : valueOf(history, end.output);
  const outcome = { status: isCancelled ? 'cancelled' : end.status, output, error: end.error };
  const names = trace.copied > 0 || facts.some(({ event }) => event.type === 'attempt.reused') ? null : namesIn(history, trace);
  const wrong: string[] = [];
  try {
    compare(prediction, outcome, facts, names);
  } catch (error) {
    wrong.push(`${run}: ${(error as Error).message.replaceAll(/\s+/g, ' ').slice(0, 400)}`);
  }
  const isBroken = facts.some((fact) => fact.event.type === 'step.failed' && undoneBy(fact.event.node) !== null);
  if (isBroken && !catchesBroken(plan.body) && end.error?.code !== 'compensation_failed')
    wrong.push(`${run} ends ${end.status} with ${end.error?.code} although something could not be undone`);
  return wrong;
}

/** What ends its engine too often is set aside, whatever it would give. */
function isSetAside(facts: readonly Fact[]): boolean {
  return facts.some(
    ({ event }) =>
      (event.type === 'step.failed' || event.type === 'step.caught') &&
      (event.error.code === 'quarantined' || event.error.message.includes('quarantined')),
  );
}

function valueOf({ read }: History, output: Carried): Json {
  return 'v' in output ? output.v : (read(output.ref) as Json);
}

/** Results that counted, as the page names them. */
function namesIn({ observations }: History, { facts }: RunTrace): readonly string[] {
  const inputs = new Map(
    observations.flatMap((seen) => (seen.type === 'call.begun' ? [[`${seen.idempotencyKey} ${seen.attempt}`, seen] as const] : [])),
  );
  const failures = new Map<string, number>();
  const attempts = new Attempts();
  return facts.flatMap((fact) => {
    if (!isOfStep(fact)) return [];
    const { event } = fact;
    const visit = visitOf(fact);
    const counts = attempts.take(fact);
    if ((event.type !== 'attempt.succeeded' && event.type !== 'attempt.failed') || !counts) return [];
    const call = inputs.get(`${callKey(fact)} ${event.attempt}`);
    if (call?.uses !== 'model/work') return [];
    const { call: name, at, visit: number } = call.input as unknown as { call: string; at: readonly unknown[]; visit: number };
    const before = failures.get(visit) ?? 0;
    if (event.type === 'attempt.failed') failures.set(visit, before + 1);
    return [callName(name, at, number, before)];
  });
}
