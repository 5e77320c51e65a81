/** What is worth a line of its own while a run goes on: each kind of error once, pauses, and changes of pools. */

import type { Host, Limit, RunSummary } from '@scriptorium/core';
import { formatDuration } from '../quantity.ts';
import { errorText } from './lines.ts';

/** How often pools are looked at. */
const LIMITS_MS = 1_000;

export interface News {
  /** The lines that the summary adds to those before it. */
  readonly of: (summary: RunSummary) => readonly string[];
}

export function createNews(): News {
  const known = new Set<string>();
  let before: RunSummary['status'] | null = null;
  return {
    of: ({ status, progress }) => {
      const lines: string[] = [];
      if (before !== null && status === 'paused' && before !== 'paused') lines.push('Paused: what runs may end, nothing new starts.');
      if (before === 'paused' && status === 'running') lines.push('Resumed.');
      if (before !== null && status === 'cancelling' && before !== 'cancelling') lines.push('Cancelling: what runs is ended.');
      before = status;
      for (const group of progress.errors) {
        const id = `${group.step}\n${group.code}\n${group.pattern}`;
        if (known.has(id)) continue;
        known.add(id);
        lines.push(`${errorText(group)}${group.example.key === null ? '' : `, first ${group.example.key}`}`);
      }
      return lines;
    },
  };
}

/** Tells of pools that are changed while this goes on, from wherever; returns how to stop. */
export function noteLimits(host: Host, note: (text: string) => void): () => void {
  const known = new Map<string, string>();
  const look = async (): Promise<void> => {
    for (const { pool, limit } of await host.limits()) {
      const text = limitText(limit);
      const before = known.get(pool);
      known.set(pool, text);
      if (before !== undefined && before !== text) note(`Pool ${pool}: ${before} → ${text}`);
    }
  };
  // A host that is closing or changing hands has no pools to tell of; the next look will.
  const tick = (): void => void look().catch(() => undefined);
  tick();
  const timer = setInterval(tick, LIMITS_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** A limit in words: `8 at once, 2/s`. */
export function limitText(limit: Limit): string {
  const parts = [
    ...(limit.concurrent === undefined ? [] : [`${limit.concurrent} at once`]),
    ...(limit.rate === undefined ? [] : [rateText(limit)]),
  ];
  return parts.length === 0 ? 'no limit' : parts.join(', ');
}

export function rateText({ rate }: Limit): string {
  if (rate === undefined) return 'any';
  const units: { readonly [ms: number]: string } = { 1_000: 's', 60_000: 'min', 3_600_000: 'h', 86_400_000: 'day' };
  return `${rate.n}/${units[rate.per] ?? formatDuration(rate.per)}`;
}
