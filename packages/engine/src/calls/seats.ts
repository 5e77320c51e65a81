/** How many calls may be made elsewhere at once; the others wait in {@link Turns}. */

import { Turns } from '../pools/turns.ts';
import type { Claim } from '../pools/turns.ts';
import type { RemoteCall } from './channel.ts';
import { AttemptError, failure } from './failures.ts';

export interface Seats {
  /** Resolves when one is free; rejects when the call is to be ended before that. */
  readonly take: (call: Pick<RemoteCall, 'facts' | 'handler' | 'kill' | 'priority'>) => Promise<void>;
  readonly leave: () => void;
}

interface Waiting extends Claim {
  readonly sit: () => void;
}

export function createSeats(size: number): Seats {
  let free = size;
  const waiting = new Turns<Waiting>();
  return {
    take: ({ facts, handler, kill, priority }) =>
      new Promise((resolve, reject) => {
        if (free > 0) {
          free -= 1;
          return resolve();
        }
        const turn: Waiting = {
          run: facts.run.id,
          priority,
          sit: () => {
            kill.removeEventListener('abort', giveUp);
            resolve();
          },
        };
        const giveUp = (): void => {
          waiting.leave(turn);
          reject(new AttemptError(failure('lost', `${handler.name} was ended while it waited for a worker`)));
        };
        waiting.enter(turn);
        kill.addEventListener('abort', giveUp, { once: true });
      }),
    leave: () => {
      const next = waiting.take();
      if (next === null) free += 1;
      else next.sit();
    },
  };
}
