/**
 * `npm run soak [-- --minutes N] [--seed S] [--leak memory|descriptors]`: one store under random programs for as long as it is told: for half of it
 * with an engine that dies every few seconds, of a kill or of a fault of the disk, and another that goes on; then with one
 * that lasts, and whose memory is looked at. At the end every counter is what arithmetic says, nothing acknowledged is
 * missing, and nothing grows that should not. Ends with 1 where that is not so. With a leak the engine that lasts really has
 * one, to show that it is seen.
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chanceOf } from '../crash/chance.ts';
import { isClean, judge } from '../crash/judge.ts';
import { between, oneOf } from '../crash/kinds/kind.ts';
import type { Program } from '../crash/program.ts';
import { awaitDeath, describe, leavePlace, makePlace, sendVictim } from '../crash/round.ts';
import type { Death, Place, Sending } from '../crash/round.ts';
import { injecting, lacksStrace } from '../crash/strace.ts';
import type { Leak } from './lasting.ts';
import { runSteady } from './steady.ts';
import { judgeRise } from './verdict.ts';
import { vitalsOf } from './vitals.ts';
import type { Vitals } from './vitals.ts';

/** Programs that an engine is given in one go, in a soak of less than a minute, and how many of them it sees to at once. */
const CHAPTER = 40;
const SHORT_CHAPTER = 8;
const AT_ONCE = 5;
const MOST_ITEMS = 30;
/** How long an engine lives; one in {@link LONG_ONE_IN} lives five times as long. */
const SHORTEST_MS = 500;
const LONGEST_MS = 6_000;
const LONG_ONE_IN = 8;
/** One in so many dies of its disk where strace is there, and one in so many has a clock that is off. */
const FAULTY_ONE_IN = 5;
const OFF_ONE_IN = 5;
const HOURS_MS = 2 * 3_600_000;
/** Engines are compared at the same age. */
const SAMPLED_AT_MS = 2_000;
const FAULTS_SHOWN = 10;

/**
 * What may rise by how much an hour, and by how much it goes up and down without meaning anything: an allocator's pages, a
 * page of the store that is not full.
 */
const most = {
  'memory after a collection, MB': { perHour: 1, noise: 2, settles: true },
  'heap after a collection, MB': { perHour: 1, noise: 1, settles: true },
  'memory beside that heap, MB': { perHour: 1, noise: 2, settles: true },
  'descriptors of the one that lasts': { perHour: 1, noise: 2, settles: true },
  'bytes of store an event, closed': { perHour: 1, noise: 10, settles: false },
} as const;
/** Of a smaller store the empty pages count for too much. */
const FEWEST_EVENTS = 5_000;
/** It grows until it is taken over into the store, and begins anew. */
const MOST_WAL_MB = 64 * 1.048576;

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' }, leak: { type: 'string' } } });
const leak: Leak | null = values.leak === 'memory' || values.leak === 'descriptors' ? values.leak : null;
const minutes = Number(values.minutes ?? 1);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const chance = chanceOf(`soak ${seed}`);
const strace = lacksStrace();
const began = performance.now();
const until = began + minutes * 60_000;
const halfTime = began + minutes * 30_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

interface Taken extends Vitals {
  readonly atHours: number;
}

const place = makePlace([]);
const programs: Program[] = [];
/** Of engines at the same age, and of the store when it was closed. */
const taken: Taken[] = [];
const closed: Taken[] = [];
const faults: string[] = [];
const deaths = { killed: 0, 'of its disk': 0, 'by itself': 0 };

print(`seed ${seed}, ${minutes} minutes${strace === null ? '' : `; no faults of the disk: ${strace}`}`);
for (let chapter = 0; chapter === 0 || performance.now() < halfTime; chapter += 1) {
  const own = Array.from({ length: minutes < 1 ? SHORT_CHAPTER : CHAPTER }, (_, n) => drawProgram(`c${chapter}-${n}`));
  programs.push(...own);
  await live({ ...place, programs: own });
  closed.push(takenNow(0, place.home));
}
const steady = await runSteady(place, until, drawProgram, { isShort: minutes < 1, leak });
programs.push(...steady.programs);
closed.push(takenNow(0, place.home));
const verdict = judge({ ...place, programs }, null);
report();
if (process.exitCode === 1) print(`what is left of it: ${place.directory}`);
else leavePlace(place);

/** One engine after another, until one has seen to all programs of the chapter; the last one is left alone. */
async function live(chapter: Place): Promise<void> {
  for (;;) {
    const death = await sendOne(chapter, performance.now() >= halfTime);
    if (death.code === 0) return;
    if (death.signal === 'SIGKILL') deaths.killed += 1;
    else if (death.code === 70) deaths['of its disk'] += 1;
    else {
      deaths['by itself'] += 1;
      faults.push(`an engine ended with ${describe(death)}`);
      if (faults.length > FAULTS_SHOWN) throw new Error(`too many faults: ${faults.join('\n')}`);
    }
  }
}

