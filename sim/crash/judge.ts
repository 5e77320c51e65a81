/**
 * What must be true of a store when everything in it has ended, whatever happened to the processes that worked on it.
 * The judge is a process of its own and trusts nothing but what was written down outside of the store.
 *
 * 1. Each event that was told of is in the journal, unchanged and in its place; so is each acknowledged start, signal,
 *    answer, cancellation and result, and none of them twice.
 * 2. The chain is whole, epochs and the times of a run never go back, and a replaced engine wrote nothing.
 * 3. Every effect had its start in the journal before, an attempt had its effects once, and nothing that had completed
 *    was started again.
 * 4. At every event the counters conserve their total.
 * 5. Every run has ended as arithmetic says, with its report, and has left the same bytes as a run that was left alone.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { evolveProgress, showProgress, startProgress } from '@scriptorium/core';
import type { Carried, Json, Recorded, Tally } from '@scriptorium/core';
import { openJournal } from '@scriptorium/engine';
import type { Journal } from '@scriptorium/engine';
import { acknowledged, digestOf } from './acknowledgements.ts';
import type { Acknowledgement } from './acknowledgements.ts';
import type { Effect } from './handlers.ts';
import { outcomeOf, payersOf } from './program.ts';
import type { Program } from './program.ts';

export interface Judged {
  readonly programs: readonly Program[];
  readonly home: string;
  readonly out: string;
  readonly acknowledgements: string;
  readonly effects: string;
}

export interface Verdict {
  readonly acknowledged: number;
  /** Engines that have worked on the store. */
  readonly engines: number;
  /** What was acknowledged and is not there. */
  readonly lost: readonly string[];
  /** What was done again although it had completed. */
  readonly repeated: readonly string[];
  /** Whatever else is not as it should be. */
  readonly faults: readonly string[];
}

type EventsByRun = ReadonlyMap<string, readonly Recorded[]>;
type Run = NonNullable<ReturnType<Journal['run']>>;

/** Events that are read in one go. */
const PAGE = 2_000;

/** The files of an undisturbed run by their names, in which run ids are left out. */
export type Outputs = ReadonlyMap<string, string>;

export function judge(judged: Judged, expected: Outputs | null): Verdict {
  const journal = openJournal(join(judged.home, 'journal.db'));
  try {
    const told = acknowledged(judged.acknowledgements);
    const effects = acknowledged<Effect>(judged.effects);
    const { fault } = journal.verify();
    const events = [...eventsOf(journal)];
    const byRun = Map.groupBy(events, ({ run }) => run);
    const runs = journal.runs({ limit: 1_000_000 });
    const found = expected === null ? [] : differences(outputsOf(judged.out), expected);
    return {
      acknowledged: told.length,
      engines: journal.epoch - 1,
      lost: lossesIn(told, events, runs, journal),
      repeated: repetitionsIn(events, effects),
      faults: [
        ...(fault === null ? [] : [`the chain is broken: ${fault.message}`]),
        ...timesIn(events),
        ...imbalancesIn(byRun, runs, journal),
        ...judged.programs.flatMap((program) => endingOf(program, runs, byRun, journal)),
        ...runs.filter(({ endedAt }) => endedAt === null).map(({ run, status }) => `run ${run} has not ended: ${status}`),
        ...runs
          .filter(({ run, parent, options }) => parent === null && !existsSync(join(options.out, 'logs', run, 'report.json')))
          .map(({ run }) => `no report of run ${run}`),
        ...bookingsIn(effects, judged.programs),
        ...found.map((name) => `the output ${name} differs from that of an undisturbed run`),
      ],
    };
  } finally {
    journal.close();
  }
}

/** Nothing lost, nothing repeated, no fault. */
export function isClean({ lost, repeated, faults }: Verdict): boolean {
  return lost.length + repeated.length + faults.length === 0;
}

function* eventsOf(journal: Journal): Iterable<Recorded> {
  for (let next = 1; ;) {
    const page = journal.readFrom(next, PAGE) as readonly Recorded[];
    yield* page;
    if (page.length < PAGE) return;
    next = (page.at(-1)?.gseq ?? 0) + 1;
  }
}

