/** Rare situations that a long enough simulation must have been in: a simulator that never gets there proves nothing about them. */

import type { Event, PostEvent } from '@scriptorium/core';
import type { History, Level, Observation, Row } from './history.ts';
import type { Played } from './invariants/invariant.ts';
import { Attempts, isOfStep, isRollback, undoneBy, visitOf } from './invariants/trace.ts';
import type { Fact, RunTrace } from './invariants/trace.ts';

export interface Situation {
  readonly name: string;
  readonly levels: readonly Level[];
  readonly happened: (played: Played) => boolean;
}

const both: readonly Level[] = ['reducer', 'engine'];

function sometimes(name: string, happened: (played: Played) => boolean, levels: readonly Level[] = both): Situation {
  return { name, levels, happened };
}

/** For one that a single run shows. */
function inRun(name: string, happened: (trace: RunTrace) => boolean, levels: readonly Level[] = both): Situation {
  return sometimes(name, ({ runs }) => runs.some(happened), levels);
}

function has(facts: readonly Fact[], type: Event['type']): boolean {
  return facts.some(({ event }) => event.type === type);
}

/** Whether the second comes after the first. */
function inOrder(facts: readonly Fact[], first: (fact: Fact) => boolean, second: (fact: Fact) => boolean): boolean {
  const from = facts.findIndex(first);
  return from !== -1 && facts.slice(from + 1).some(second);
}

const is =
  (...types: readonly Event['type'][]) =>
  ({ event }: Fact): boolean =>
    types.includes(event.type);

