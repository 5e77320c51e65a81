/** From the text of a configuration to its values, each with its place; a value that does not fit is a finding. */

import { entryProblem, serverProblem, settingProblem } from '@scriptorium/agents';
import { resolve } from 'node:path';
import { closest, parseRate, secretNameOf } from '@scriptorium/core';
import type { Json } from '@scriptorium/core';
import { describePiece, toJson } from '@scriptorium/flow';
import type { Entry, Findings, MapPiece, Piece } from '@scriptorium/flow';
import { retentionKeys, retentionProblem } from './retention-setting.ts';
import { problemOf, settings, settle } from './setting.ts';
import type { Placed, Setting, Values } from './setting.ts';

interface Reading {
  /** Absolute; relative paths are below it. */
  readonly base: string;
  readonly findings: Findings;
  readonly placeOf: (offset: number) => string;
}

const ENVIRONMENTS = 'environments';

/** The settings of the whole file, or of one overlay. */
export function readValues(root: Piece, reading: Reading, isWhole: boolean): Values {
  const values = new Map<string, Placed>();
  const what = isWhole ? 'the configuration' : 'an environment';
  const map = mapOf(root, what, reading);
  for (const entry of map?.entries.values() ?? []) {
    if (isWhole && entry.key === ENVIRONMENTS) continue;
    const setting = Object.hasOwn(settings, entry.key) ? settings[entry.key] : undefined;
    if (setting === undefined) unknownKey(entry, what, [...Object.keys(settings), ...(isWhole ? [ENVIRONMENTS] : [])], reading);
    else for (const [key, value] of readSetting(entry, setting, reading)) values.set(key, value);
  }
  return values;
}

export function readEnvironments(root: Piece, reading: Reading): ReadonlyMap<string, Values> {
  const entry = root.type === 'map' ? root.entries.get(ENVIRONMENTS) : undefined;
  const map = entry === undefined ? undefined : mapOf(entry.value, '`environments`', reading);
  return new Map([...(map?.entries.values() ?? [])].map(({ key, value }) => [key, readValues(value, reading, false)]));
}

function readSetting(entry: Entry, { shape }: Setting, reading: Reading): readonly (readonly [string, Placed])[] {
  const { key, value } = entry;
  if (shape.type !== 'map') {
    const json = toJson(value);
    const problem = problemOf(shape, json);
    if (problem === null) return [[key, placed(settle(shape, json, reading.base), entry, reading)]];
    reading.findings.add({ code: 'wrong_value', message: `\`${key}\` ${problem}, not ${describePiece(value)}`, span: value.span });
    return [];
  }
  const entries = [...(mapOf(value, `\`${key}\``, reading)?.entries.values() ?? [])];
  if (shape.of === 'input') return entries.map((inner) => [`${key}.${inner.key}`, placed(toJson(inner.value), inner, reading)]);
  if (shape.of === 'secret') return entries.flatMap((secret) => readSecret(`${key}.${secret.key}`, secret, reading));
  if (shape.of === 'agent') return entries.flatMap((agent) => readAgent(`${key}.${agent.key}`, agent.value, reading));
  if (shape.of === 'model') return entries.flatMap((model) => readWhole(`${key}.${model.key}`, model, entryProblem, reading));
  if (shape.of === 'mcp') return entries.flatMap((server) => readWhole(`${key}.${server.key}`, server, serverProblem, reading));
  if (shape.of === 'retention') return entries.flatMap((entry) => readPart(key, entry, RETENTION, reading));
  return entries.flatMap((pool) => readLimit(`${key}.${pool.key}`, pool.value, reading));
}

/** A pool's numbers are settings of their own, so that an overlay changes one and keeps the other. */
function readLimit(key: string, limit: Piece, reading: Reading): readonly (readonly [string, Placed])[] {
  return [...(mapOf(limit, `\`${key}\``, reading)?.entries.values() ?? [])].flatMap((entry) => readPart(key, entry, LIMIT, reading));
}

/** A mapping of which the keys are known. */
interface Known {
  readonly what: string;
  readonly keys: readonly string[];
  /** Null for a value that will do, undefined for a key that is none. */
  readonly problemOf: (key: string, value: Json) => string | null | undefined;
}

const LIMIT: Known = { what: 'a limit', keys: ['concurrent', 'rate', 'tokens'], problemOf: limitProblem };
const RETENTION: Known = { what: '`retention`', keys: retentionKeys, problemOf: retentionProblem };

