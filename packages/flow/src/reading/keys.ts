/** The keys of the language. */

import { closest } from '@scriptorium/core';
import type { Findings } from '../diagnostic.ts';
import type { Entry, MapPiece } from './piece.ts';

export interface KeySet {
  /** What the mapping is, for messages: `a step`. */
  readonly owner: string;
  readonly known: readonly string[];
  /** What other tools call a key that is known here. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Keys that belong elsewhere, with where. */
  readonly misplaced?: Readonly<Record<string, string>>;
}

const policyKeys = ['returns', 'timeout', 'retry', 'limit', 'budget', 'cache'];
const callKeys = ['uses', 'with', 'detached', 'value', 'wait', 'steps', 'states', 'until', 'output', ...policyKeys, 'doc', 'like'];

export const flowKeys: KeySet = {
  owner: 'a flow',
  known: [
    'flow',
    'version',
    'doc',
    'extends',
    'input',
    'limits',
    'budget',
    'schemas',
    'define',
    'profiles',
    'migrate',
    'steps',
    'states',
    'until',
    'output',
  ],
  misplaced: { run: '`run` belongs into a profile: `profiles: { test: { run: { mode: strict } } }`' },
};

export const profileKeys: KeySet = {
  owner: 'a profile',
  known: [...flowKeys.known.filter((key) => key !== 'profiles' && key !== 'extends'), 'run'],
  misplaced: { extends: '`extends` belongs to the file itself: profiles are merged in after it' },
};

/** As other tools call them. */
const stepSynonyms: Readonly<Record<string, string>> = {
  call: 'uses',
  handler: 'uses',
  args: 'with',
  inputs: 'with',
  params: 'with',
  when: 'if',
  foreach: 'each',
  forEach: 'each',
  after: 'needs',
  dependsOn: 'needs',
  depends_on: 'needs',
  retries: 'retry',
  rescue: 'catch',
  onError: 'catch',
  goto: 'next',
  transition: 'next',
};

export const stepKeys: KeySet = {
  owner: 'a step',
  synonyms: stepSynonyms,
  known: [...callKeys, 'needs', 'if', 'each', 'catch', 'compensate'],
  misplaced: {
    next: '`next` belongs to a state: put the step under `states:`, or order it by what it reads',
    max: '`max` bounds how often a state is entered; how often a step is tried again stands under `retry`',
    events: '`events` lead out of a state: put the step under `states:`, or wait for one with `wait: { event: … }`',
    in: '`in` belongs under `each`',
    as: '`as` belongs under `each`',
    key: '`key` belongs under `each`',
    workers: '`workers` belongs under `each`',
    batch: '`batch` belongs under `each`',
    tolerate: '`tolerate` belongs under `each`',
    errors: '`errors` belongs under `retry` or `catch`',
  },
};

/** What only states have. */
const ofStates: readonly string[] = ['next', 'max', 'events'];

export const stateKeys: KeySet = {
  owner: 'a state',
  synonyms: stepSynonyms,
  known: [...stepKeys.known.filter((key) => key !== 'needs'), ...ofStates],
  misplaced: {
    ...Object.fromEntries(Object.entries(stepKeys.misplaced ?? {}).filter(([key]) => !ofStates.includes(key))),
    needs: 'states run one at a time, in the order that their `next` gives',
    to: '`to` belongs under `next` or `catch`',
  },
};

/** What a `define` entry may hold: a step or a state may start from it. */
export const definitionKeys: KeySet = {
  owner: 'a definition',
  synonyms: stepSynonyms,
  known: [...new Set([...stepKeys.known, ...stateKeys.known])],
  misplaced: Object.fromEntries(Object.entries(stepKeys.misplaced ?? {}).filter(([key]) => !ofStates.includes(key))),
};

export const nextKeys: KeySet = {
  owner: 'an entry of `next`',
  known: ['if', 'to'],
  synonyms: { goto: 'to', then: 'to', state: 'to', next: 'to', when: 'if' },
};

export const catchKeys: KeySet = {
  owner: 'a catch entry',
  known: [...callKeys, 'errors', 'if'],
  misplaced: {
    to: '`to` names a state to go on with: only the `catch` of a state has it',
    next: '`next` belongs to the state itself: write `to:` for the state to go on with',
    each: 'put the `each` into a step under `steps:`',
    needs: 'a catch entry runs when the step failed: it needs no order',
    catch: 'put the inner `catch` on a step under `steps:`',
    compensate: 'put the call and its `compensate` into a step under `steps:`',
  },
};

