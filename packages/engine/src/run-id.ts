/** Names of runs, which are their batches too: sortable by start, readable, unique under concurrent starts. */

import { randomInt } from 'node:crypto';

/** Crockford's base 32: no letters that are mistaken for digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_LENGTH = 6;

/** `20261120-191503-7k2m9q`: UTC to the second, then 30 random bits. */
export function newRunId(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const random = Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${stamp}-${random}`;
}