function readPart(key: string, entry: Entry, known: Known, reading: Reading): readonly (readonly [string, Placed])[] {
  const problem = known.problemOf(entry.key, toJson(entry.value));
  if (problem === null) return [[`${key}.${entry.key}`, placed(toJson(entry.value), entry, reading)]];
  if (problem === undefined) unknownKey(entry, known.what, known.keys, reading);
  else
    reading.findings.add({
      code: 'wrong_value',
      message: `\`${entry.key}\` ${problem}, not ${describePiece(entry.value)}`,
      span: entry.value.span,
    });
  return [];
}

/** Each setting of an agent is one of its own, so that an overlay changes one and keeps the others. */
function readAgent(key: string, agent: Piece, reading: Reading): readonly (readonly [string, Placed])[] {
  return [...(mapOf(agent, `\`${key}\``, reading)?.entries.values() ?? [])].flatMap((entry) => {
    const value = toJson(entry.value);
    const problem = settingProblem(`${key}.${entry.key}`, value);
    if (problem === null) return [[`${key}.${entry.key}`, placed(value, entry, reading)] as const];
    reading.findings.add({ code: 'wrong_value', message: problem, span: entry.keySpan });
    return [];
  });
}

/** An entry that is one setting. */
function readWhole(
  key: string,
  entry: Entry,
  problemIn: (value: Json) => string | null,
  reading: Reading,
): readonly (readonly [string, Placed])[] {
  const value = toJson(entry.value);
  const problem = problemIn(value);
  if (problem === null) return [[key, placed(value, entry, reading)]];
  reading.findings.add({ code: 'wrong_value', message: `\`${key}\`: ${problem}`, span: entry.keySpan });
  return [];
}

/** Where a secret is; a value in its place is not shown again. */
function readSecret(key: string, entry: Entry, reading: Reading): readonly (readonly [string, Placed])[] {
  const { value, keySpan } = entry;
  const [source, ...others] = value.type === 'map' ? [...value.entries.values()] : [];
  const text = source?.value.type === 'scalar' ? source.value.value : null;
  if (secretNameOf(`secret:${entry.key}`) === null) {
    reading.findings.add({
      code: 'wrong_name',
      message: `the name of a secret has letters, digits and underscores, unlike '${entry.key}'`,
      span: keySpan,
    });
  } else if (
    source === undefined ||
    others.length > 0 ||
    !['env', 'file'].includes(source.key) ||
    typeof text !== 'string' ||
    text === ''
  ) {
    const message = `\`${key}\` says where a secret is, and never what it is`;
    reading.findings.add({ code: 'wrong_value', message, span: keySpan, fix: `write { env: VARIABLE } or { file: path }` });
  } else {
    const found: Json = source.key === 'file' ? { file: resolve(reading.base, text) } : { env: text };
    return [[key, placed(found, entry, reading)]];
  }
  return [];
}

/** Null for a limit that will do, undefined for a key that is none. */
function limitProblem(key: string, value: Json): string | null | undefined {
  if (key === 'concurrent') return problemOf({ type: 'count' }, value);
  if (key !== 'rate' && key !== 'tokens') return undefined;
  if (typeof value === 'string' && parseRate(value) !== undefined) return null;
  return key === 'rate' ? 'is a number of starts in a time, such as 2/s or 60/m' : 'is a number of tokens in a time, such as 90000/m';
}

function placed(value: Json, { keySpan }: Entry, { base, placeOf }: Reading): Placed {
  return { value, place: placeOf(keySpan.from), base };
}

function mapOf(piece: Piece, what: string, { findings }: Reading): MapPiece | undefined {
  if (piece.type === 'map') return piece;
  findings.add({ code: 'wrong_shape', message: `${what} is a mapping, not ${describePiece(piece)}`, span: piece.span });
  return undefined;
}

function unknownKey({ key, keySpan }: Entry, owner: string, known: readonly string[], { findings }: Reading): void {
  const suggestion = closest(key, known) ?? undefined;
  const meant = suggestion === undefined ? ` (keys: ${known.join(', ')})` : ` — did you mean '${suggestion}'?`;
  findings.add({ code: 'unknown_key', message: `${owner} has no key '${key}'${meant}`, span: keySpan, suggestion });
}
