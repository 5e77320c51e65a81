/** Names of runs, which are their batches too: sortable by start, readable, unique under concurrent starts. */

import { hash } from 'node:crypto';
import type { Chance } from '../world.ts';

/** Crockford's base 32: no letters that are mistaken for digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_LENGTH = 6;
/** 60 bits: among a million children of one run, two have the same name with a chance below one in a million. */
const CHILD_LENGTH = 12;

/** `20261120-191503-7k2m9q`: UTC to the second, then 30 random bits. */
export function newRunId(nowMs: number, chance: Chance): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${lettersOf(chance('runs', RANDOM_LENGTH))}`;
}

/** `20261120-191503-7k2m9q.0v4mz81qk2h7`: always the same for one attempt, below the run that somebody started. */
export function childRunId(parent: string, idempotencyKey: string, round: number): string {
  const bytes = Buffer.from(hash('sha256', JSON.stringify([parent, idempotencyKey, round]), 'hex'), 'hex');
  return `${parent.split('.')[0]}.${lettersOf(bytes.subarray(0, CHILD_LENGTH))}`;
}

/** 5 bits of each byte. */
function lettersOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
