/** Names of runs, which are their batches too: sortable by start, readable, unique under concurrent starts. */

import { hash } from 'node:crypto';
import type { Chance } from '../world.ts';

/** Crockford's base 32: no letters that are mistaken for digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LETTERS = 6;
/** The first run of a second lies in the lower half of what the letters can say, so that those after it have room above. */
const FIRSTS = 2 ** (5 * LETTERS - 1);
/** Between two runs of a second: room for 65,000 of them at least. */
const STEPS = 2 ** 13;
/** 60 bits: among a million children of one run, two have the same name with a chance below one in a million. */
const CHILD_LETTERS = 12;

/**
 * `20261120-191503-7k2m9q`: UTC to the second, then letters that begin by chance and rise with every run of that second.
 * So no two runs of an engine have one name, however many begin; and what is written of runs that begin together lies
 * together in the store, whose indexes are sorted by their names.
 */
export function createRunIds(chance: Chance): (nowMs: number) => string {
  let [second, stamp, last] = [-1, '', 0];
  return (nowMs) => {
    const drawn = numberOf(chance('runs', LETTERS));
    if (Math.floor(nowMs / 1_000) === second) last += 1 + (drawn % STEPS);
    else [second, stamp, last] = [Math.floor(nowMs / 1_000), stampOf(nowMs), drawn % FIRSTS];
    return `${stamp}-${lettersOf(last)}`;
  };
}

/** `20261120-191503-7k2m9q.0v4mz81qk2h7`: always the same for one attempt, below the run that somebody started. */
export function childRunId(parent: string, idempotencyKey: string, round: number): string {
  const bytes = Buffer.from(hash('sha256', JSON.stringify([parent, idempotencyKey, round]), 'hex'), 'hex');
  return `${parent.split('.')[0]}.${Array.from(bytes.subarray(0, CHILD_LETTERS), letterOf).join('')}`;
}

function stampOf(nowMs: number): string {
  return new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
}

/** 5 bits of each byte. */
function numberOf(bytes: Uint8Array): number {
  return bytes.reduce((number, byte) => number * ALPHABET.length + (byte % ALPHABET.length), 0);
}

function lettersOf(number: number): string {
  let [letters, rest] = ['', number];
  while (rest > 0 || letters.length < LETTERS) [letters, rest] = [letterOf(rest) + letters, Math.floor(rest / ALPHABET.length)];
  return letters;
}

function letterOf(number: number): string {
  return ALPHABET.charAt(number % ALPHABET.length);
}
