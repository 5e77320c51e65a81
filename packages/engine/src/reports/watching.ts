/** Following a run: a snapshot, then one more whenever something changed, not more often than asked for. */

import type { RunSummary } from '@scriptorium/core';
import type { Parts } from '../parts.ts';

export async function* watchRun(
  parts: Pick<Parts, 'views' | 'finishes' | 'world'>,
  run: string,
  options: { everyMs?: number; signal?: AbortSignal } = {},
): AsyncGenerator<RunSummary> {
  const { views } = parts;
  const { everyMs = 250, signal } = options;
  let news: 'none' | 'change' | 'end' = 'none';
  let wake: () => void = () => undefined;
  const stop = views.subscribe(run, (ended) => {
    const before = news;
    if (news !== 'end') news = ended ? 'end' : 'change';
    if (news !== before) wake();
  });
  const onAbort = (): void => wake();
  const isNews = (one: typeof news): boolean => news === one;
  const woken = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (!isAborted(signal)) {
      news = 'none';
      const summary = views.summary(run);
      if (summary.endedAt !== null) await parts.finishes.get(run);
      yield summary;
      if (summary.endedAt !== null || summary.status === 'interrupted' || summary.status === 'parked') return;
      while (isNews('none') && !isAborted(signal)) await woken();
      let isOver = false;
      const disarm = parts.world.clock.after(everyMs, () => {
        isOver = true;
        wake();
      });
      while (isNews('change') && !isOver && !isAborted(signal)) await woken();
      disarm();
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', onAbort);
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
