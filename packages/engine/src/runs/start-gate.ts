/**
 * Through which runs begin, so that what has begun is served about as fast however much is asked for.
 *
 * 1. At most {@link WIDTH} runs are beginning at any moment: until they have ended, or wait for something outside of the
 *    engine. The others wait in {@link Turns}, by who asks and by their priority.
 * 2. Who waits for longer than it said, or comes when {@link MAX_WAITING} wait already, is refused: there is nothing of its
 *    run then.
 */

import { HostError, NORMAL_PRIORITY } from '@scriptorium/core';
import type { Ms, StartRequest } from '@scriptorium/core';
import type { Clock } from '../kernel/clock.ts';
import { Turns } from '../pools/turns.ts';
import type { Claim } from '../pools/turns.ts';

/** Enough for commits of a good size; more only makes all of them later. */
export const WIDTH = 256;
export const MAX_WAITING = 10_000;
/** How long a start waits that does not say. */
const PATIENCE_MS: Ms = 60_000;
/** A run that has done nothing for so many steps of the kernel waits for something else than the engine. */
const IDLE_TURNS = 2;
/** How often it is looked at while the kernel has nothing to do. */
const LOOK_MS: Ms = 10;
/** When it makes sense to ask again. */
const RETRY_MS: Ms = 1_000;

/** Who asks, how important it is, and how long it waits. */
export interface Asked {
  readonly by: string;
  readonly priority: number;
  readonly withinMs: Ms;
}

export function askedBy({ by, options: { priority = NORMAL_PRIORITY }, withinMs = PATIENCE_MS }: StartRequest): Asked {
  return { by, priority, withinMs };
}

export interface StartGate {
  /** Begins a run when it is its turn, and gives its id. Raises `overloaded`. */
  readonly through: (asked: Asked, begin: () => Promise<string>) => Promise<string>;
  /** The kernel has made a step. */
  readonly turned: () => void;
  readonly waiting: () => number;
}

interface Waiting extends Claim {
  readonly enter: () => void;
}

interface Beginning {
  progress: number;
  idleTurns: number;
}

/** `progressOf` tells how far a run has come, as a number that changes with all it does; null for one that has ended. */
export function createStartGate({ after }: Pick<Clock, 'after'>, progressOf: (run: string) => number | null): StartGate {
  const waiting = new Turns<Waiting>();
  const beginning = new Map<string, Beginning>();
  /** Whose beginning is being asked of the kernel. */
  let entering = 0;
  let isLooking = false;
  let hasTurned = false;

  function letIn(): void {
    while (entering + beginning.size < WIDTH) {
      const next = waiting.take();
      if (next === null) return;
      entering += 1;
      next.enter();
    }
    lookSoon();
  }

  /** All that begin may wait for something outside while the kernel makes no step that would show it. */
  function lookSoon(): void {
    if (isLooking || waiting.size === 0) return;
    isLooking = true;
    after(LOOK_MS, () => {
      isLooking = false;
      if (!hasTurned) look();
      hasTurned = false;
      lookSoon();
    });
  }

  function look(): void {
    for (const [run, known] of beginning) {
      const progress = progressOf(run);
      known.idleTurns = progress === known.progress ? known.idleTurns + 1 : 0;
      if (progress === null || known.idleTurns >= IDLE_TURNS) beginning.delete(run);
      else known.progress = progress;
    }
    letIn();
  }

  return {
    through: async (asked, begin) => {
      if (entering + beginning.size < WIDTH) entering += 1;
      else {
        const turn = takeTurn(waiting, after, asked);
        lookSoon();
        await turn;
      }
      try {
        const run = await begin();
        beginning.set(run, { progress: progressOf(run) ?? 0, idleTurns: 0 });
        return run;
      } finally {
        entering -= 1;
        letIn();
      }
    },
    turned: () => {
      hasTurned = true;
      look();
    },
    waiting: () => waiting.size,
  };
}

/** Resolves when it is its turn; rejects when that is too late. */
async function takeTurn(waiting: Turns<Waiting>, after: Clock['after'], { by, priority, withinMs }: Asked): Promise<void> {
  if (waiting.size >= MAX_WAITING) throw overloaded(waiting.size);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const claim: Waiting = {
    run: by,
    priority,
    enter: () => {
      disarm();
      resolve();
    },
  };
  const disarm = after(withinMs, () => {
    if (waiting.leave(claim)) reject(overloaded(waiting.size));
  });
  waiting.enter(claim);
  return promise;
}

function overloaded(waiting: number): HostError {
  return new HostError(
    'overloaded',
    `more runs are asked for than can begin: ${waiting} others wait`,
    `Try again in ${RETRY_MS / 1_000} s, or say that it may wait for longer.`,
    RETRY_MS,
  );
}
