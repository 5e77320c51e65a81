/**
 * Scenarios in which runs and people send messages to one another: few mailboxes, full and patient ones, readers that
 * fail, go away or say nothing, and people who send again what they are not sure of. They are scenarios as all others
 * are, and shrink as those do.
 */

import fc from 'fast-check';
import type { Story } from './story.ts';
import type { Fault } from './setting.ts';

export interface PostPlan {
  readonly boxes: readonly BoxPlan[];
  readonly parties: readonly Party[];
  readonly acts: readonly PostAct[];
}

export interface BoxPlan {
  readonly capacity: number;
  readonly deliveries: number;
  /** Refuses numbers above {@link ACCEPTED}. */
  readonly isPicky: boolean;
  readonly isSubscribed: boolean;
}

/** A run that reads, or one that says something. `box` is taken modulo what there is. */
export type Party = Reader | Sender;

interface Reader {
  readonly does: 'read';
  readonly atMs: number;
  readonly box: number;
  readonly readers: number;
  /** Messages that each takes at most. */
  readonly rounds: number;
  /** How long it waits for the next one; null for as long as it takes. */
  readonly patienceMs: number | null;
  /** Whether a letter that cannot be worked on ends the run, and not only the letter's work. */
  readonly isFragile: boolean;
}

interface Sender {
  readonly does: 'send' | 'ask' | 'publish';
  readonly atMs: number;
  readonly box: number;
  readonly workers: number;
  readonly letters: readonly Letter[];
}

export interface Letter {
  readonly n: number;
  /** Letters with one key are worked on one after the other; 0 for none. */
  readonly key: number;
  readonly priority: number;
  /** After so long nobody waits for what becomes of it; null for the sender's own. */
  readonly withinMs: number | null;
}

/** `pick` is taken modulo what there is: runs, boxes, or letters that a person has sent. */
export interface PostAct {
  readonly do: 'send' | 'again' | 'publish' | 'redeliver' | 'pause' | 'cancel' | 'drain' | 'stop' | 'rollback' | 'fork';
  readonly atMs: number;
  readonly pick: number;
  readonly more: number;
}

/** What picky mailboxes accept. */
export const ACCEPTED = 6;
export const TOPIC = 'news';

const moments = fc.oneof({ weight: 3, arbitrary: fc.nat(3_000) }, { weight: 1, arbitrary: fc.nat(600_000) });

const letters: fc.Arbitrary<Letter> = fc.record({
  n: fc.nat(9),
  key: fc.constantFrom(0, 0, 1, 2),
  priority: fc.constantFrom(5, 5, 9, 1),
  withinMs: fc.constantFrom(null, null, null, null, null, 900, 20_000),
});

const readers: fc.Arbitrary<Party> = fc.record({
  does: fc.constant('read' as const),
  atMs: moments,
  box: fc.nat(2),
  readers: fc.integer({ min: 1, max: 3 }),
  rounds: fc.constantFrom(1, 3, 12),
  patienceMs: fc.constantFrom(null, null, 700, 60_000),
  isFragile: fc.constantFrom(true, true, false),
});

const senders: fc.Arbitrary<Party> = fc.record({
  does: fc.constantFrom('send' as const, 'ask' as const, 'ask' as const, 'publish' as const),
  atMs: moments,
  box: fc.nat(2),
  workers: fc.integer({ min: 1, max: 3 }),
  letters: fc.array(letters, { minLength: 1, maxLength: 5 }),
});

const acts: fc.Arbitrary<PostAct> = fc.record({
  do: fc.constantFrom<PostAct['do']>(
    ...(['send', 'send', 'send', 'again', 'again', 'publish', 'redeliver', 'redeliver'] as const),
    ...(['pause', 'cancel', 'drain', 'stop', 'rollback', 'fork'] as const),
  ),
  atMs: moments,
  pick: fc.nat(20),
  more: fc.nat(99),
});

export const postPlans: fc.Arbitrary<PostPlan> = fc.record({
  boxes: fc.array(
    fc.record({
      capacity: fc.constantFrom(1, 2, 4, 1_000),
      deliveries: fc.integer({ min: 1, max: 3 }),
      isPicky: fc.boolean(),
      isSubscribed: fc.constantFrom(true, true, false),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  parties: fc
    .tuple(readers, readers, senders, fc.array(fc.oneof(readers, senders), { maxLength: 3 }))
    .map(([first, second, sender, more]) => [first, second, sender, ...more]),
  acts: fc.array(acts, { maxLength: 6 }),
});

const commits = fc.integer({ min: 1, max: 60 });
const faults: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        commit: commits,
        what: fc.constantFrom('crash_before' as const, 'crash_after' as const, 'unknown_written' as const, 'unknown_lost' as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ commit: commits, what: fc.constantFrom('full' as const, 'torn' as const, 'takeover' as const) }),
    },
    { weight: 1, arbitrary: fc.record({ atMs: moments, what: fc.constant('crash' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ atMs: moments, what: fc.constant('clock' as const), byMs: fc.constantFrom(-7_200_000, -50, 30_000) }),
    },
  ),
  { maxLength: 4 },
);

export const postStories: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(),
  runs: fc.constant([]),
  work: fc.record({
    failing: fc.constantFrom(0, 2, 4, 7),
    losing: fc.constantFrom(0, 0, 10),
    slow: fc.constantFrom(0, 0, 5),
    deaf: fc.constantFrom(0, 0, 3),
    steady: fc.boolean(),
  }),
  acts: fc.constant([]),
  faults: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: faults }),
});
