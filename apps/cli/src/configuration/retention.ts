/** What a store keeps of runs that have ended, as it is configured. */

import { parseDuration } from '@scriptorium/core';
import type { Retention } from '@scriptorium/engine';
import { entriesOf } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { parseBytes } from './retention-setting.ts';

/** Null where nothing goes by itself. */
export function retentionOf(configuration: Configuration): Retention | null {
  const entries = entriesOf(configuration, 'retention');
  const textOf = (key: string): string | null => (entries.get(key)?.value as string | undefined) ?? null;
  const durationOf = (text: string | null): number | null => (text === null ? null : (parseDuration(text) ?? null));
  const newest = entries.get('newest')?.value as number | undefined;
  const [keep, size] = [textOf('keep'), textOf('size')];
  if (entries.size === 0) return null;
  return {
    // The newest alone: all others go.
    keepMs: keep === null && size === null && newest !== undefined ? 0 : durationOf(keep),
    newest: newest ?? 0,
    bytes: size === null ? null : parseBytes(size),
    forgetMs: durationOf(textOf('forget')),
  };
}
