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
    news = ended || news === 'end' ? 'end' : 'change';
    wake();
  });
  const onAbort = (): void => wake();
  const until = async (isDone: () => boolean, ms: number | null): Promise<void> => {
    let over = false;
    const deadline =
      ms === null
        ? null
        : parts.world.clock.after(ms, () => {
            over = true;
            wake();
          });
    while (!isDone() && signal?.aborted !== true && !over) await new Promise<void>((resolve) => (wake = resolve));
    deadline?.();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (signal?.aborted !== true) {
      news = 'none';
      const summary = views.summary(run);
      if (summary.endedAt !== null) await parts.finishes.get(run);
      yield summary;
      if (summary.endedAt !== null || summary.status === 'interrupted' || summary.status === 'parked') return;
      await until(() => news !== 'none', null);
      await until(() => news === 'end', everyMs);
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', onAbort);
  }
}
