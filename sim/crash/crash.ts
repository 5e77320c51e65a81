/**
 * `npm run crash [-- --rounds N | --minutes N] [--only NAME] [--seed S]`: kills engines, damages their stores, and judges
 * what is left. Prints one line for each kind; ends with 1 where anything acknowledged was lost, anything completed was
 * done again, or a judge let an engine pass that breaks its promise on purpose. What cannot be done on this machine is
 * named and counted.
 */

import { parseArgs } from 'node:util';
import { chanceOf } from './chance.ts';
import { lacksDisks } from './disk.ts';
import { isClean } from './judge.ts';
import { clock, kill, killAtCall } from './kinds/kill.ts';
import { cutFiles, flippedBits, lostWal } from './kinds/damage-kinds.ts';
import { errors, frozen, full, fullWithReserve, powerCuts, shortWrites } from './kinds/disk-kinds.ts';
import { fight } from './kinds/fight.ts';
import type { CrashKind, Setting } from './kinds/kind.ts';
import type { Program } from './program.ts';
import { undisturbed } from './round.ts';
import type { Round } from './round.ts';
import { lacksStrace } from './strace.ts';
import { tableOf } from './tally.ts';
import type { KindTally } from './tally.ts';

const kinds: readonly CrashKind[] = [
  kill,
  killAtCall,
  ...powerCuts,
  errors,
  full,
  fullWithReserve,
  frozen,
  shortWrites,
  lostWal,
  flippedBits,
  cutFiles,
  fight,
  clock,
];

/** Rounds in which a control must be found out. */
const CONTROL_ROUNDS = 12;
const DEATHS = 6;
const FAULTS_SHOWN = 5;

const rule = { retryEvery: 4, breakEvery: 7, payEvery: 3, callEvery: 5 };
const programs: readonly Program[] = [
  { label: 'work', kind: 'work', count: 16, ...rule },
  { label: 'saga', kind: 'saga', count: 4, ...rule },
  { label: 'left', kind: 'left', count: 3, ...rule },
];

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, minutes: { type: 'string' }, only: { type: 'string' }, seed: { type: 'string' } },
});
const rounds = Number(values.rounds ?? (values.minutes === undefined ? 4 : Infinity));
const until = values.minutes === undefined ? Infinity : performance.now() + Number(values.minutes) * 60_000;
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const wanted = kinds.filter(({ name }) => values.only === undefined || name.includes(values.only));
if (wanted.length === 0) throw new Error(`no kind of crash is called '${values.only}': ${kinds.map(({ name }) => name).join(', ')}`);

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const calm = await undisturbed(programs);
const lacking = { strace: lacksStrace(), disk: lacksDisks() };
const tallies = new Map<CrashKind, KindTally>(wanted.map((kind) => [kind, startOf(kind)]));
print(`seed ${seed}`);

for (const kind of wanted) if (tallies.get(kind)?.skipped === null) await tryControl(kind);
for (let round = 0; round < rounds && performance.now() < until; round += 1) {
  for (const kind of wanted) {
    const tally = tallies.get(kind);
    if (tally === undefined || tally.skipped !== null || performance.now() >= until) continue;
    add(kind, tally, await kind.round(settingOf(kind, round)), round);
  }
}
const all = [...tallies.values()];
print(tableOf(all));
const bad = all.filter(({ lost, repeated, faults, control }) => lost + repeated + faults > 0 || control === 'missed');
const skipped = all.filter(({ skipped }) => skipped !== null);
print(
  `${all.length - bad.length - skipped.length} of ${all.length} kinds held${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}${bad.length === 0 ? '' : `, ${bad.length} FAILED`}`,
);
process.exitCode = bad.length > 0 ? 1 : 0;

function startOf(kind: CrashKind): KindTally {
  const skipped = kind.needs === null ? null : lacking[kind.needs];
  return {
    name: kind.name,
    rounds: 0,
    crashes: 0,
    acknowledged: 0,
    lost: 0,
    repeated: 0,
    faults: 0,
    detected: 0,
    control: 'none',
    skipped,
  };
}

function settingOf(kind: CrashKind, round: number): Setting {
  return { programs, ...calm, round, chance: chanceOf(`${seed} ${kind.name} ${round}`), deaths: DEATHS };
}

async function tryControl(kind: CrashKind): Promise<void> {
  const tally = tallies.get(kind);
  if (kind.control === undefined || tally === undefined) return;
  for (let round = 0; round < CONTROL_ROUNDS; round += 1) {
    const { verdict } = await kind.control.round({ ...settingOf(kind, round), chance: chanceOf(`${seed} control ${kind.name} ${round}`) });
    const { evidence } = kind.control;
    const first = evidence === 'lost' ? verdict.lost[0] : verdict.faults.find((fault) => evidence.test(fault));
    if (first === undefined) continue;
    print(
      `control: ${kind.control.what}: found out in round ${round + 1} (${evidence === 'lost' ? 'lost: ' : ''}${first.split('\n')[0]?.slice(0, 160)})`,
    );
    tallies.set(kind, { ...tally, control: 'caught' });
    return;
  }
  print(`control: ${kind.control.what}: NOT found out in ${CONTROL_ROUNDS} rounds`);
  tallies.set(kind, { ...tally, control: 'missed' });
}

function add(kind: CrashKind, tally: KindTally, { crashes, detected, verdict }: Round, round: number): void {
  if (!isClean(verdict)) {
    print(`${kind.name}, round ${round}, --seed ${seed}:`);
    for (const fault of [...verdict.lost, ...verdict.repeated, ...verdict.faults].slice(0, FAULTS_SHOWN)) print(`  ${fault}`);
  }
  tallies.set(kind, {
    ...tally,
    rounds: tally.rounds + 1,
    crashes: tally.crashes + crashes,
    detected: tally.detected + detected,
    acknowledged: tally.acknowledged + verdict.acknowledged,
    lost: tally.lost + verdict.lost.length,
    repeated: tally.repeated + verdict.repeated.length,
    faults: tally.faults + verdict.faults.length,
  });
}
