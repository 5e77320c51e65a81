/** The parts of `retention` in the configuration, and what they may be. */

import { parseDuration } from '@scriptorium/core';
import type { Json } from '@scriptorium/core';

export const retentionKeys: readonly string[] = ['keep', 'newest', 'size', 'forget'];

/** Null for a value that will do, undefined for a key that is none. */
export function retentionProblem(key: string, value: Json): string | null | undefined {
  switch (key) {
    case 'keep':
    case 'forget':
      return typeof value === 'string' && parseDuration(value) !== undefined ? null : 'is a duration, such as 30d or 12h';
    case 'newest':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? null : 'is a whole number, at least 1';
    case 'size':
      return typeof value === 'string' && parseBytes(value) !== null ? null : 'is a size, such as 500MB or 2GB';
    default:
      return undefined;
  }
}

const UNITS = ['KB', 'MB', 'GB', 'TB'];

/** Null for what is no size. */
export function parseBytes(text: string): number | null {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?) ?(KB|MB|GB|TB)$/.exec(text) ?? [];
  return count === undefined ? null : Math.round(Number(count) * 1_000 ** (1 + UNITS.indexOf(unit)));
}
