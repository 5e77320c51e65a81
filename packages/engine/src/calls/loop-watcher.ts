/** The thread that waits for the engine's loop to turn. It asks nothing of the engine's thread, which may stand still. */

import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { BEGINNING, BLOCKED_FIX, blockedFile, blockedText, HEADER_BYTES, SLOT_BYTES, SLOTS, TURNS, wordOf } from './loop-watch.ts';
import type { Blocked, LocalCall, WatchData } from './loop-watch.ts';

const { shared, limitMs } = workerData as WatchData;
const words = new Int32Array(shared);
const STDERR = 2;

for (;;) {
  const turn = Atomics.load(words, TURNS);
  const since = Date.now();
  if (standsStill(turn) && standsStill(turn)) tell(turn, since);
}

function standsStill(turn: number): boolean {
  return Atomics.wait(words, TURNS, turn, limitMs / 2) === 'timed-out';
}

function tell(turn: number, since: number): void {
  const homes = Map.groupBy(callsAtWork(), ({ home }) => home);
  for (const [home, known] of homes) {
    const calls = known.map(({ run, step, handler }) => ({ run, step, handler }));
    const blocked: Blocked = { pid: process.pid, since, calls };
    attempt(() => writeSync(STDERR, `${new Date().toISOString()} ${blockedText(blocked)}. ${BLOCKED_FIX}\n`));
    attempt(() => writeFileSync(blockedFile(home), `${JSON.stringify(blocked)}\n`, { mode: 0o600 }));
  }
  Atomics.wait(words, TURNS, turn);
  for (const home of homes.keys()) attempt(() => rmSync(blockedFile(home), { force: true }));
}

/** The one that begins, or all that have begun. */
function callsAtWork(): readonly (LocalCall & { readonly home: string })[] {
  const beginning = Atomics.load(words, BEGINNING);
  const slots = beginning === 0 ? Array.from({ length: SLOTS }, (_, slot) => slot) : [beginning - 1];
  return slots.flatMap((slot) => {
    const length = Atomics.load(words, wordOf(slot));
    const from = HEADER_BYTES + slot * SLOT_BYTES + Int32Array.BYTES_PER_ELEMENT;
    // What is shared is not decoded as it is.
    const text = new TextDecoder().decode(new Uint8Array(shared).slice(from, from + length));
    return length === 0 ? [] : [JSON.parse(text) as LocalCall & { home: string }];
  });
}

/** A disk that is full or a terminal that is gone ends no watch. */
function attempt(what: () => unknown): void {
  try {
    what();
  } catch {
    // Told where it could be.
  }
}
