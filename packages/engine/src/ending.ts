/**
 * How an engine ends: drained, which lets what runs end; stopped, which aborts it; or abandoned, as if its process had died.
 *
 * 1. It ends once: whoever asks again waits for the same end.
 * 2. A stop in the midst of a drain aborts what the drain waits for.
 * 3. Once it is abandoned nothing more is written; a drain or stop that was under way rejects, unless all was done.
 */

import { HostError, ROOT } from '@scriptorium/core';
import type { Kernel } from './kernel/kernel.ts';
import type { Parts } from './parts.ts';
import { eventsOf } from './runs/runs.ts';

export interface Ending {
  readonly drain: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly abandon: () => Promise<void>;
}

/** `begins` is called whenever somebody asks for the end. */
export function endingOf(parts: Parts, begins: () => void): Ending {
  let closing: Promise<void> | null = null;
  let abandoning: Promise<void> | null = null;
  const goesOn = (): void => {
    if (abandoning !== null) throw abandoned();
  };
  const end = (reason: Reason): Promise<void> => {
    begins();
    return (closing ??= abandoning ?? close(parts, reason, goesOn));
  };
  return {
    drain: () => end('drained'),
    stop: () => {
      abortAttempts(parts.kernel);
      return end('stopped');
    },
    abandon: () => {
      begins();
      return (abandoning ??= abandon(parts, abandoned(), closing));
    },
  };
}

type Reason = 'drained' | 'stopped';

function abandoned(): HostError {
  return new HostError('unavailable', 'the engine was abandoned');
}

/** Events of what is interrupted up to which reports are written before the end: a second or two. */
const REPORTED_AT_END = 50_000;

/** Lets what runs end (or aborts it), marks live runs interrupted, writes their reports or leaves them, and gives the store free. */
async function close(parts: Parts, reason: Reason, goesOn: () => void): Promise<void> {
  const { kernel, journal, ownership, timers, recorder, log, snapshots } = parts;
  const lives = kernel.runs();
  for (const live of lives) {
    live.frozen = true;
    kernel.withdraw(live);
  }
  await Promise.all(lives.map((live) => kernel.settled(live)));
  const interrupted = lives.filter(({ actors }) => actors.root().status !== 'settled');
  await Promise.all(interrupted.map(({ id }) => kernel.submit(id, ROOT, { type: 'run.interrupted', reason })));
  let events = 0;
  for (const live of interrupted) {
    goesOn();
    const last = snapshots.last(live);
    if (last.length > 0) journal.commit({ events: [], snapshots: last });
    events += eventsOf(parts, live.id);
    if (events > (parts.options.reportedAtEnd ?? REPORTED_AT_END)) recorder.leave(live.id);
    else await recorder.finish(live.id);
    parts.views.notify(live.id, true);
  }
  goesOn();
  await Promise.all(parts.finishes.values());
  parts.streams.close();
  await parts.invoker.close();
  goesOn();
  parts.post.close();
  timers.close();
  log({ type: 'engine.stopped', reason });
  journal.close();
  ownership.release();
}

/** Ends at once; `closing` is what is under way already, which has nothing left to do when it resolves. */
export async function abandon(parts: Parts, error: unknown, closing: Promise<void> | null = null): Promise<void> {
  const { kernel, journal, ownership, recorder, invoker, finishes, streams } = parts;
  kernel.halt(error);
  parts.post.close();
  streams.close();
  abortAttempts(kernel);
  const isClosed = await (closing?.then(
    () => true,
    () => false,
  ) ?? false);
  if (isClosed) return;
  await Promise.allSettled(finishes.values());
  recorder.close();
  await invoker.close();
  journal.close();
  ownership.release();
}

export function abortAttempts(kernel: Kernel): void {
  for (const live of kernel.runs()) for (const { stop } of live.underway.values()) stop.ask('stopped');
}
