/**
 * Invariant 24: the removal of old runs. All that was ever written is compared with what the store has of it: what is
 * missing must have been allowed to go when it went, by rules that are read from the journal here once more.
 */

import type { Observation } from '../history.ts';
import type { Lasting } from '../setting.ts';
import type { Invariant, Played } from './invariant.ts';
import type { RunTrace } from './trace.ts';

export const retention: Invariant = {
  number: 24,
  says: 'What is removed ended long enough ago, with its whole tree, is none of the newest, and nobody goes on from it; all else is as it was written, the chain verifies at every opening, and a removal that was cut off goes on.',
  absent: { reducer: 'It has no store.' },
  check: (played) => {
    const refused = played.history.observations.flatMap((seen) =>
      seen.type === 'client.refused' && (seen.code === 'fatal' || seen.code === 'damaged')
        ? [`${seen.act} of ${seen.run}: ${seen.code}`]
        : [],
    );
    const { lasting } = played;
    return lasting === null ? refused : [...refused, ...removedWrongly(new Age(played, lasting), played)];
  },
};

type Left = Extract<Observation, { type: 'store.left' }>;
type Seen = Extract<Observation, { type: 'store.seen' }>;

/** What the journal says of the ages and ties of runs. */
class Age {
  readonly lasting: Lasting;
  readonly runs: ReadonlyMap<string, RunTrace>;
  readonly #left = new Map<string, Left>();
  readonly #parents = new Map<string, string>();
  readonly #forkedFrom = new Map<string, string>();

  constructor({ history: { observations }, runs }: Played, lasting: Lasting) {
    this.lasting = lasting;
    this.runs = new Map(runs.map((trace) => [trace.run, trace]));
    for (const seen of observations) if (seen.type === 'store.left') this.#left.set(seen.run, seen);
    for (const { run, all } of runs)
      for (const { event } of all) {
        if (event.type === 'run.started' && event.parent !== undefined) this.#parents.set(run, event.parent.run);
        if (event.type !== 'run.forked') continue;
        this.#parents.delete(run);
        this.#forkedFrom.set(run, event.parent);
      }
  }

  leftOf(run: string): Left | undefined {
    return this.#left.get(run);
  }

  /** Whether its summary alone was to be kept by then. */
  isLeft(run: string, seen: Observation): boolean {
    const left = this.#left.get(run);
    return left !== undefined && (left === seen || left.mono < seen.mono || (left.mono === seen.mono && left.head <= seen.head));
  }

  topOf(run: string): string {
    const parent = this.#parents.get(run);
    return parent === undefined || !this.runs.has(parent) ? run : this.topOf(parent);
  }

  treeOf(run: string): readonly string[] {
    const top = this.topOf(run);
    return [...this.runs.keys()].filter((one) => this.topOf(one) === top);
  }