function lossesIn(
  told: readonly Acknowledgement[],
  events: readonly Recorded[],
  runs: readonly Run[],
  journal: Journal,
): readonly string[] {
  const digests = new Map(events.map((recorded) => [recorded.gseq, digestOf(recorded)]));
  const byRun = new Map(runs.map((row) => [row.run, row]));
  const counts = Map.groupBy(
    events.flatMap(({ run, event }) => {
      if (event.type === 'signal.received') return [`signal ${event.id} of run ${run}`];
      if (event.type === 'wait.answered' && event.id !== undefined) return [`answer ${event.id} of run ${run}`];
      return event.type === 'run.cancelling' ? [`cancelling of run ${run}`] : [];
    }),
    (name) => name,
  );
  const once = (name: string): readonly string[] => {
    const times = counts.get(name)?.length ?? 0;
    return times === 1 ? [] : [`${name} is there ${times} times`];
  };
  return told.flatMap((one): readonly string[] => {
    switch (one.type) {
      case 'opened':
        return [];
      case 'started':
        return byRun.get(one.run)?.input['label'] === one.label ? [] : [`run ${one.run} of ${one.label}`];
      case 'signalled':
        return once(`signal ${one.id} of run ${one.run}`);
      case 'answered':
        return once(`answer ${one.id} of run ${one.run}`);
      case 'cancelled':
        return (counts.get(`cancelling of run ${one.run}`)?.length ?? 0) > 0 ? [] : [`cancelling of run ${one.run}`];
      case 'ended': {
        const row = byRun.get(one.run);
        const same = row?.status === one.status && isDeepStrictEqual(plain(journal, row.output), one.output);
        return same ? [] : [`the end of run ${one.run}: ${one.status}`];
      }
      case 'event':
        return digests.get(one.gseq) === one.digest ? [] : [`event ${one.gseq}`];
    }
  });
}

function plain(journal: Journal, carried: Carried | null): Json {
  if (carried === null) return null;
  return 'v' in carried ? carried.v : journal.json(carried.ref);
}

function repetitionsIn(events: readonly Recorded[], effects: readonly Effect[]): readonly string[] {
  const repeated: string[] = [];
  const journaled = new Set<string>();
  const done = new Set<string>();
  for (const { run, actor, event } of events) {
    if (event.type !== 'attempt.started' && event.type !== 'attempt.succeeded') continue;
    const call = `${run}:${actor}:${event.item}:${event.node}`;
    if (done.has(call)) repeated.push(`${event.type} of ${call}, attempt ${event.attempt}, after it had succeeded`);
    if (event.type === 'attempt.succeeded') done.add(call);
    else journaled.add(`${call} ${event.attempt}`);
  }
  const seen = new Set<string>();
  for (const { what, key, attempt } of effects) {
    if (what !== 'start' && what !== 'end') continue;
    const effect = `${key} ${attempt}`;
    if (!journaled.has(effect)) repeated.push(`an effect of ${effect}, which the journal knows nothing of`);
    if (seen.has(`${what} ${effect}`)) repeated.push(`${what} of ${effect} twice`);
    seen.add(`${what} ${effect}`);
  }
  return repeated;
}

function timesIn(events: readonly Recorded[]): readonly string[] {
  const latest = new Map<string, number>();
  return events.flatMap(({ gseq, run, at }) => {
    if (run === '') return [];
    const before = latest.get(run) ?? 0;
    latest.set(run, Math.max(before, at));
    return at < before ? [`event ${gseq} of run ${run} is ${before - at} ms before the one before it`] : [];
  });
}

