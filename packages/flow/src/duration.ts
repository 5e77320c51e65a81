/** Durations and rates as definitions write them. */

import type { Ms } from '@scriptorium/core';

const unitMs: Readonly<Record<string, Ms>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest duration that a definition may name: ten years. */
export const MAX_DURATION_MS: Ms = 10 * 366 * 86_400_000;

/**
 * Milliseconds of `90s`, `1h30m`, `250ms`, `1.5h`, or ISO 8601 without years and months (`PT1H30M`, `P1D`, `P2W`);
 * undefined for anything else, bare numbers and negative durations among them.
 */
export function parseDuration(text: string): Ms | undefined {
  const ms = text.startsWith('P') ? isoMs(text) : shortMs(text);
  return ms === undefined || ms > MAX_DURATION_MS ? undefined : Math.round(ms);
}

/** `2/s` is 2 per 1,000 ms; undefined for anything that is not a positive number over s, m, h or d. */
export function parseRate(text: string): { readonly n: number; readonly per: Ms } | undefined {
  const match = /^(\d+(?:\.\d+)?)\/([smhd])$/.exec(text);
  const n = Number(match?.[1] ?? 0);
  const per = unitMs[match?.[2] ?? ''];
  return n > 0 && per !== undefined ? { n, per } : undefined;
}

function shortMs(text: string): Ms | undefined {
  if (!/^(?:\d+(?:\.\d+)?d)?(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m)?(?:\d+(?:\.\d+)?s)?(?:\d+ms)?$/.test(text) || text === '') {
    return undefined;
  }
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0),
    0,
  );
}

function isoMs(text: string): Ms | undefined {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null || text.endsWith('T') || text === 'P') {
    return undefined;
  }
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000;
}
