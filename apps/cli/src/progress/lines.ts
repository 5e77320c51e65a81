/** A run's progress as lines of text: what the bars draw and `status` prints. Pure. */

import type { ErrorGroup, Progress, RunSummary, StageProgress, Tally } from '@scriptorium/core';
import { formatClock, formatDuration, formatRange, formatRate, formatShare } from '../showing/quantity.ts';
import { cutTo, oneLine, padTo, widthOf } from '../terminal.ts';

export type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string) => string;

const MAX_ERRORS = 3;
const FULL = '█';
const EMPTY = '░';
const HALVES = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export function settled(tally: Tally): number {
  return tally.succeeded + tally.failed + tally.skipped + tally.cancelled;
}

/** The whole picture: heading, overall bar, one bar per stage, the most frequent errors. At most `columns` wide. */
export function progressLines(summary: RunSummary, now: number, columns: number, paint: Paint): string[] {
  const { progress, flow, run, options, status, startedAt, endedAt } = summary;
  const heading = `${flow.name} ${flow.version} · ${run} · ${options.mode}${options.test ? ' · test' : ''} · ${status} ${formatClock((endedAt ?? (status === 'interrupted' ? progress.at : now)) - startedAt)}`;
  return [
    paint('bold', cutTo(heading, columns)),
    overallLine(progress, columns, paint),
    ...stageLines(progress.stages, columns, paint),
    ...progress.errors
      .slice(0, MAX_ERRORS)
      .map((group) => paint(group.count > group.caught ? 'red' : 'yellow', cutTo(errorText(group), columns))),
    ...(progress.errors.length > MAX_ERRORS
      ? [paint('dim', cutTo(`… and ${progress.errors.length - MAX_ERRORS} more kinds of errors`, columns))]
      : []),
  ];
}

/** `41.2 %  412/1000 · 3 failed · 55/min · 1.1 s each · 9–12 min left` */
export function overallText(progress: Progress): string {
  const { items, fraction, itemsPerMinute, eta } = progress;
  const parts = [`${settled(items)}/${items.total}`, ...notes(items)];
  if (itemsPerMinute > 0) parts.push(formatRate(itemsPerMinute));
  const each = timePerItem(progress);
  if (each !== null) parts.push(`${formatDuration(each)} each`);
  if (eta !== null && eta.highMs > 0) parts.push(`${formatRange(eta.lowMs, eta.highMs)} left`);
  return items.total === 0 ? 'preparing' : `${formatShare(fraction).padStart(6)}  ${parts.join(' · ')}`;
}

/** Mean time that one item takes through all stages, by the stages' own means; null before there is any. */
export function timePerItem(progress: Progress): number | null {
  const measured = progress.stages.filter((stage) => stage.ms.count > 0 && settled(stage) > 0);
  if (measured.length === 0) return null;
  return measured.reduce(
    (sum, stage) => sum + stage.ms.total / Math.max(1, settled(stage) - stage.reused - stage.skipped - stage.cancelled),
    0,
  );
}

export function errorText(group: ErrorGroup): string {
  const { step, code, pattern, count, caught, retried, example } = group;
  const ended = count > caught ? `✗ ${count - caught}×` : caught > 0 ? `! ${caught}×` : `↻ ${retried}×`;
  const extra = [
    ...(caught > 0 && count > caught ? [`${caught} caught`] : caught > 0 ? ['caught'] : []),
    ...(retried > 0 ? [`${retried} retried`] : []),
  ];
  return oneLine(
    `${ended} ${step} ${code}: ${isSingle(group) ? example.message : pattern}${extra.length === 0 ? '' : ` (${extra.join(', ')})`}`,
  );
}

/** What happened once needs no pattern. */
export function isSingle({ count, retried }: ErrorGroup): boolean {
  return count + retried === 1;
}

/** Counts worth naming, in words: `2 failed · 1 skipped`. */
export function notes(tally: Tally): string[] {
  const named: readonly (readonly [number, string])[] = [
    [tally.running, 'running'],
    [tally.failed, 'failed'],
    [tally.skipped, 'skipped'],
    [tally.cancelled, 'cancelled'],
    [tally.degraded, 'by fallback'],
    [tally.reused, 'reused'],
  ];
  return named.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
}

/** The step's name within its `each`. */
export function shortName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function overallLine(progress: Progress, columns: number, paint: Paint): string {
  const text = overallText(progress);
  const width = columns - widthOf(text) - 2;
  if (width < 8) return cutTo(text.trim(), columns);
  return `${paint('green', bar(progress.fraction, Math.min(width, 30)))}  ${text}`;
}

function stageLines(stages: readonly StageProgress[], columns: number, paint: Paint): string[] {
  const countWidth = Math.max(0, ...stages.map((stage) => `${settled(stage)}/${stage.total}`.length));
  const nameWidth = Math.min(
    24,
    Math.max(4, columns - countWidth - 6),
    Math.max(0, ...stages.map((stage) => widthOf(shortName(stage.id)))),
  );
  const barWidth = columns >= 100 ? 20 : columns >= 60 ? 10 : 0;
  return stages.map((stage) => {
    const share = stage.total === 0 ? 0 : settled(stage) / stage.total;
    const name = padTo(cutTo(shortName(stage.id), nameWidth), nameWidth);
    const count = `${settled(stage)}/${stage.total}`.padStart(countWidth);
    const details = [
      ...notes(stage),
      ...(stage.retries > 0 ? [`${stage.retries} retries`] : []),
      ...(stage.ms.count > 0 ? [`p50 ${formatDuration(stage.ms.p50)}`] : []),
    ].join(' · ');
    const used = 2 + nameWidth + 2 + (barWidth > 0 ? barWidth + 2 : 0) + countWidth + 2;
    const shown = columns - used < 6 ? '' : cutTo(details, columns - used);
    return `  ${name}  ${barWidth > 0 ? `${paint('cyan', bar(share, barWidth))}  ` : ''}${count}  ${shown === '' ? '' : paint(stage.failed > 0 ? 'red' : 'dim', shown)}`.trimEnd();
  });
}

/** A bar of eighths of a column. */
export function bar(fraction: number, columns: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, fraction)) * columns * 8);
  const full = Math.floor(eighths / 8);
  const part = HALVES[eighths % 8] ?? '';
  return FULL.repeat(full) + part + EMPTY.repeat(Math.max(0, columns - full - part.length));
}