function imbalancesIn(byRun: EventsByRun, runs: readonly Run[], journal: Journal): readonly string[] {
  const found: string[] = [];
  for (const { run, flow } of runs) {
    const definition = journal.flow(flow.hash);
    if (definition === null) {
      found.push(`the definition of run ${run} is missing`);
      continue;
    }
    let view = startProgress(definition);
    for (const recorded of byRun.get(run) ?? []) {
      view = evolveProgress(view, recorded);
      const { items, stages } = showProgress(view, recorded.at);
      for (const tally of [items, ...stages])
        if (sum(tally) !== tally.total)
          found.push(`the counters of run ${run} do not add up after event ${recorded.gseq}: ${JSON.stringify(tally)}`);
    }
  }
  return found;
}

function sum({ waiting, running, succeeded, failed, skipped, cancelled }: Tally): number {
  return waiting + running + succeeded + failed + skipped + cancelled;
}

function endingOf(program: Program, runs: readonly Run[], byRun: EventsByRun, journal: Journal): readonly string[] {
  const own = runs.filter(({ input, parent }) => parent === null && input['label'] === program.label);
  const [row] = own;
  if (row === undefined || own.length !== 1) return [`${program.label} has ${own.length} runs`];
  const outcome = outcomeOf(program);
  const output = plain(journal, row.output);
  const definition = journal.flow(row.flow.hash);
  const mine = byRun.get(row.run) ?? [];
  const items = definition === null ? null : showProgress(mine.reduce(evolveProgress, startProgress(definition)), row.endedAt ?? 0).items;
  const counted = items === null ? null : { total: items.total, succeeded: items.succeeded, failed: items.failed };
  const calledRuns = runs.filter(({ parent }) => parent?.run === row.run).length;
  const signals = mine.filter(({ event }) => event.type === 'signal.matched').length;
  const paid = payersOf(program).length;
  return [
    ...(row.status === outcome.status && isDeepStrictEqual(output, outcome.output)
      ? []
      : [
          `${program.label} ended ${row.status} with ${JSON.stringify(output)} ${JSON.stringify(row.error)}, not ${outcome.status} with ${JSON.stringify(outcome.output)}`,
        ]),
    ...(isDeepStrictEqual(counted, outcome.items)
      ? []
      : [`${program.label} counts ${JSON.stringify(counted)}, not ${JSON.stringify(outcome.items)}: ${failuresIn(mine)}`]),
    ...(calledRuns === outcome.calledRuns ? [] : [`${program.label} called ${calledRuns} runs, not ${outcome.calledRuns}`]),
    ...(signals === paid ? [] : [`${program.label} took ${signals} signals, not ${paid}`]),
  ];
}

/** Which steps failed, and of what. */
function failuresIn(events: readonly Recorded[]): string {
  return events
    .flatMap(({ event }) => (event.type === 'step.failed' ? [`${event.node} of item ${event.item} failed of ${event.error.code}`] : []))
    .join(', ');
}

/** What was booked by a run that came to nothing was taken back. */
function bookingsIn(effects: readonly Effect[], programs: readonly Program[]): readonly string[] {
  const undone = new Set(effects.filter(({ what }) => what === 'unbook').map(({ key }) => key));
  const booked = new Set(effects.filter(({ what }) => what === 'book').map(({ key }) => key));
  const known = new Set(
    programs.flatMap(({ kind, label, count }) => (kind === 'work' ? [] : Array.from({ length: count }, (_, n) => `${label} ${n}`))),
  );
  return [...known].flatMap((key) =>
    !booked.has(key) ? [`${key} was never booked`] : undone.has(key) ? [] : [`the booking of ${key} was not taken back`],
  );
}

/** Every file below the stages with the hash of its bytes, temporary ones too. */
export function outputsOf(out: string): Outputs {
  if (!existsSync(out)) return new Map();
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .filter((path) => !path.startsWith('logs/'))
    .toSorted();
  return new Map(
    files.map((path) => [
      path
        .split('/')
        .map((part, index) => (index === 1 ? '*' : part))
        .join('/'),
      createHash('sha256')
        .update(readFileSync(join(out, path)))
        .digest('hex'),
    ]),
  );
}

function differences(found: Outputs, expected: Outputs): readonly string[] {
  return [...new Set([...found.keys(), ...expected.keys()])].filter((name) => found.get(name) !== expected.get(name));
}
