/**
 * `npm run soak [-- --minutes N] [--seed S]`: one store under random programs for as long as it is told, with an engine
 * that dies every few seconds, of a kill or of a fault of the disk, and another that goes on. At the end every counter is
 * what arithmetic says, nothing acknowledged is missing, and nothing grows that should not. Ends with 1 where that is not so.
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
import { rises, slopeOf } from './slope.ts';
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

/** What may rise by how much an hour. The first hour of an engine's life is younger than that of the goal for a whole day. */
const most = { rssMb: 1, descriptors: 1, bytesAnEvent: 1 } as const;
/** It grows until it is taken over into the store, and begins anew. */
const MOST_WAL_MB = 64 * 1.048576;

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 1);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const chance = chanceOf(`soak ${seed}`);
const strace = lacksStrace();
const began = performance.now();
const until = began + minutes * 60_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

interface Taken extends Vitals {
  readonly atHours: number;
}

const place = makePlace([]);
const programs: Program[] = [];
const taken: Taken[] = [];
const faults: string[] = [];
const deaths = { killed: 0, 'of its disk': 0, 'by itself': 0 };

print(`seed ${seed}, ${minutes} minutes${strace === null ? '' : `; no faults of the disk: ${strace}`}`);
for (let chapter = 0; chapter === 0 || performance.now() < until; chapter += 1) {
  const own = Array.from({ length: minutes < 1 ? SHORT_CHAPTER : CHAPTER }, (_, n) => drawProgram(`c${chapter}-${n}`));
  programs.push(...own);
  await live({ ...place, programs: own });
  // Until then the caller's own reading grew with the store.
  if (chapter === 0) taken.length = 0;
}
const verdict = judge({ ...place, programs }, null);
report();
if (process.exitCode === 1) print(`what is left of it: ${place.directory}`);
else leavePlace(place);

/** One engine after another, until one has seen to all programs of the chapter; the last one is left alone. */
async function live(chapter: Place): Promise<void> {
  for (;;) {
    const death = await sendOne(chapter, performance.now() >= until);
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
    taken.push({ ...vitalsOf(pid, home), atHours: (performance.now() - began) / 3_600_000 });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
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
  const events = taken.at(-1)?.events ?? 0;
  print(
    `${programs.length} programs, ${verdict.acknowledged} acknowledgements, ${verdict.engines} engines: ${Object.entries(deaths)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ')}`,
  );
  print(`${verdict.lost.length} lost, ${verdict.repeated.length} repeated, ${verdict.faults.length + faults.length} other faults`);
  for (const fault of [...verdict.lost, ...verdict.repeated, ...verdict.faults, ...faults].slice(0, FAULTS_SHOWN)) print(`  ${fault}`);
  const figures = [
    ['memory, MB', most.rssMb, taken.flatMap(({ atHours, rssMb }) => (rssMb === null ? [] : [{ atHours, value: rssMb }]))],
    [
      'descriptors',
      most.descriptors,
      taken.flatMap(({ atHours, descriptors }) => (descriptors === null ? [] : [{ atHours, value: descriptors }])),
    ],
    [
      'bytes of store an event',
      most.bytesAnEvent,
      taken.flatMap(({ atHours, storeBytes, events }) => (events < 5_000 ? [] : [{ atHours, value: storeBytes / events }])),
    ],
  ] as const;
  const rising = figures.flatMap(([name, mostPerHour, samples]) => {
    const slope = slopeOf(samples);
    const peak = Math.max(0, ...samples.map(({ value }) => value));
    const grows = rises(slope, mostPerHour);
    print(
      `${name}: ${slope.mean.toFixed(1)} on average, ${peak.toFixed(1)} at most, ${slope.perHour.toFixed(1)} ± ${slope.error.toFixed(1)} an hour over ${slope.samples} engines of ${SAMPLED_AT_MS / 1_000} s; may rise by ${mostPerHour}: ${grows ? 'RISES' : 'flat'}`,
    );
    return grows ? [name] : [];
  });
  const wal = Math.max(0, ...taken.map(({ walMb }) => walMb));
  print(`write-ahead log: ${wal.toFixed(1)} MB at most; may have ${MOST_WAL_MB.toFixed(1)}`);
  const good = isClean(verdict) && faults.length === 0 && rising.length === 0 && wal <= MOST_WAL_MB;
  print(
    `${events} events at the last sample; ${good ? 'held' : 'FAILED'} after ${((performance.now() - began) / 60_000).toFixed(1)} minutes`,
  );
  process.exitCode = good ? 0 : 1;
}
