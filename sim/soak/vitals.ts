/** What a living engine takes of the machine, read from outside of it. Descriptors are known on Linux only. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Vitals {
  readonly descriptors: number | null;
  readonly walMb: number;
  readonly events: number;
  readonly storeBytes: number;
}

export function vitalsOf(pid: number, home: string): Vitals {
  const store = join(home, 'journal.db');
  return {
    descriptors: countDescriptors(pid),
    walMb: sizeOf(`${store}-wal`) / 1_000_000,
    events: markedIn(`${store}.mark`),
    storeBytes: sizeOf(store),
  };
}

function countDescriptors(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The mark beside the store says how many events there are, and may be read while the store is open. */
function markedIn(path: string): number {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return bytes.length >= 8 ? Number(bytes.readBigUInt64LE(0)) : 0;
}
