/** Work for the processor, by the same function in the engine's worker threads and in a bare pool of them. */

import { existsSync } from 'node:fs';
import { defineHandler } from '@scriptorium/core';
import type { Handler, HandlerModule } from '@scriptorium/core';

export interface Work {
  readonly n: number;
  readonly rounds: number;
}

/** Computes, and touches nothing beside a few numbers: what it takes is a matter of `rounds` alone. */
export function compute({ n, rounds }: Work): number {
  let [a, b] = [n | 1, 0x9e3779b9];
  for (let round = 0; round < rounds; round += 1) {
    a = Math.imul(a ^ (a >>> 15), 0x85ebca6b);
    b = (b + a) | 0;
  }
  return b;
}

/** How many rounds take so long on a thread that has a core to itself. */
export function roundsOf(ms: number): number {
  const probe = 2_000_000;
  const took = Array.from({ length: 5 }, () => {
    const from = process.threadCpuUsage();
    compute({ n: 1, rounds: probe });
    return process.threadCpuUsage(from).user / 1000;
  });
  return Math.round((probe * ms) / Math.min(...took));
}

/** Computes without end: until there is a file `until`, which nobody who waits for it can tell it otherwise. */
export function computeUntil({ until }: { readonly until: string }): null {
  while (!existsSync(until)) compute({ n: 1, rounds: 10_000_000 });
  return null;
}

export const handlers: readonly Handler[] = [
  defineHandler<Work, number>({
    name: 'bench/compute',
    version: '1.0.0',
    doc: 'Computes for so many rounds.',
    input: { type: 'object', required: ['n', 'rounds'], properties: { n: { type: 'integer' }, rounds: { type: 'integer' } } },
    output: { type: 'integer' },
    effects: 'none',
    runs: 'thread',
    run: compute,
  }),
  defineHandler<{ until: string }>({
    name: 'bench/compute-until',
    version: '1.0.0',
    doc: 'Computes until there is a file.',
    input: { type: 'object', required: ['until'], properties: { until: { type: 'string' } } },
    output: { type: 'null' },
    effects: 'none',
    runs: 'thread',
    run: computeUntil,
  }),
];

export const workModule: HandlerModule = { url: import.meta.url, handlers };
