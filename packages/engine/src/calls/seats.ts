/** How many calls may be made elsewhere at once; the others wait in turn. */

import { AttemptError, failure } from './failures.ts';

export interface Seats {
  /** Resolves when one is free; rejects when `kill` is aborted before that. */
  readonly take: (kill: AbortSignal, handler: string) => Promise<void>;
  readonly leave: () => void;
}

export function createSeats(size: number): Seats {
  let free = size;
  const waiting = new Set<() => void>();
  return {
    take: (kill, handler) =>
      new Promise((sit, reject) => {
        if (free > 0) {
          free -= 1;
          return sit();
        }
        const turn = (): void => {
          kill.removeEventListener('abort', giveUp);
          sit();
        };
        const giveUp = (): void => {
          waiting.delete(turn);
          reject(new AttemptError(failure('lost', `${handler} was ended while it waited for a worker`)));
        };
        waiting.add(turn);
        kill.addEventListener('abort', giveUp, { once: true });
      }),
    leave: () => {
      const [next] = waiting;
      if (next === undefined) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