const bodyOfCompensation = 'a compensation is one call: give it `uses` and `with`';

export const compensateKeys: KeySet = {
  owner: '`compensate`',
  known: ['uses', 'with', 'timeout', 'retry', 'limit', 'doc', 'like'],
  misplaced: {
    ...Object.fromEntries(['value', 'wait', 'steps', 'states', 'output', 'returns', 'each'].map((key) => [key, bodyOfCompensation])),
    catch: 'what to do when a compensation fails is for the `catch` of the scope: `errors: [compensation_failed]`',
    if: 'a step that completed is undone: let the handler see that there is nothing to undo',
    needs: 'compensations run in the reverse order in which their steps completed',
  },
};

export const stateCatchKeys: KeySet = {
  ...catchKeys,
  known: [...catchKeys.known, 'to'],
  misplaced: Object.fromEntries(Object.entries(catchKeys.misplaced ?? {}).filter(([key]) => key !== 'to')),
};

export const eachKeys: KeySet = { owner: '`each`', known: ['in', 'as', 'key', 'workers', 'batch', 'tolerate', 'until'] };
export const retryKeys: KeySet = {
  owner: '`retry`',
  known: ['max', 'delay', 'factor', 'cap', 'within', 'errors'],
  synonyms: { times: 'max', retries: 'max', attempts: 'max', tries: 'max', backoff: 'factor', on: 'errors' },
};
export const limitKeys: KeySet = {
  owner: 'a limit',
  known: ['concurrent', 'rate', 'tokens', 'breaker'],
  misplaced: { failures: '`failures` belongs under `breaker`', cooldown: '`cooldown` belongs under `breaker`' },
};
export const waitKeys: KeySet = {
  owner: '`wait`',
  known: ['for', 'until', 'event', 'match', 'ask', 'to', 'answer'],
  misplaced: { timeout: '`timeout` belongs to the step, beside `wait`' },
};
export const breakerKeys: KeySet = { owner: 'a breaker', known: ['failures', 'cooldown'] };
export const migrateKeys: KeySet = { owner: 'an entry of `migrate`', known: ['from', 'map', 'assume'] };
export const budgetKeys: KeySet = {
  owner: 'a budget',
  known: ['usd', 'tokens', 'calls'],
  misplaced: { concurrent: '`concurrent` belongs under `limit`', rate: '`rate` belongs under `limit`' },
};
export const runKeys: KeySet = { owner: '`run`', known: ['mode', 'limit'] };

/**
 * Tells of every key that is not for this mapping, or not yet. Gives the mapping as it was probably meant: a misspelled
 * key under its right name, so that nothing else follows from the mistake.
 */
export function checkKeys(piece: MapPiece, keys: KeySet, path: string, findings: Findings): MapPiece {
  const renamed = new Map<string, string>();
  for (const { key, keySpan: span } of piece.entries.values()) {
    if (keys.known.includes(key)) {
      continue;
    }
    const place = keys.misplaced?.[key];
    const suggestion = place === undefined ? meantKey(key, piece, keys) : undefined;
    const message = `${keys.owner} has no key '${key}'${suggestion === undefined ? ` (keys: ${keys.known.join(', ')})` : ` — did you mean '${suggestion}'?`}`;
    findings.add({ code: 'unknown_key', message, span, path, suggestion, fix: place });
    if (suggestion !== undefined) {
      renamed.set(key, suggestion);
    }
  }
  return renamed.size === 0
    ? piece
    : { ...piece, entries: new Map([...piece.entries].map(([key, entry]) => renamedEntry(entry, renamed.get(key) ?? key))) };
}

function renamedEntry(entry: Entry, key: string): readonly [string, Entry] {
  return [key, { ...entry, key }];
}

/** A key of the same meaning or letters that is not there yet, or the nearest one. */
function meantKey(key: string, piece: MapPiece, keys: KeySet): string | undefined {
  const free = keys.known.filter((each) => !piece.entries.has(each));
  const synonym = Object.hasOwn(keys.synonyms ?? {}, key) ? keys.synonyms?.[key] : undefined;
  if (synonym !== undefined && free.includes(synonym)) {
    return synonym;
  }
  const letters = (word: string): string => [...word].sort().join('');
  return free.find((each) => letters(each) === letters(key)) ?? closest(key, free) ?? undefined;
}
