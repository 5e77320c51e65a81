/**
 * An engine that is left alone for the whole of its life, and its memory: whoever calls it is another process. It collects
 * its garbage, then says what it has, every {@link EVERY_MS} as a line of JSON. It ends when its input does.
 * Arguments: the directory of the store, the file of the effects, and what it loses on purpose.
 */

import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { handlers } from '../crash/handlers.ts';

export type Leak = 'memory' | 'descriptors';

/** Megabytes. */
export interface Memory {
  readonly rssMb: number;
  /** What is alive on the heap of JavaScript. */
  readonly heapMb: number;
  /** What the process has beside that heap and its free pages: SQLite, buffers, threads, code. */
  readonly besideMb: number;
}

const EVERY_MS = 2_000;
/** So little that it is full after some hundred runs: what fills up afterwards is not kept on purpose. */
const kept = { valueBytes: 1_000_000, endedRuns: 50 };

/** Bytes that a leak of memory takes every {@link EVERY_MS}: some tenths of a gigabyte an hour. */
const LEAK_BYTES = 200_000;

const [home = '', effects = '', leak = 'none'] = process.argv.slice(2);
const lost: unknown[] = [];
const { close } = await connect({
  home,
  modules: [{ url: new URL('../crash/handlers.ts', import.meta.url).href, handlers }],
  contracts: createContracts(),
  env: { CRASH_EFFECTS: effects },
  kept,
});
const over = new AbortController();
process.stdin.once('end', () => over.abort()).resume();
while (!over.signal.aborted) {
  if (leak === 'memory') lost.push(Buffer.alloc(LEAK_BYTES, 1));
  if (leak === 'descriptors') lost.push(openSync(import.meta.filename, 'r'));
  globalThis.gc?.();
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  const memory: Memory = { rssMb: rss / 1_000_000, heapMb: heapUsed / 1_000_000, besideMb: (rss - heapTotal) / 1_000_000 };
  process.stdout.write(`${JSON.stringify(memory)}\n`);
  await sleep(EVERY_MS, null, { signal: over.signal }).catch(() => null);
}
await close();