  forksOf(run: string): readonly string[] {
    return [...this.#forkedFrom].flatMap(([fork, from]) => (from === run ? [fork] : []));
  }

  /** When it ended, by what was durable with the event `head`; null for one that had not, or was taken back. */
  endOf(run: string, head: number): number | null {
    const last = this.runs.get(run)?.all.findLast(({ gseq, event }) => gseq <= head && turns.has(event.type));
    return last?.event.type === 'run.settled' ? last.at : null;
  }

  /** Its first event: runs are as new as that. */
  firstOf(run: string): number {
    return this.runs.get(run)?.all[0]?.gseq ?? 0;
  }

  lastOf(run: string): number {
    return this.runs.get(run)?.all.at(-1)?.gseq ?? 0;
  }

  /** So many trees of calls that somebody could still ask about are newer than that of the run. */
  newerThan(run: string, seen: Observation): number {
    const tops = new Set<string>();
    const newest = Math.max(...this.treeOf(run).map((one) => this.firstOf(one)));
    for (const other of this.runs.keys())
      if (this.firstOf(other) <= seen.head && this.firstOf(other) > newest && !this.isLeft(other, seen)) tops.add(this.topOf(other));
    return tops.size;
  }
}

const turns: ReadonlySet<string> = new Set(['run.settled', 'run.rolled_back', 'run.forked', 'run.started']);

function removedWrongly(age: Age, { history: { observations, rows } }: Played): readonly string[] {
  const wrong = observations.flatMap((seen, index): readonly string[] => {
    switch (seen.type) {
      case 'store.left':
        return leftTooEarly(age, seen).map((why) => `${seen.run} was removed at ${seen.mono} ms: ${why}`);
      case 'store.seen':
        return missing(age, seen, rows, observations.slice(0, index));
      case 'store.audited':
        return seen.findings.map((finding) => `the audit found: ${finding}`);
      case 'store.read':
        return seen.lost === 0 ? [] : [`${seen.lost} events went while somebody read the store`];
      case 'view.gone':
        return age.lasting.retention.forgetMs !== null && age.isLeft(seen.run, seen) ? [] : [`nobody knows ${seen.run} any more`];
      default:
        return [];
    }
  });
  return [...wrong, ...undone(age, observations)];
}

function leftTooEarly(age: Age, seen: Left): readonly string[] {
  const wrong = [...whyItStays(age, seen.run, seen)];
  for (const run of age.treeOf(seen.run)) {
    if (age.lastOf(run) > seen.head) wrong.push(`${run} of its tree goes on`);
    // A fork takes over what its parent did for as long as it can go on.
    for (const fork of age.forksOf(run)) {
      if (age.isLeft(fork, seen)) continue;
      if (age.firstOf(fork) > seen.head) wrong.push(`${fork} is forked from ${run} later`);
      else wrong.push(...whyItStays(age, fork, seen).map((why) => `${fork} is forked from ${run}, and ${why}`));
      if (age.lastOf(fork) > seen.head) wrong.push(`${fork}, forked from ${run}, goes on later`);
    }
  }
  return wrong;
}

/** Why the tree of a run is not to go at that moment, whoever was forked from it. */
function whyItStays(age: Age, of: string, seen: Observation): readonly string[] {
  const { keepMs, newest, bytes } = age.lasting.retention;
  const why = age.treeOf(of).flatMap((run): readonly string[] => {
    if (age.firstOf(run) > seen.head) return [];
    const end = age.endOf(run, seen.head);
    if (end === null) return [`${run} has not ended`];
    const isYoung = bytes === null && (keepMs === null || end > seen.at - keepMs);
    return isYoung ? [`${run} ended ${seen.at - end} ms ago`] : [];
  });
  return age.newerThan(of, seen) < newest ? [...why, `${of} is one of the newest ${newest}`] : why;
}

function missing(age: Age, seen: Seen, rows: Played['history']['rows'], before: readonly Observation[]): readonly string[] {
  const { forgetMs } = age.lasting.retention;
  const wrong = seen.altered.map((what) => `${what} is not what was written`);
  if (seen.fault !== null) wrong.push(`the chain does not verify: ${seen.fault}`);
  const written = new Map<string, number>();
  for (const { gseq, run } of rows) if (gseq <= seen.head) written.set(run, (written.get(run) ?? 0) + 1);
  const left = new Set(before.flatMap((one) => (one.type === 'store.left' ? [one.run] : [])));
  for (const [run, count] of written) {
    const there = seen.counts[run] ?? 0;
    if (there > count || (there < count && !left.has(run))) wrong.push(`${there} of the ${count} events of ${run} are there`);
    if (run === '' || seen.known.includes(run)) continue;
    const end = age.endOf(run, seen.head);
    if (!left.has(run) || forgetMs === null || end === null || end > seen.at - forgetMs) wrong.push(`${run} is forgotten`);
  }
  return wrong;
}

/** Time enough for what happens every hour, and for who was in its way. */
const LATE_MS = 3 * 3_600_000;

/** What should have gone by the end, and is there. */
function undone(age: Age, observations: readonly Observation[]): readonly string[] {
  const seen = observations.findLast((one): one is Seen => one.type === 'store.seen');
  const {
    retention: { keepMs, newest, forgetMs },
  } = age.lasting;
  if (seen === undefined || !observations.some(({ type }) => type === 'quiet')) return [];
  const due = { ...seen, at: seen.at - LATE_MS, mono: seen.mono - LATE_MS };
  const lately = observations.some((one) => one.type === 'store.left' && one.mono > due.mono);
  const unnamed = lately || seen.unnamed.length === 0 ? [] : [`${seen.unnamed.length} values are there that nothing has the name of`];
  const runs = [...age.runs.keys()].flatMap((run) => {
    const tree = age.treeOf(run);
    const ends = tree.map((one) => age.endOf(one, seen.head));
    const left = age.leftOf(run);
    if (left !== undefined) {
      if (left.mono > due.mono) return [];
      if ((seen.counts[run] ?? 0) > 0) return [`of ${run}, which was removed at ${left.mono} ms, ${seen.counts[run]} events are there`];
      const isPast = forgetMs !== null && (age.endOf(run, seen.head) ?? seen.at) <= due.at - forgetMs;
      return isPast && seen.known.includes(run) ? [`${run} is not forgotten`] : [];
    }
    const isOld = keepMs !== null && ends.every((end) => end !== null && end <= due.at - keepMs);
    const isTied = tree.some((one) => age.forksOf(one).length > 0);
    return isOld && !isTied && age.newerThan(run, seen) >= newest && !isNewLately(age, run, seen, due) ? [`${run} is still there`] : [];
  });
  return [...runs, ...unnamed];
}

/** Whether a newer run began only just now. */
function isNewLately(age: Age, run: string, seen: Observation, due: Observation): boolean {
  return age.newerThan(run, seen) !== age.newerThan(run, due);
}
