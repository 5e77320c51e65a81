/** What is under way for runs at a moment, and who waits for the end of it. */

import type { LiveRun } from './live-run.ts';

/** What keeps an engine busy at a moment. */
export interface Activity {
  /** Attempts whose handler has been called and has not answered. */
  readonly attempts: number;
  /** Something is about to be decided or written. */
  readonly unsettled: boolean;
}

export function activityOf(runs: readonly LiveRun[]): Activity {
  const underway = runs.flatMap((live) => [...live.underway.values()]);
  const attempts = underway.filter(({ permit, child }) => permit !== null && child === null).length;
  const isUndecided = underway.some(
    ({ permit, withdraw, giveBack, child }) => permit === null && withdraw === null && giveBack === null && child === null,
  );
  return { attempts, unsettled: isUndecided };
}

/** Those who wait until no handler works for a run any more. */
export class Settling {
  #awaited: { readonly live: LiveRun; readonly ack: PromiseWithResolvers<void> }[] = [];

  wait(live: LiveRun): Promise<void> {
    const ack = Promise.withResolvers<void>();
    this.#awaited.push({ live, ack });
    return ack.promise;
  }

  /** To be called when what the last attempts gave is durable. */
  tell(): void {
    const awaited = this.#awaited;
    if (awaited.length === 0) return;
    this.#awaited = awaited.filter(({ live }) => activityOf([live]).attempts > 0);
    for (const { live, ack } of awaited) if (activityOf([live]).attempts === 0) ack.resolve();
  }

  fail(error: unknown): void {
    for (const { ack } of this.#awaited) ack.reject(error);
  }
}
