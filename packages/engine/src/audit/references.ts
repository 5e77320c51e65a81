/** The values that events refer to: each must be in the store. */

import type { DatabaseSync } from 'node:sqlite';
import type { Json } from '@scriptorium/core';
import { restoreFix } from '../journal/journal-error.ts';
import { rowsOf } from './events.ts';
import type { Find } from './finding.ts';

const HASH = /^sha256:[0-9a-f]{64}$/;

export function auditReferences(db: DatabaseSync, find: Find): void {
  const content = db.prepare('SELECT body FROM contents WHERE hash = ?');
  const missing = new Set<string>();
  const textOf = (name: string): string | null => {
    const row = content.get(Buffer.from(name.slice('sha256:'.length), 'hex')) as { body: Uint8Array } | undefined;
    return row === undefined ? null : Buffer.from(row.body).toString('utf8');
  };
  for (const { run, actor, gseq, seq, value } of referencesIn(db, textOf)) {
    if (missing.has(value) || textOf(value) !== null) continue;
    missing.add(value);
    const message = `the value ${value}, which event ${gseq} (run ${run}, ${actor} ${seq}) refers to, is not there`;
    if (!find({ fault: 'value_missing', level: 'problem', message, fix: restoreFix, place: { value, event: gseq, run, actor } })) return;
  }
}

interface Reference {
  readonly run: string;
  readonly actor: string;
  readonly gseq: number;
  readonly seq: number;
  readonly value: string;
}

/** A row that is no JSON any more is told of elsewhere. */
function* referencesIn(db: DatabaseSync, textOf: (name: string) => string | null): Generator<Reference> {
  for (const { run, actor, gseq, seq, body, count } of rowsOf(db)) {
    if (!body.includes('sha256:')) continue;
    const events = count === 1 ? [parsed(body)] : ((parsed(body) ?? []) as readonly Json[]);
    for (const [index, event] of events.entries()) {
      const later = count - 1 - index;
      for (const value of referencesOf(event, textOf)) yield { run, actor, gseq: gseq - later, seq: seq - later, value };
    }
  }
}

/**
 * Only what the engine itself put there is looked at: fields of the event that carry a value, and pages. What handlers
 * and people gave may look the same, and refers to nothing.
 */
function* referencesOf(event: Json, textOf: (name: string) => string | null): Generator<string> {
  const entries = entriesOf(event);
  const isStart = entries.some(([field, type]) => field === 'type' && String(type).startsWith('run.'));
  for (const [field, value] of entries) {
    // What a run was given is data, whatever it looks like.
    if (isStart && field === 'input') continue;
    if (field === 'page' || field === 'pages') yield* pagesOf(field, value, textOf);
    else if (field === 'undo') yield* entriesOf(value).flatMap(([name, page]) => (name === 'page' && isHash(page) ? [page] : []));
    else if (field === 'env' || field === 'names') yield* entriesOf(value).flatMap(([, carried]) => carriedIn(carried));
    else yield* carriedIn(value);
  }
}

/** `pages` is the hash of a list of hashes. */
function* pagesOf(field: 'page' | 'pages', value: Json, textOf: (name: string) => string | null): Generator<string> {
  if (!isHash(value)) return;
  yield value;
  const list = field === 'pages' ? parsed(textOf(value) ?? '[]') : [];
  if (Array.isArray(list)) yield* (list as readonly Json[]).filter(isHash);
}

function carriedIn(value: Json): readonly string[] {
  const fields = Object.fromEntries(entriesOf(value));
  const { ref, bytes } = fields;
  const isCarried =
    isHash(ref) && typeof bytes === 'number' && Object.keys(fields).every((name) => ['ref', 'bytes', 'collections'].includes(name));
  return isCarried ? [ref] : [];
}

function entriesOf(value: Json): readonly [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value as { readonly [key: string]: Json })
    : [];
}

function isHash(value: Json | undefined): value is string {
  return typeof value === 'string' && HASH.test(value);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
