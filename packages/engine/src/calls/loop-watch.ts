/**
 * Tells when the engine's own thread stands still because a handler computes there without end. A thread beside it waits
 * for the loop to turn; the engine notes which calls are at work here, in memory that both share.
 *
 * 1. While the loop stands still for longer than the limit there is a file `blocked.json` in the directory of each store
 *    with such a call, and one line on stderr; the file goes when the loop turns again.
 * 2. The handler that is in its synchronous beginning is named for certain; when all of them have waited for something
 *    since, each may be the one.
 * 3. There is one such thread in a process, from the first call on, and the process does not wait for it.
 * 4. A process that was stopped as a whole does not count: the limit is waited for in two halves, and the loop has the
 *    second one to turn in.
 */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface LocalCall {
  readonly run: string;
  readonly step: string;
  readonly handler: string;
}

export interface LoopWatch {
  /** Calls a handler in this thread: from now on it is what may hold the loop up, and until its promise is settled. */
  readonly during: <T>(call: LocalCall, work: () => Promise<T>) => Promise<T>;
}

/** What `blocked.json` holds. */
export interface Blocked {
  readonly pid: number;
  /** When the loop turned last. */
  readonly since: number;
  /** One for certain, or those of which one is it. */
  readonly calls: readonly LocalCall[];
}

/** What the watching thread is given. */
export interface WatchData {
  readonly shared: SharedArrayBuffer;
  readonly limitMs: number;
}

/** How long the loop may stand still before it is told. */
const LIMIT_MS = 5_000;
/** Turns of the loop that are noted within the limit. */
const BEATS = 8;

/** In 32-bit words: how often the loop has turned, and 1 + the slot of the call that begins. */
export const TURNS = 0;
export const BEGINNING = 1;
export const HEADER_BYTES = 8;
/** Each slot is its length in bytes, 0 when it is free, and a text. */
export const SLOTS = 64;
export const SLOT_BYTES = 1_024;

/** Notes nothing: for worlds in which time is not the machine's. */
export const unwatched: LoopWatch = { during: (_call, work) => work() };

let memory: Memory | null = null;
const homes = new Set<string>();

export function watchLoop(home: string, limitMs: number = LIMIT_MS): LoopWatch {
  forget(home);
  return {
    during: (call, work) => {
      memory ??= start(limitMs);
      homes.add(home);
      const slot = memory.free.pop();
      // More calls than slots are not told apart, and none of them is held up.
      return slot === undefined ? work() : workIn(memory, slot, { home, ...call }, work);
    },
  };
}

async function workIn<T>(memory: Memory, slot: number, call: LocalCall & { readonly home: string }, work: () => Promise<T>): Promise<T> {
  const { words, free } = memory;
  write(memory, slot, JSON.stringify(call));
  try {
    Atomics.store(words, BEGINNING, slot + 1);
    const working = work();
    Atomics.store(words, BEGINNING, 0);
    return await working;
  } finally {
    Atomics.store(words, wordOf(slot), 0);
    free.push(slot);
  }
}

/** What holds up the engine that works on a store; null when nothing does, or it has ended. */
export function blockedIn(home: string): Blocked | null {
  try {
    const blocked = JSON.parse(readFileSync(blockedFile(home), 'utf8')) as Blocked;
    process.kill(blocked.pid, 0);
    return blocked;
  } catch {
    return null;
  }
}

export function blockedFile(home: string): string {
  return join(home, 'blocked.json');
}

/** The call in words. */
export function blockedText({ calls }: Pick<Blocked, 'calls'>): string {
  const named = calls.map(({ handler, run, step }) => `${handler} (step ${step} of run ${run})`);
  return `${named.join(' or ')} computes in the engine's own thread, which does nothing else meanwhile`;
}

export const BLOCKED_FIX = "Give the handler `runs: 'thread'`, or `runs: 'process'` when it may never end; ending the engine ends it now.";

/** In 32-bit words. */
export function wordOf(slot: number): number {
  return (HEADER_BYTES + slot * SLOT_BYTES) / Int32Array.BYTES_PER_ELEMENT;
}

/** One that was killed while it stood still has left its file behind. */
function forget(home: string): void {
  rmSync(blockedFile(home), { force: true });
}

interface Memory {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly free: number[];
}

const encoder = new TextEncoder();

function start(limitMs: number): Memory {
  const shared = new SharedArrayBuffer(HEADER_BYTES + SLOTS * SLOT_BYTES);
  const words = new Int32Array(shared);
  const workerData: WatchData = { shared, limitMs };
  const worker = new Worker(new URL('./loop-watcher.ts', import.meta.url), { workerData });
  // Where no thread can be had, nothing is told; the engine goes on.
  worker.on('error', () => undefined);
  worker.unref();
  const beat = (): void => {
    Atomics.add(words, TURNS, 1);
    Atomics.notify(words, TURNS);
  };
  setInterval(beat, limitMs / BEATS).unref();
  // It may end before the watching thread has seen the loop turn.
  process.once('exit', () => [...homes].forEach(forget));
  return { words, bytes: new Uint8Array(shared), free: Array.from({ length: SLOTS }, (_, slot) => slot) };
}

/** A text that does not fit leaves its slot free, so that it is not told. */
function write({ words, bytes }: Memory, slot: number, text: string): void {
  const from = HEADER_BYTES + slot * SLOT_BYTES + Int32Array.BYTES_PER_ELEMENT;
  const { read, written } = encoder.encodeInto(text, bytes.subarray(from, HEADER_BYTES + (slot + 1) * SLOT_BYTES));
  Atomics.store(words, wordOf(slot), read === text.length ? written : 0);
}
