/** What is worth a line of its own while a run goes on: each kind of error once, pauses, and changes of pools. */

import { unreachable } from '@scriptorium/core';
import type { AdaptedStatus, BreakerStatus, Host, Limit, PoolStatus, RunSummary } from '@scriptorium/core';
import { formatDuration, plural } from '../showing/quantity.ts';
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
        const { key, message } = group.example;
        lines.push(`${errorText(group)}${key === null || message.startsWith(key) ? '' : `, first ${key}`}`);
      }
      return lines;
    },
  };
}

/** Tells of pools that are changed while this goes on, from wherever, and of breakers that open and close; returns how to stop. */
export function noteLimits(host: Host, note: (text: string) => void): () => void {
  const news = createPoolNews();
  const look = async (): Promise<void> => {
    for (const line of news.of(await host.limits(), Date.now())) note(line);
  };
  // A host that is closing or changing hands has no pools to tell of; the next look will.
  const tick = (): void => void look().catch(() => undefined);
  tick();
  const timer = setInterval(tick, LIMITS_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What is new about pools since they were last shown; at first only breakers that are open are. */
export function createPoolNews(): { readonly of: (pools: readonly PoolStatus[], now: number) => readonly string[] } {
  const limits = new Map<string, string>();
  const breakers = new Map<string, string>();
  const shares = new Map<string, number>();
  const limitNews = ({ pool, limit }: PoolStatus): readonly string[] => {
    const text = limitText(limit);
    const before = limits.get(pool);
    limits.set(pool, text);
    return before === undefined || before === text ? [] : [`Pool ${pool}: ${before} → ${text}`];
  };
  const breakerNews = ({ pool, breaker }: PoolStatus, now: number): readonly string[] => {
    // One call that tries the service is no news before it is answered.
    if (breaker === undefined || breaker.state === 'half_open') return [];
    const state = `${breaker.state} ${breaker.until}`;
    const before = breakers.get(pool) ?? 'closed null';
    breakers.set(pool, state);
    return state === before ? [] : [`Pool ${pool}: its breaker is ${breakerText(breaker, now)}`];
  };
  const adaptedNews = ({ pool, adapted }: PoolStatus): readonly string[] => {
    const share = adapted?.share ?? 1;
    const before = shares.get(pool) ?? 1;
    shares.set(pool, share);
    if (adapted !== undefined && share < before) return [`Pool ${pool}: the service refuses more, ${adaptedText(adapted)}`];
    return share === 1 && before < 1 ? [`Pool ${pool}: the whole limit again`] : [];
  };
  return { of: (pools, now) => pools.flatMap((pool) => [...limitNews(pool), ...breakerNews(pool, now), ...adaptedNews(pool)]) };
}

/** Where a breaker stands, in words: `open for 43 s more, until 14:03:10 (5 failures in a row, the last: io)`. */
export function breakerText({ state, until, failures, code, ramp }: BreakerStatus, now: number): string {
  switch (state) {
    case 'closed':
      if (ramp !== null) return `closed, at most ${ramp} at once for now`;
      return failures === 0 ? 'closed' : `closed, ${plural(failures, 'failure')} in a row`;
    case 'half_open':
      return 'half open: one call at a time tries the service';
    case 'open': {
      const why = `(${plural(failures, 'failure')} in a row, the last: ${code})`;
      const at = until ?? now;
      if (at <= now) return `open until the next call has tried the service ${why}`;
      return `open for ${formatDuration(at - now)} more, until ${new Date(at).toTimeString().slice(0, 'HH:MM:SS'.length)} ${why}`;
    }
    default:
      return unreachable(state);
  }
}

/** What is given out of a limit, in words: `50 % of the limit for now: 4 at once, 30/min`. */
export function adaptedText({ share, limit: { breaker: _, ...limit } }: AdaptedStatus): string {
  return `${Math.round(share * 100)} % of the limit for now: ${limitText(limit)}`;
}

/** A limit in words: `8 at once, 2/s`. */
export function limitText(limit: Limit): string {
  const parts = [
    ...(limit.concurrent === undefined ? [] : [`${limit.concurrent} at once`]),
    ...(limit.rate === undefined ? [] : [rateText(limit.rate)]),
    ...(limit.tokens === undefined ? [] : [`${rateText(limit.tokens)} tokens`]),
    ...(limit.breaker === undefined
      ? []
      : [`opens after ${plural(limit.breaker.failures, 'failure')} for ${formatDuration(limit.breaker.cooldown)}`]),
  ];
  return parts.length === 0 ? 'no limit' : parts.join(', ');
}

export function rateText(rate: NonNullable<Limit['rate']>): string {
  const units: { readonly [ms: number]: string } = { 1_000: 's', 60_000: 'min', 3_600_000: 'h', 86_400_000: 'day' };
  return `${Math.round(rate.n * 100) / 100}/${units[rate.per] ?? formatDuration(rate.per)}`;
}