async function sendOne(chapter: Place, undisturbed: boolean): Promise<Death> {
  if (undisturbed) return awaitDeath(sendVictim(chapter, { atOnce: AT_ONCE }));
  const faulty = strace === null && chance() * FAULTY_ONE_IN < 1;
  const victim = sendVictim(chapter, { atOnce: AT_ONCE, ...(faulty ? faultOn(chapter) : {}), ...clockOff() });
  await victim.opened;
  const lifeMs = between(chance, SHORTEST_MS, LONGEST_MS) * (chance() * LONG_ONE_IN < 1 ? 5 : 1);
  const over = new AbortController();
  const sampling = faulty ? Promise.resolve() : sample(victim.child.pid ?? 0, chapter.home, over.signal);
  await Promise.race([sleep(lifeMs, null, { signal: over.signal }), victim.death]);
  over.abort();
  await sampling;
  victim.signal('SIGKILL');
  return awaitDeath(victim);
}

async function sample(pid: number, home: string, signal: AbortSignal): Promise<void> {
  try {
    await sleep(SAMPLED_AT_MS, null, { signal });
    taken.push(takenNow(pid, home));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function takenNow(pid: number, home: string): Taken {
  return { ...vitalsOf(pid, home), atHours: hoursAt(performance.now()) };
}

function hoursAt(ms: number): number {
  return (ms - began) / 3_600_000;
}

function faultOn({ home }: Place): Sending {
  const [call, latest] = oneOf(chance, [
    ['fsync', 120],
    ['pwrite64', 600],
  ] as const);
  const at = 1 + Math.floor(chance() * latest);
  return { under: injecting({ call, at, what: oneOf(chance, ['EIO', 'ENOSPC']), paths: [join(home, 'journal.db-wal')] }) };
}

function clockOff(): Sending {
  return chance() * OFF_ONE_IN < 1 ? { clockOffMs: [0, Math.round(between(chance, -HOURS_MS, HOURS_MS)), 0] } : {};
}

function drawProgram(label: string): Program {
  const whole = (low: number, high: number): number => Math.floor(between(chance, low, high + 1));
  return {
    label,
    kind: oneOf(chance, ['work', 'work', 'work', 'saga', 'left']),
    count: whole(1, MOST_ITEMS),
    retryEvery: whole(2, 9),
    breakEvery: whole(3, 9),
    payEvery: whole(2, 9),
    callEvery: whole(2, 12),
  };
}

function report(): void {
  const { samples } = steady;
  const all = [...verdict.lost, ...verdict.repeated, ...verdict.faults, ...faults];
  const died = Object.entries(deaths).map(([what, count]) => `${count} ${what}`);
  print(`${programs.length} programs, ${verdict.acknowledged} acknowledgements, ${verdict.engines} engines: ${died.join(', ')}`);
  print(`${verdict.lost.length} lost, ${verdict.repeated.length} repeated, ${verdict.faults.length + faults.length} other faults`);
  for (const fault of all.slice(0, FAULTS_SHOWN)) print(`  ${fault}`);
  const [first, last] = [samples[0], samples.at(-1)];
  if (first !== undefined && last !== undefined)
    print(
      `one engine for ${((last.atMs - first.atMs) / 60_000).toFixed(1)} minutes once it was warm, while the store grew from ${megabytes(first.storeBytes)} to ${megabytes(last.storeBytes)} MB, ${last.events - first.events} events`,
    );
  const figures = {
    'memory after a collection, MB': samples.map(({ atMs, rssMb }) => ({ atHours: hoursAt(atMs), value: rssMb })),
    'heap after a collection, MB': samples.map(({ atMs, heapMb }) => ({ atHours: hoursAt(atMs), value: heapMb })),
    'memory beside that heap, MB': samples.map(({ atMs, besideMb }) => ({ atHours: hoursAt(atMs), value: besideMb })),
    'descriptors of the one that lasts': samples.map(({ atMs, descriptors }) => ({ atHours: hoursAt(atMs), value: descriptors ?? 0 })),
    'bytes of store an event, closed': closed.flatMap(({ atHours, storeBytes, events }) =>
      events < FEWEST_EVENTS ? [] : [{ atHours, value: storeBytes / events }],
    ),
  };
  const names = Object.keys(most) as (keyof typeof most)[];
  const judged = names.map((name) => judgeFigure(name, figures[name]));
  const isTold = judged.every((rising) => rising !== null);
  const wal = Math.max(0, ...[...taken, ...samples].map(({ walMb }) => walMb));
  print(`write-ahead log: ${wal.toFixed(1)} MB at most; may have ${MOST_WAL_MB.toFixed(1)}`);
  const good = isClean(verdict) && faults.length === 0 && !judged.includes(true) && wal <= MOST_WAL_MB;
  print(
    `${closed.at(-1)?.events ?? 0} events; ${good ? `held${isTold ? '' : ', as far as it could be told in this time,'}` : 'FAILED'} after ${((performance.now() - began) / 60_000).toFixed(1)} minutes`,
  );
  process.exitCode = good ? 0 : 1;
}

/** Prints it, and says whether it rises; null where that cannot be told. */
function judgeFigure(name: keyof typeof most, samples: readonly { readonly atHours: number; readonly value: number }[]): boolean | null {
  const { rises, text } = judgeRise(samples, most[name]);
  print(`${name}: ${text}`);
  return rises;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}