export const situations: readonly Situation[] = [
  inRun('a result comes for an attempt that was given up', (trace) => lateResults(trace) > 0, ['reducer']),
  sometimes(
    'a late result of a given-up attempt arrives after a takeover',
    ({ history: { observations }, runs }) =>
      observations.some((seen) => seen.type === 'engine.crashed' && seen.why === 'takeover') &&
      runs.some((trace) => lateResults(trace) > 0),
    ['reducer'],
  ),
  sometimes('a commit that failed was written all the same', ({ history }) =>
    history.commits.some(({ outcome }) => outcome === 'unknown_written'),
  ),
  sometimes('a commit that failed was lost', ({ history }) => history.commits.some(({ outcome }) => outcome === 'unknown_lost')),
  sometimes('an engine ends before the first commit', ({ history }) => history.commits[0]?.outcome === 'refused', ['reducer']),
  sometimes('three engines work on one journal', ({ history }) => (history.rows.at(-1)?.epoch ?? 0) >= 3),
  inRun('an attempt is lost with its engine and made again', ({ facts }) =>
    facts.some(({ event }) => event.type === 'attempt.started' && event.reason === 'engine_ended'),
  ),
  inRun('an attempt is lost with its worker', ({ facts }) =>
    facts.some(({ event }) => event.type === 'attempt.lost' && event.reason === 'worker'),
  ),
  inRun('a step is set aside after too many ends', ({ facts }) =>
    facts.some(({ event }) => event.type === 'step.failed' && event.error.code === 'quarantined'),
  ),
  inRun('a signal comes before anybody waits for it', ({ facts }) => inOrder(facts, is('signal.received'), is('signal.awaited'))),
  inRun('a signal is handed back', ({ facts }) => has(facts, 'signal.returned'), ['reducer']),
  sometimes('a signal is sent again', ({ history }) =>
    history.observations.some((seen) => seen.type === 'client.acked' && seen.act === 'signal' && seen.already),
  ),
  inRun('a signal leads out of a state in which something runs', ({ facts }) =>
    inOrder(facts, is('state.signalled'), ({ event }) => event.type === 'attempt.lost' && event.reason === 'cancelled'),
  ),
  inRun('a wait ends twice', waitsEndTwice, ['reducer']),
  inRun('a scope takes too long', ({ facts }) => facts.some(({ event }) => event.type === 'step.timed_out')),
  inRun('a compensation is lost and made again', ({ facts }) =>
    facts.some(
      ({ event }) => event.type === 'attempt.started' && undoneBy(event.node) !== null && event.attempt > 1 && event.reason !== 'retry',
    ),
  ),
  inRun('a compensation fails', ({ facts }) => facts.some(({ event }) => event.type === 'attempt.failed' && undoneBy(event.node) !== null)),
  inRun('a run is cancelled while it undoes', ({ facts }) => inOrder(facts, is('compensation.begun'), is('run.cancelling'))),
  inRun('several steps are undone one after another', ({ facts }) =>
    facts.some(({ event }) => event.type === 'compensation.begun' && event.total >= 3),
  ),
  inRun('an `each` has enough while items are open', ({ facts }) => inOrder(facts, is('step.ended'), is('chunk.recalled'))),
  inRun('an `each` has more items than a chunk holds', ({ facts }) =>
    facts.some(({ event }) => event.type === 'chunk.spawned' && event.chunk > 0),
  ),
  inRun('an `each` in an item of an `each`', ({ facts }) =>
    facts.some(({ actor }) => actor.split('/0:').length > 2 || actor.split(':').length > 3),
  ),
  inRun('a failure leads to another state', ({ facts }) =>
    facts.some((fact) => fact.event.type === 'step.caught' && fact.iteration !== ''),
  ),
  inRun('a state is entered too often', ({ facts }) =>
    facts.some(({ event }) => (event.type === 'step.failed' || event.type === 'step.caught') && event.error.code === 'loop.exceeded'),
  ),
  inRun('the time for retries is over', ({ facts }) => has(facts, 'retry.expired')),
  inRun('a run is paused while attempts are under way', pausedAtWork),
  inRun('a run is taken back', ({ all }) => all.some(({ event }) => isRollback(event))),
  inRun('a run is taken back over the beginning of a chunk', ({ all }) =>
    all.some(({ event, actor }) => event.type === 'actor.rolled_back' && event.to === 0 && actor !== 'root'),
  ),
  inRun('a run is taken back after its end', ({ all }) => inOrder(all, is('run.settled'), is('run.rolled_back'))),
  inRun('a fork shares much of its parent’s history', ({ copied }) => copied > 10),
  inRun('a run moves to another definition while items are open', ({ all }) => all.some(({ event }) => event.type === 'actor.migrated')),
  sometimes('the wall clock goes back', ({ history }) =>
    history.observations.some((seen) => seen.type === 'clock.jumped' && seen.byMs < 0),
  ),
  sometimes(
    'the wall clock leaps over a deadline',
    ({ history: { observations }, runs }) =>
      observations.some((seen) => seen.type === 'clock.jumped' && seen.byMs > 0) && runs.some(({ facts }) => has(facts, 'step.timed_out')),
  ),
  sometimes('the disk is full', ({ history: { observations } }) => observations.some((seen) => seen.type === 'engine.halted'), ['engine']),
  sometimes(
    'a breaker opens',
    ({ history: { rows } }) => rows.some(({ event }) => event.type === 'breaker.changed' && event.state === 'open'),
    ['engine'],
  ),
  sometimes(
    'a breaker tries whether the service answers',
    ({ history: { rows } }) => rows.some(({ event }) => event.type === 'breaker.changed' && event.state === 'half_open'),
    ['engine'],
  ),
  inRun(
    'a pool refuses an attempt',
    ({ facts }) => facts.some(({ event }) => event.type === 'attempt.failed' && event.error.code === 'limit.open'),
    ['engine'],
  ),
  inRun(
    'a budget is used up',
    ({ facts }) => facts.some(({ event }) => event.type === 'attempt.failed' && event.error.code === 'budget.exceeded'),
    ['engine'],
  ),
  inRun('an earlier result is taken over', ({ facts }) => has(facts, 'attempt.reused'), ['engine']),
  inPost('a message is given out again', (events) => events.some(({ type }) => type === 'message.released')),
  inPost('a message is dead after its deliveries', (events) => events.some(({ type }) => type === 'message.died')),
  inPost('a dead letter is given out again', (events) => events.some(({ type }) => type === 'message.revived')),
  inPost('a message is published to several mailboxes', (events) => {
    const published = events.flatMap((event) => (event.type === 'message.sent' && event.header.topic !== null ? [event.header.id] : []));
    return new Set(published).size < published.length;
  }),
  ...(['answered', 'refused', 'returned', 'expired'] as const).map((outcome) =>
    inPost(`somebody asked, and it was ${outcome}`, (events) => {
      const asked = events.flatMap((event) => (event.type === 'message.sent' && event.header.type === 'request' ? [event.header.id] : []));
      return events.some((event) => event.type === 'message.settled' && event.outcome === outcome && asked.includes(event.id));
    }),
  ),
  sometimes(
    'a message is sent again',
    ({ history }) => history.observations.some((seen) => seen.type === 'client.acked' && seen.act === 'send' && seen.already),
    ['engine'],
  ),
  inRun(
    'a mailbox is full',
    ({ facts }) =>
      facts.some(
        ({ event }) => event.type === 'attempt.failed' && event.error.code === 'overloaded' && event.error.message.includes('mailbox'),
      ),
    ['engine'],
  ),
  ofStore('old runs are removed', (seen) => seen.some(({ type }) => type === 'store.left')),
  ofStore('an engine ends while it removes old runs', (seen) =>
    seen.some((one, index) => one.type === 'store.seen' && isCutOff(one, seen.slice(0, index))),
  ),
  ofStore('a removed run is forgotten', (seen) => seen.some(({ type }) => type === 'view.gone')),
  ofStore('somebody reads the store while old runs would go', (seen) => seen.some(({ type }) => type === 'store.read')),
  ofStore('a fork keeps what it was forked from', (seen, { runs }) =>
    runs.some(({ all }) =>
      all.some(({ event }) => event.type === 'run.forked' && !seen.some((one) => one.type === 'store.left' && one.run === event.parent)),
    ),
  ),
  ofStore('somebody asks for what is being removed', (seen) =>
    seen.some(
      (one) => one.type === 'client.refused' && one.code === 'not_found' && ['fork', 'rollback', 'report', 'results'].includes(one.act),
    ),
  ),
  ofStore('something is to begin on what leaves', (seen) =>
    seen.some(
      (one, index) =>
        one.type === 'client.refused' &&
        one.code === 'not_found' &&
        ['fork', 'rollback'].includes(one.act) &&
        seen.slice(0, index).every((before) => before.type !== 'store.left' || before.run !== one.run),
    ),
  ),
  ofStore('a value is named while values are swept', (seen) => seen.some(({ type }) => type === 'store.named')),
  sometimes('an engine ends while somebody has a message', ({ history: { rows } }) => rows.some((row) => isLeftTaken(rows, row)), [
    'engine',
  ]),
];

