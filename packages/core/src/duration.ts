/** Durations and rates as definitions write them, and instants as data carries them. */

import type { Instant, Ms } from './json.ts';

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

/**
 * The instant that an ISO 8601 text with its zone names: `2026-12-24T18:00:00Z`, `2026-12-24T18:00+01:00`, with or without
 * seconds and their fraction. Undefined for anything else: without a zone it would mean another moment elsewhere.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const [zoneHour, zoneMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const isTime = hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60;
  if (!isTime || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) {
    return undefined;
  }
  const zoneMs = (match[8] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute) * 60_000;
  const fractionMs = Math.floor(Number(`0.${match[7] ?? 0}`) * 1_000);
  return ((dayNumber(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + fractionMs - zoneMs;
}

function daysOf(year: number, month: number): number {
  return month === 12 ? 31 : dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);
}

/** Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, `days_from_civil`). */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}
