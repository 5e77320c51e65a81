/** The keys of the language: those that are read here, and those that a later version runs. */

import { closest } from '@scriptorium/core';
import type { Findings } from './diagnostic.ts';
import type { MapPiece } from './piece.ts';

export interface KeySet {
  /** What the mapping is, for messages: `a step`. */
  readonly owner: string;
  readonly known: readonly string[];
  readonly later: readonly string[];
  /** Keys that belong elsewhere, with where. */
  readonly misplaced?: Readonly<Record<string, string>>;
}

const callKeys = ['uses', 'with', 'value', 'steps', 'output', 'returns', 'timeout', 'retry', 'limit', 'doc', 'like'];

export const flowKeys: KeySet = {
  owner: 'a flow',
  known: ['flow', 'version', 'doc', 'input', 'limits', 'schemas', 'define', 'profiles', 'steps', 'output'],
  later: ['extends', 'budget', 'migrate', 'states'],
  misplaced: { run: '`run` belongs into a profile: `profiles: { test: { run: { mode: strict } } }`' },
};

export const stepKeys: KeySet = {
  owner: 'a step',
  known: [...callKeys, 'needs', 'if', 'each', 'catch'],
  later: ['states', 'wait', 'budget', 'cache', 'compensate', 'until', 'events', 'next', 'max'],
  misplaced: {
    in: '`in` belongs under `each`', as: '`as` belongs under `each`', key: '`key` belongs under `each`', workers: '`workers` belongs under `each`',
    batch: '`batch` belongs under `each`', tolerate: '`tolerate` belongs under `each`', errors: '`errors` belongs under `retry` or `catch`',
  },
};

export const catchKeys: KeySet = {
  owner: 'a catch entry',
  known: [...callKeys, 'errors', 'if'],
  later: ['to', 'states', 'wait', 'budget', 'cache', 'compensate', 'until', 'events', 'next', 'max'],
  misplaced: { each: 'put the `each` into a step under `steps:`', needs: 'a catch entry runs when the step failed: it needs no order', catch: 'put the inner `catch` on a step under `steps:`' },
};

export const eachKeys: KeySet = { owner: '`each`', known: ['in', 'as', 'key', 'workers', 'batch', 'tolerate'], later: ['until'] };
export const retryKeys: KeySet = { owner: '`retry`', known: ['max', 'delay', 'factor', 'cap', 'within', 'errors'], later: [] };
export const limitKeys: KeySet = { owner: 'a limit', known: ['concurrent', 'rate'], later: ['breaker'] };
export const runKeys: KeySet = { owner: '`run`', known: ['mode', 'limit'], later: [] };

/** Tells of every key that is not for this mapping, or not yet. */
export function checkKeys(piece: MapPiece, keys: KeySet, path: string, findings: Findings): void {
  for (const { key, keySpan: span } of piece.entries.values()) {
    if (keys.known.includes(key)) {
      continue;
    }
    if (keys.later.includes(key)) {
      findings.add({ code: 'not_yet', message: `\`${key}\` is part of the language, but this version does not run it yet`, span, path, fix: `remove \`${key}\`` });
      continue;
    }
    const suggestion = closest(key, [...keys.known, ...keys.later]) ?? undefined;
    const place = keys.misplaced?.[key];
    const message = `${keys.owner} has no key '${key}' (keys: ${keys.known.join(', ')})${place === undefined && suggestion !== undefined ? ` — did you mean '${suggestion}'?` : ''}`;
    findings.add({ code: 'unknown_key', message, span, path, ...(place === undefined ? { suggestion } : { fix: place }) });
  }
}

/** Whether the body of a step is one that a later version runs. */
export function hasLaterBody(piece: MapPiece): boolean {
  return piece.entries.has('states') || piece.entries.has('wait');
}
