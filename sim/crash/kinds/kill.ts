/** Processes that are killed: at a random moment, or at the Nth call of the operating system. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../controls.ts';
import { atWork } from '../moment.ts';
import { awaitDeath, conclude, describe, leavePlace, makePlace, sendVictim } from '../round.ts';
import type { Place, Round, Sending } from '../round.ts';
import { injecting } from '../strace.ts';
import { between } from './kind.ts';
import type { CrashKind, Setting } from './kind.ts';

/** One in so many is killed while it starts. */
const EARLY_ONE_IN = 6;
const STARTING_MS = 500;

export const kill: CrashKind = {
  name: 'SIGKILL at a random moment',
  needs: null,
  round: (setting) => killed(setting, null),
  control: { what: 'an engine that acknowledges before it commits', round: (setting) => killed(setting, 'early'), evidence: 'lost' },
};

async function killed({ programs, expected, work, chance, deaths }: Setting, control: Control | null): Promise<Round> {
  const place = makePlace(programs);
  try {
    let crashes = 0;
    const faults: string[] = [];
    for (let sent = 0; sent < deaths; sent += 1) {
      const victim = sendVictim(place, { control });
      if (chance() * EARLY_ONE_IN < 1) await sleep(between(chance, 0, STARTING_MS));
      else await atWork(place, victim, work, chance);
      victim.signal('SIGKILL');
      const death = await awaitDeath(victim);
      if (death.signal === 'SIGKILL') crashes += 1;
      else if (death.code !== 0) faults.push(`an engine ended by itself: ${describe(death)}`);
      if (death.code === 0) break;
    }
    return await conclude(place, expected, { crashes, faults }, { control });
  } finally {
    leavePlace(place);
  }
}

/** What an engine does to its files, and how often at most before it has long been at work. */
const calls: readonly (readonly [call: string, most: number])[] = [
  ['fsync', 70],
  ['pwrite64', 600],
  ['write', 300],
  ['rename', 20],
  ['openat', 700],
  ['pread64', 400],
  ['ftruncate', 4],
  ['unlink', 4],
  ['mkdir', 15],
  ['statx', 500],
];

export const killAtCall: CrashKind = {
  name: 'SIGKILL at the Nth system call',
  needs: 'strace',
  round: (setting) => killedAtCalls(setting, null),
  control: {
    what: 'an engine that acknowledges before it commits, killed while it writes',
    round: (setting) => killedAtCalls(setting, 'early'),
    evidence: 'lost',
  },
};

/** Each round takes one call and goes through a tenth of the numbers, other ones in each round. */
async function killedAtCalls({ programs, expected, round, chance, deaths }: Setting, control: Control | null): Promise<Round> {
  const [call, most] = control === null ? (calls[round % calls.length] ?? ['fsync', 70]) : (['pwrite64', 400] as const);
  const place = makePlace(programs);
  try {
    let crashes = 0;
    const faults: string[] = [];
    for (let sent = 0; sent < deaths; sent += 1) {
      const at = 1 + Math.floor(((sent + chance()) / deaths) * most);
      const paths = control === null ? {} : { paths: [`${place.home}/journal.db-wal`] };
      const under = injecting({ call, at, what: 'KILL', ...paths });
      const death = await awaitDeath(sendVictim(place, { control, under }));
      if (isKilled(death)) crashes += 1;
      else if (death.code !== 0) faults.push(`an engine ended by itself at ${call} ${at}: ${describe(death)}`);
      if (death.code === 0) break;
    }
    return await conclude(place, expected, { crashes, faults }, { control });
  } finally {
    leavePlace(place);
  }
}

/** Strace ends as its program did. */
function isKilled({ code, signal }: { readonly code: unknown; readonly signal: string | null }): boolean {
  return signal === 'SIGKILL' || code === 137;
}

/** The clock of each engine is off by other hours. */
export const clock: CrashKind = {
  name: 'the clock two hours back and forward, and SIGKILL',
  needs: null,
  round: (setting) => clocked(setting, null),
  control: {
    what: 'an engine that writes whatever its clock says',
    round: (setting) => clocked(setting, 'timeless'),
    evidence: /ms before the one before it/,
  },
};

const HOURS_MS = 2 * 3_600_000;
const courses: readonly (readonly number[])[] = [[0, -HOURS_MS, 0], [HOURS_MS, 0], [-HOURS_MS], [0, HOURS_MS, -HOURS_MS, 0]];

async function clocked({ programs, expected, work, chance, round, deaths }: Setting, control: Control | null): Promise<Round> {
  const place: Place = makePlace(programs);
  try {
    let crashes = 0;
    const faults: string[] = [];
    for (let sent = 0; sent < Math.min(deaths, courses.length); sent += 1) {
      const sending: Sending = { control, clockOffMs: courses[(round + sent) % courses.length] ?? [] };
      const victim = sendVictim(place, sending);
      await atWork(place, victim, work, chance);
      victim.signal('SIGKILL');
      const death = await awaitDeath(victim);
      if (death.signal === 'SIGKILL') crashes += 1;
      else if (death.code !== 0) faults.push(`an engine ended by itself: ${describe(death)}`);
      if (death.code === 0) break;
    }
    // The last one is left alone with a clock that is behind all that was recorded.
    return await conclude(place, expected, { crashes, faults }, { control, clockOffMs: [-2 * HOURS_MS] });
  } finally {
    leavePlace(place);
  }
}
