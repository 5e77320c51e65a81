/** Disks that fail: power cuts, errors, no space, no writing. Whatever happens, the engine ends with its code and goes on later. */

import { join } from 'node:path';
import { journalExitCodes, RESERVE_BYTES } from '@scriptorium/engine';
import type { Control } from '../controls.ts';
import { makeDisk } from '../disk.ts';
import type { Cut, Disk } from '../disk.ts';
import { atWork } from '../moment.ts';
import { awaitDeath, conclude, describe, leavePlace, makePlace, sendVictim } from '../round.ts';
import type { Death, Round, Sending } from '../round.ts';
import { injecting } from '../strace.ts';
import type { Injection } from '../strace.ts';
import { victimExitCodes } from '../exit-codes.ts';
import { oneOf } from './kind.ts';
import type { CrashKind, Setting } from './kind.ts';

const DISK_MEGABYTES = 48;
/** Too small for the store, once it is filled. */
const SMALL_MEGABYTES = 24;
/** An engine whose disk has failed ends within this. */
const ENDS_WITHIN_MS = 20_000;

/** The store cannot be used, or the outputs cannot, and whoever runs the engine is told what to do. */
const { halted, damaged, full: noSpace, denied } = journalExitCodes;
const ends: ReadonlySet<Death['code']> = new Set([halted, damaged, noSpace, denied, victimExitCodes.unavailable]);

function wrongEnd(death: Death, what: string): readonly string[] {
  if (ends.has(death.code) && /^fix: ./m.test(death.errors)) return [];
  return [`${what}: the engine ended with ${describe(death)}, not with one of ${[...ends].join(', ')} and a fix`];
}

export const powerCuts: readonly CrashKind[] = (['nologflush', 'logflush', 'default'] as const).map((how) => ({
  name: `power cut (${how})`,
  needs: 'disk',
  round: (setting) => onDisk(setting, DISK_MEGABYTES, null, cutting(how)),
  ...(how === 'nologflush'
    ? {
        control: {
          what: 'an engine that does not sync its commits',
          round: (setting: Setting) => onDisk(setting, DISK_MEGABYTES, 'unsynced', cutting(how)),
          evidence: 'lost' as const,
        },
      }
    : {}),
}));

function cutting(how: Cut): (disk: Disk) => () => void {
  return (disk) => {
    disk.cut(how);
    return () => disk.restart();
  };
}

export const frozen: CrashKind = {
  name: 'the disk turns read-only',
  needs: 'disk',
  round: (setting) =>
    onDisk(setting, DISK_MEGABYTES, null, (disk) => {
      disk.freeze();
      return () => disk.restart();
    }),
};

export const full: CrashKind = {
  name: 'the disk is full',
  needs: 'disk',
  round: (setting) => onDisk(setting, SMALL_MEGABYTES, null, (disk) => disk.fill()),
};

/** Beside what is kept in reserve there is room for the work. */
const LARGE_MEGABYTES = 400;

export const fullWithReserve: CrashKind = {
  name: 'the disk is full, with space in reserve',
  needs: 'disk',
  round: (setting) => onDisk(setting, LARGE_MEGABYTES, null, (disk) => disk.fill(), { reserveBytes: RESERVE_BYTES }),
};

/** Something happens to the disk under an engine at work, which then must end by itself; `harm` returns how to set it right. */
async function onDisk(
  { programs, expected, work, chance, deaths }: Setting,
  megabytes: number,
  control: Control | null,
  harm: (disk: Disk) => () => void,
  more: Sending = {},
): Promise<Round> {
  const disk = makeDisk(megabytes);
  const place = makePlace(programs, disk.path);
  try {
    let [crashes, detected] = [0, 0];
    const faults: string[] = [];
    for (let sent = 0; sent < deaths; sent += 1) {
      const victim = sendVictim(place, { ...more, control });
      await atWork(place, victim, work, chance);
      const mend = harm(disk);
      const death = await awaitDeath(victim, ENDS_WITHIN_MS);
      mend();
      if (death.code === 0) break;
      crashes += 1;
      const wrong = wrongEnd(death, 'the disk failed');
      faults.push(...wrong);
      detected += wrong.length === 0 ? 1 : 0;
    }
    return await conclude(place, expected, { crashes, detected, faults }, { control });
  } finally {
    disk.remove();
    leavePlace(place);
  }
}

/** The files of the store and the calls that write them. */
const targets: readonly (readonly [call: string, files: readonly string[], most: number])[] = [
  ['fsync', ['journal.db-wal'], 60],
  ['pwrite64', ['journal.db-wal'], 400],
  ['pwrite64', ['journal.db'], 6],
  ['fsync', ['journal.db'], 4],
  ['pwrite64', ['journal.db.mark'], 40],
  ['pread64', ['journal.db', 'journal.db-wal'], 60],
];

export const errors: CrashKind = {
  name: 'EIO and ENOSPC from the store’s files',
  needs: 'strace',
  round: (setting) => failing(setting, null),
  control: {
    what: 'an engine that takes a failed commit for a good one',
    round: (setting) => failing(setting, 'blind'),
    evidence: /not with one of/,
  },
};

async function failing({ programs, expected, round, chance, deaths }: Setting, control: Control | null): Promise<Round> {
  const target = control === null ? targets[round % targets.length] : targets[1];
  const [call, files, most] = target ?? ['fsync', ['journal.db-wal'], 60];
  const place = makePlace(programs);
  try {
    let [crashes, detected] = [0, 0];
    const faults: string[] = [];
    for (let sent = 0; sent < deaths; sent += 1) {
      const paths = files.map((file) => join(place.home, file));
      const injection: Injection = { call, at: 1 + Math.floor(chance() * most), what: oneOf(chance, ['EIO', 'ENOSPC']), paths };
      const death = await awaitDeath(sendVictim(place, { control, under: injecting(injection) }));
      if (death.code === 0) break;
      crashes += 1;
      const wrong = wrongEnd(death, `${injection.what} at ${call} ${injection.at} of ${files.join(', ')}`);
      faults.push(...wrong);
      detected += wrong.length === 0 ? 1 : 0;
    }
    return await conclude(place, expected, { crashes, detected, faults }, { control: null });
  } finally {
    leavePlace(place);
  }
}

/** Files may not grow beyond this; what would go beyond is written in part, and the rest refused. */
const kilobytes: readonly [number, ...number[]] = [40, 73, 150, 261, 402, 577, 803];

/** By the limit on the size of a file, which the kernel holds to by writing less than it was asked to. */
export const shortWrites: CrashKind = {
  name: 'short writes',
  needs: null,
  round: async ({ programs, expected, chance, deaths }) => {
    const place = makePlace(programs);
    try {
      let [crashes, detected] = [0, 0];
      const faults: string[] = [];
      for (let sent = 0; sent < deaths; sent += 1) {
        const limit = oneOf(chance, kilobytes);
        // In blocks of 512 bytes for `sh`, and nobody dies of the signal that says so.
        const under = ['sh', '-c', `trap '' XFSZ; ulimit -f ${limit * 2}; exec "$@"`, 'sh'];
        const death = await awaitDeath(sendVictim(place, { under }));
        if (death.code === 0) break;
        crashes += 1;
        const wrong = wrongEnd(death, `no file above ${limit} kB`);
        faults.push(...wrong);
        detected += wrong.length === 0 ? 1 : 0;
      }
      return await conclude(place, expected, { crashes, detected, faults });
    } finally {
      leavePlace(place);
    }
  },
};
