/**
 * Who waits to begin while the gate is full: in {@link Turns}, by who asks and by their priority.
 *
 * 1. Who waits for longer than it said, or comes when {@link MAX_WAITING} wait already, is refused.
 * 2. Who would wait for longer than it says, at the pace at which runs begin, is refused when it comes, before anything of
 *    it is looked at or made: refusing must not take the time of what was let in.
 * 3. The pace is known as long as the gate is full; after a rest, who comes waits until it is known again.
 */

import { NORMAL_PRIORITY } from '@scriptorium/core';
import type { HostError, Ms, RunOptions, StartRequest } from '@scriptorium/core';
import type { Clock } from '../kernel/clock.ts';
import { Turns } from '../pools/turns.ts';
import type { Claim } from '../pools/turns.ts';
import { overloaded } from '../overloaded.ts';

export const MAX_WAITING = 10_000;
/** How long a start waits that does not say. */
const PATIENCE_MS: Ms = 60_000;
/** When it makes sense to ask again. */
const RETRY_MS: Ms = 1_000;
/** So many beginnings make a pace: no fewer than may begin in one step of the kernel. */
const PACED = 256;

/** Who asks, how important it is, and how long it waits. */
export interface Asked {
  readonly by: string;
  readonly priority: number;
  readonly withinMs: Ms;
}

/** What a request says, also one that nobody has looked at yet, of which anything may be wrong or missing. */
export function askedBy(request: StartRequest | null | undefined): Asked {
  const { by, options, withinMs = PATIENCE_MS } = Object(request) as StartRequest;
  const { priority = NORMAL_PRIORITY } = Object(options) as RunOptions;
  return { by, priority, withinMs };
}

export interface StartLine {
  readonly size: () => number;
  /** The `overloaded` with which it would be refused if it came now; null where it may wait. Costs next to nothing. */
  readonly refusalOf: (asked: Asked) => HostError | null;
  /** Resolves when it is its turn. Raises `overloaded` when that is too late. */
  readonly wait: (asked: Asked) => Promise<void>;
  /** Gives the next one its turn; false when nobody waits. */
  readonly next: () => boolean;
  /** One has begun, whether it waited or not. */
  readonly begun: () => void;
  /** The gate is not full any more. */
  readonly rest: () => void;
}

interface Waiting extends Claim {
  readonly enter: () => void;
}

interface Pace {
  readonly since: Ms;
  readonly begun: number;
  /** How long {@link PACED} took: the last as much as all before. Null until so many have begun. */
  readonly tookMs: Ms | null;
}

export function createStartLine(clock: Pick<Clock, 'after' | 'elapsed'>): StartLine {
  const waiting = new Turns<Waiting>();
  let pace: Pace | null = null;

  function tooMany(): HostError {
    return overloaded(
      `more runs are asked for than can begin: ${waiting.size} others wait`,
      `Try again in ${RETRY_MS / 1_000} s, or say that it may wait for longer.`,
      RETRY_MS,
    );
  }

  return {
    size: () => waiting.size,
    refusalOf: ({ by, priority, withinMs }) => {
      if (waiting.size >= MAX_WAITING) return tooMany();
      if (pace === null || pace.tookMs === null) return null;
      const mostAhead = (withinMs / pace.tookMs) * PACED;
      return waiting.ahead({ run: by, priority }, mostAhead) > mostAhead ? tooMany() : null;
    },
    wait: ({ by, priority, withinMs }) => {
      pace ??= { since: clock.elapsed(), begun: 0, tookMs: null };
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const claim: Waiting = {
        run: by,
        priority,
        enter: () => {
          disarm();
          resolve();
        },
      };
      const disarm = clock.after(withinMs, () => {
        if (waiting.leave(claim)) reject(tooMany());
      });
      waiting.enter(claim);
      return promise;
    },
    next: () => {
      const next = waiting.take();
      next?.enter();
      return next !== null;
    },
    begun: () => {
      if (pace !== null) pace = paceAfter(pace, clock.elapsed);
    },
    rest: () => {
      pace = null;
    },
  };
}

function paceAfter({ since, begun, tookMs }: Pace, elapsed: Clock['elapsed']): Pace {
  if (begun + 1 < PACED) return { since, begun: begun + 1, tookMs };
  const now = elapsed();
  const lastMs = now - since;
  return { since: now, begun: 0, tookMs: ((tookMs ?? lastMs) + lastMs) / 2 };
}
