/** What attempts at work show of their results, for whoever listens at that moment; nothing of it is kept. */

import type { Streamed } from '@scriptorium/core';

/** Pieces that wait for a slow listener; what comes beyond them is dropped for it. */
const MAX_PIECES = 10_000;

export interface Streams {
  readonly show: (piece: Streamed) => void;
  /** Until the signal is aborted or the run's stream is closed. */
  readonly listen: (run: string, signal?: AbortSignal) => AsyncGenerator<Streamed>;
  /** Nothing more will come of the run, or of any. */
  readonly close: (run?: string) => void;
}

interface Listener {
  readonly pieces: Streamed[];
  ended: boolean;
  wake: () => void;
}

export function createStreams(): Streams {
  const listeners = new Map<string, Set<Listener>>();
  return {
    show: (piece) => {
      for (const run of new Set([piece.run, startedRun(piece.run)])) {
        for (const listener of listeners.get(run) ?? []) {
          if (listener.pieces.length < MAX_PIECES) listener.pieces.push(piece);
          listener.wake();
        }
      }
    },
    listen: (run, signal) => {
      const listener: Listener = { pieces: [], ended: false, wake: () => undefined };
      listeners.set(run, (listeners.get(run) ?? new Set()).add(listener));
      return hear(listener, signal, () => {
        const others = listeners.get(run);
        others?.delete(listener);
        if (others?.size === 0) listeners.delete(run);
      });
    },
    close: (run) => {
      for (const listener of run === undefined ? listeners.values().flatMap((own) => [...own]) : (listeners.get(run) ?? [])) {
        listener.ended = true;
        listener.wake();
      }
    },
  };
}

/** Runs of steps are named after the run that somebody started. */
function startedRun(run: string): string {
  return run.split('.')[0] ?? run;
}

async function* hear(listener: Listener, signal: AbortSignal | undefined, leave: () => void): AsyncGenerator<Streamed> {
  const onAbort = (): void => listener.wake();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      if (isAborted(signal)) return;
      yield* listener.pieces.splice(0);
      if (isAborted(signal) || (listener.ended && listener.pieces.length === 0)) return;
      if (listener.pieces.length === 0) await new Promise<void>((resolve) => (listener.wake = resolve));
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    leave();
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
