/** Quantities as people read them. */

import type { Budget, Usage } from '@scriptorium/core';

export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 10) return `${Math.floor(ms / 60_000)} min ${pad(Math.floor(ms / 1_000) % 60)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${pad(minutes % 60)} min` : `${Math.round(hours / 24)} days`;
}

/** A range of durations, the unit once where both ends share it: `5–7 min`. */
export function formatRange(lowMs: number, highMs: number): string {
  const [low, high] = [roughly(lowMs), roughly(highMs)];
  if (low === high) return high;
  const unit = high.slice(high.lastIndexOf(' '));
  return low.endsWith(unit) ? `${low.slice(0, -unit.length)}–${high}` : `${low}–${high}`;
}

/** An elapsed time as on a clock: `1:02:03` or `02:03`. */
export function formatClock(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  const clock = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return seconds < 3_600 ? clock : `${Math.floor(seconds / 3_600)}:${clock}`;
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit += 1) value /= 1_000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Never 100 % before all is done, nor 0 % once something is. */
export function formatShare(fraction: number): string {
  if (fraction >= 1) return '100 %';
  return `${Math.min(99.9, Math.floor(fraction * 1_000) / 10).toFixed(1)} %`;
}

export function formatRate(perMinute: number): string {
  if (perMinute >= 600) return `${Math.round(perMinute / 60)}/s`;
  return `${perMinute >= 100 ? Math.round(perMinute) : perMinute.toFixed(1)}/min`;
}

/** Money, tokens and calls, each beside its budget where there is one: `0.42 of 5 USD · 12 calls`; of a run that used none, nothing. */
export function formatUsage(used: Usage, budget: Budget | null): string {
  const units: readonly (keyof Usage)[] = ['usd', 'tokens', 'calls'];
  if (units.every((unit) => used[unit] === 0)) return '';
  return units
    .filter((unit) => used[unit] > 0 || budget?.[unit] !== undefined)
    .map((unit) => {
      const limit = budget?.[unit];
      const count = limit === undefined ? `${used[unit]}` : `${used[unit]} of ${limit}`;
      return `${count} ${unit === 'usd' ? 'USD' : (limit ?? used[unit]) === 1 ? unit.slice(0, -1) : unit}`;
    })
    .join(' · ');
}

/** The instant in local time, to the second. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function roughly(ms: number): string {
  if (ms < 1_000) return '1 s';
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 48 * 3_600_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${Math.round(ms / 86_400_000)} days`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
