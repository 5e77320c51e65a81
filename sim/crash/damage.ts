/** Damage to the files of a store that nobody has open. */

import { closeSync, copyFileSync, existsSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export const parts = ['', '-wal', '-shm', '.mark'] as const;
export type Part = (typeof parts)[number];

export interface Damage {
  readonly what: string;
  /** Puts the file back as it was. */
  readonly mend: () => void;
}

function partOf(home: string, part: Part): string {
  return join(home, `journal.db${part}`);
}

export function has(home: string, part: Part): boolean {
  const path = partOf(home, part);
  return existsSync(path) && statSync(path).size > 0;
}

/** Turns one bit over; `chance` is between 0 and 1 and says which. */
export function flipBit(home: string, part: Part, chance: number): Damage {
  const path = partOf(home, part);
  const mend = keep(path);
  const bit = Math.floor(chance * statSync(path).size * 8);
  const byte = Buffer.alloc(1);
  const file = openSync(path, 'r+');
  readSync(file, byte, 0, 1, bit >> 3);
  byte[0] = (byte[0] ?? 0) ^ (1 << (bit & 7));
  writeSync(file, byte, 0, 1, bit >> 3);
  closeSync(file);
  return { what: `bit ${bit & 7} of byte ${bit >> 3} in journal.db${part}`, mend };
}

/** Leaves the first part of the file, up to `chance` of it. */
export function cutOff(home: string, part: Part, chance: number): Damage {
  const path = partOf(home, part);
  const mend = keep(path);
  const bytes = Math.floor(chance * statSync(path).size);
  truncateSync(path, bytes);
  return { what: `journal.db${part} cut to ${bytes} bytes`, mend };
}

export function takeAway(home: string, part: Part): Damage {
  const path = partOf(home, part);
  const mend = keep(path);
  rmSync(path);
  return { what: `journal.db${part} deleted`, mend };
}

/** Copies all parts, because what is opened with one of them damaged may change the others. */
function keep(damaged: string): () => void {
  const base = damaged.replace(/(-wal|-shm|\.mark)$/, '');
  const kept = parts.map((part) => `${base}${part}`).filter((path) => existsSync(path));
  for (const path of kept) copyFileSync(path, `${path}.kept`);
  return () => {
    for (const part of parts) rmSync(`${base}${part}`, { force: true });
    for (const path of kept) renameSync(`${path}.kept`, path);
  };
}
