/**
 * Through which runs begin, so that what has begun is served about as fast however much is asked for.
 *
 * 1. At most {@link WIDTH} runs are beginning at any moment: until they have ended, or wait for something outside of the
 *    engine. The others wait in the line before it, or are refused: there is nothing of their run then.
 */

import type { HostError, Ms } from '@scriptorium/core';
import type { Clock } from '../kernel/clock.ts';
import { createStartLine } from './start-line.ts';
import type { Asked } from './start-line.ts';

/** Enough for commits of a good size; more only makes all of them later. */
export const WIDTH = 256;
/** A run that has done nothing for so many steps of the kernel waits for something else than the engine. */
const IDLE_TURNS = 2;
/** How often it is looked at while the kernel has nothing to do. */
const LOOK_MS: Ms = 10;

export interface StartGate {
  /** The `overloaded` with which it would be refused if it came now; null where it may begin or wait. Costs next to nothing. */
  readonly refusalOf: (asked: Asked) => HostError | null;
  /** Begins a run when it is its turn, and gives its id. Raises `overloaded`. */
  readonly through: (asked: Asked, begin: () => Promise<string>) => Promise<string>;
  /** The kernel has made a step. */
  readonly turned: () => void;
  readonly waiting: () => number;
}

interface Beginning {
  progress: number;
  idleTurns: number;
}

/** `progressOf` tells how far a run has come, as a number that changes with all it does; null for one that has ended. */
export function createStartGate(clock: Pick<Clock, 'after' | 'elapsed'>, progressOf: (run: string) => number | null): StartGate {
  const line = createStartLine(clock);
  const beginning = new Map<string, Beginning>();
  /** Whose beginning is being asked of the kernel. */
  let entering = 0;
  let isLooking = false;
  let hasTurned = false;

  const hasRoom = (): boolean => entering + beginning.size < WIDTH;
  const refusalOf = (asked: Asked): HostError | null => (hasRoom() ? null : line.refusalOf(asked));

  function enter(): void {
    entering += 1;
    line.begun();
  }

  function letIn(): void {
    while (hasRoom()) {
      if (!line.next()) return;
      enter();
    }
    lookSoon();
  }

  /** All that begin may wait for something outside while the kernel makes no step that would show it. */
  function lookSoon(): void {
    if (isLooking || line.size() === 0) return;
    isLooking = true;
    clock.after(LOOK_MS, () => {
      isLooking = false;
      if (!hasTurned) look();
      hasTurned = false;
      lookSoon();
    });
  }

  function look(): void {
    if (hasRoom()) line.rest();
    for (const [run, known] of beginning) {
      const progress = progressOf(run);
      known.idleTurns = progress === known.progress ? known.idleTurns + 1 : 0;
      if (progress === null || known.idleTurns >= IDLE_TURNS) beginning.delete(run);
      else known.progress = progress;
    }
    letIn();
  }

  async function takeTurn(asked: Asked): Promise<void> {
    if (hasRoom()) return enter();
    const turn = line.wait(asked);
    lookSoon();
    await turn;
  }

  return {
    refusalOf,
    through: async (asked, begin) => {
      const refused = refusalOf(asked);
      if (refused !== null) throw refused;
      await takeTurn(asked);
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
    waiting: line.size,
  };
}
