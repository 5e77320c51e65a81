/** What can be configured: names, shapes and meanings. Where a value comes from is not decided here. */

import { resolve } from 'node:path';
import { unreachable } from '@scriptorium/core';
import type { Json, Mode } from '@scriptorium/core';
import { progressModes } from '../progress/mode.ts';

export const modes: readonly Mode[] = ['strict', 'flexible', 'best_effort'];

/** The shape of a value. `map` holds settings of their own by their names, which people mostly choose: `inputs.folder`. */
export type Shape =
  | { readonly type: 'path' }
  | { readonly type: 'text' }
  /** A list of words, or one text with blanks or commas between them; kept as that text. */
  | { readonly type: 'words' }
  | { readonly type: 'count' }
  | { readonly type: 'choice'; readonly of: readonly string[] }
  | { readonly type: 'map'; readonly of: 'input' | 'limit' | 'secret' | 'model' | 'agent' | 'retention' | 'mcp' };

export interface Placed {
  readonly value: Json;
  /** Where it was written: `scriptorium.config.yaml:3:7`, `SCRIPTORIUM_HOME`, `--home`. */
  readonly place: string;
  /** What relative paths in it are relative to; absolute. */
  readonly base: string;
}

/** Values by key, `mode` or `inputs.folder`. */
export type Values = ReadonlyMap<string, Placed>;

export interface Setting {
  readonly shape: Shape;
  readonly doc: string;
  /** Of the command line, for the places that are shown. */
  readonly flag?: string;
  readonly fallback?: Json;
}

export const settings: { readonly [key: string]: Setting } = {
  home: { shape: { type: 'path' }, doc: 'directory of the store', flag: '--home', fallback: '.scriptorium' },
  out: { shape: { type: 'path' }, doc: 'where the outputs of runs go', flag: '--out' },
  mode: { shape: { type: 'choice', of: modes }, doc: 'how much may fail', flag: '--mode', fallback: 'flexible' },
  profile: { shape: { type: 'text' }, doc: 'the profile of a flow, where it has one of that name', flag: '--profile' },
  progress: { shape: { type: 'choice', of: progressModes }, doc: 'how progress is shown', flag: '--progress', fallback: 'auto' },
  limit: { shape: { type: 'count' }, doc: 'only the first so many items', flag: '--limit' },
  http_allow: { shape: { type: 'words' }, doc: 'hosts that core/http may reach; nothing else is reached' },
  reserve: { shape: { type: 'choice', of: ['full', 'none'] }, doc: 'space kept in reserve beside the store', fallback: 'full' },
  network_home: {
    shape: { type: 'choice', of: ['refuse', 'allow'] },
    doc: 'whether the store may lie on a network file system',
    fallback: 'refuse',
  },
  gc_older_than: { shape: { type: 'text' }, doc: 'how long runs keep their events after their end, for `gc`', fallback: '30d' },
  gc_keep: { shape: { type: 'count' }, doc: 'how many of the newest runs `gc` leaves alone' },
  gc_forget: { shape: { type: 'text' }, doc: 'when `gc` forgets even that there was a run' },
  retention: { shape: { type: 'map', of: 'retention' }, doc: 'what a store keeps of runs that have ended; all, unless it is said' },
  isolation: {
    shape: { type: 'choice', of: ['handler', 'process'] },
    doc: 'where handlers run: where each says, or all in child processes',
    fallback: 'handler',
  },
  inputs: { shape: { type: 'map', of: 'input' }, doc: 'inputs of the flows that have one of that name', flag: '--set' },
  limits: { shape: { type: 'map', of: 'limit' }, doc: 'pools of a flow, set when a run of it starts' },
  agents: { shape: { type: 'map', of: 'agent' }, doc: 'how agents work, by their names', flag: '--set' },
  models: { shape: { type: 'map', of: 'model' }, doc: 'models by the names that agents use' },
  mcp: { shape: { type: 'map', of: 'mcp' }, doc: 'MCP servers by the names that grants use' },
  secrets: { shape: { type: 'map', of: 'secret' }, doc: 'where the values behind `secret:NAME` are; never a value' },
};

/** The environment variable of a setting that is one value: `SCRIPTORIUM_HOME`. */
export function variableOf(key: string): string | null {
  return settings[key] === undefined || settings[key].shape.type === 'map' ? null : `SCRIPTORIUM_${key.toUpperCase()}`;
}

/** What is wrong with a value, as the end of a sentence; null for nothing. */
export function problemOf(shape: Exclude<Shape, { type: 'map' }>, value: Json): string | null {
  switch (shape.type) {
    case 'path':
      return typeof value === 'string' && value !== '' ? null : 'is a path';
    case 'text':
      return typeof value === 'string' && value !== '' ? null : 'is a text';
    case 'words':
      return [value].flat().every((word) => typeof word === 'string' && word !== '') ? null : 'is a list of words';
    case 'count':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? null : 'is a whole number, at least 1';
    case 'choice':
      return typeof value === 'string' && shape.of.includes(value) ? null : `is one of ${shape.of.join(', ')}`;
    default:
      return unreachable(shape);
  }
}

/** Paths as they are from anywhere, lists of words as one text. */
export function settle({ type }: Shape, value: Json, base: string): Json {
  if (type === 'words' && Array.isArray(value)) return value.join(' ');
  return type === 'path' && typeof value === 'string' ? resolve(base, value) : value;
}