function inPost(name: string, happened: (events: readonly PostEvent[]) => boolean): Situation {
  const events = ({ rows }: History): readonly PostEvent[] =>
    rows.flatMap(({ actor, event }) => (actor.startsWith('mailbox:') ? [event as PostEvent] : []));
  return sometimes(name, ({ history }) => happened(events(history)), ['engine']);
}

function ofStore(name: string, happened: (seen: readonly Observation[], played: Played) => boolean): Situation {
  return sometimes(name, (played) => played.lasting !== null && happened(played.history.observations, played), ['engine']);
}

/** Whether some events of a run are there of which the others have gone. */
function isCutOff({ counts }: Extract<Observation, { type: 'store.seen' }>, before: readonly Observation[]): boolean {
  return before.some((one) => one.type === 'store.left' && (counts[one.run] ?? 0) > 0);
}

function isLeftTaken(rows: History['rows'], { epoch, event: taken }: Row): boolean {
  if (taken.type !== 'message.taken') return false;
  return rows.some(({ event, epoch: later }) => later > epoch && event.type === 'message.settled' && event.id === taken.id);
}

function lateResults({ facts }: RunTrace): number {
  const attempts = new Attempts();
  let late = 0;
  for (const fact of facts) {
    if (!isOfStep(fact) || !fact.event.type.startsWith('attempt.')) continue;
    const counts = attempts.take(fact);
    if (!counts && (fact.event.type === 'attempt.succeeded' || fact.event.type === 'attempt.failed')) late += 1;
  }
  return late;
}

const waitEnds: ReadonlySet<string> = new Set(['wait.over', 'wait.answered', 'step.timed_out']);

function waitsEndTwice({ facts }: RunTrace): boolean {
  const ended = new Set<string>();
  return facts.some((fact) => {
    if (!isOfStep(fact) || !waitEnds.has(fact.event.type)) return false;
    const visit = visitOf(fact);
    if (ended.has(visit)) return true;
    ended.add(visit);
    return false;
  });
}

function pausedAtWork({ facts }: RunTrace): boolean {
  const attempts = new Set<string>();
  return facts.some((fact) => {
    if (fact.event.type === 'run.paused') return attempts.size > 0;
    if (!isOfStep(fact)) return false;
    if (fact.event.type === 'attempt.started') attempts.add(visitOf(fact));
    else if (fact.event.type.startsWith('attempt.')) attempts.delete(visitOf(fact));
    return false;
  });
}
