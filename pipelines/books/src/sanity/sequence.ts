/**
 * Checks the numbers of a list of units, in the order in which they stand. Each level has a sequence of its own; below a
 * new part the next level may start again from 1 or go on.
 */

import type { Issue } from './issue.ts';

export interface NumberedUnit {
  readonly title: string;
  /** The number's value, null where the unit has none. */
  readonly value: number | null;
  /** 1 for the outermost; units of one level make one sequence. Absent means 1. */
  readonly level?: number;
  /** Names the part that the unit stands in where parts are no units themselves; numbers may start again in the next. */
  readonly part?: string;
  /** What is counted (`chapter`, `table`), where the heading says it: each counts by itself, whatever its level. */
  readonly series?: string;
  /** The number counts volumes: they have a sequence of their own, and their defects are warnings of types `volume_…`. */
  readonly volume?: boolean;
}

export interface SequenceOptions {
  /** A gap is an error instead of a warning. */
  readonly strict: boolean;
  /** From 1; a later volume may start with any number. */
  readonly volume: number | null;
}

interface Sequence {
  readonly level: number;
  last: number | null;
  /** Number to the index where it first occurred. */
  seen: Map<number, number>;
  mayRestart: boolean;
  part: string | undefined;
}

/**
 * Types: `no_number` (info), `nonstandard_start` or `continuation_volume` (info), `duplicate` (error, a number that its
 * sequence already had), `out_of_order` (error, a number below the one before), `gap` (warning, error when strict).
 * One unit can be both a duplicate and out of order.
 */
export function sequenceIssues(units: readonly NumberedUnit[], options: SequenceOptions): Issue[] {
  const issues: Issue[] = [];
  const sequences = new Map<string, Sequence>();
  for (const [index, unit] of units.entries()) {
    const level = levelOf(unit);
    for (const sequence of sequences.values()) if (sequence.level > level) sequence.mayRestart = true;
    if (unit.value === null) continue;
    const name = `${String(level)} ${unit.series ?? ''}`;
    const sequence = sequences.get(name) ?? { level, last: null, seen: new Map<number, number>(), mayRestart: false, part: unit.part };
    sequences.set(name, sequence);
    if (sequence.part !== unit.part) sequence.mayRestart = true;
    sequence.part = unit.part;
    const step = stepIssues(units, index, unit.value, sequence, options);
    issues.push(...(unit.volume === true ? step.map(ofVolumes) : step));
    if (!sequence.seen.has(unit.value)) sequence.seen.set(unit.value, index);
    sequence.last = unit.value;
    sequence.mayRestart = false;
  }
  return [...issues, ...unnumbered(units)].sort((one, other) => (one.index ?? 0) - (other.index ?? 0));
}

function stepIssues(units: readonly NumberedUnit[], index: number, value: number, sequence: Sequence, options: SequenceOptions): Issue[] {
  const title = units[index]?.title ?? '';
  if (sequence.last === null) return value === 1 || value === 0 ? [] : [startIssue(index, title, value, options)];
  const expected = sequence.last + 1;
  if (sequence.mayRestart && restarts(value, sequence.last)) {
    sequence.seen = new Map();
    return value <= 1 ? [] : [gapIssue(index, title, 1, value, options)];
  }
  const issues: Issue[] = [];
  const first = sequence.seen.get(value);
  if (first !== undefined) {
    issues.push({
      severity: 'error',
      index,
      title,
      type: 'duplicate',
      message: `number ${String(value)} already stands at "${units[first]?.title ?? ''}" (unit ${String(first + 1)})`,
      actual: value,
    });
  }
  if (value < sequence.last)
    issues.push({
      severity: 'error',
      index,
      title,
      type: 'out_of_order',
      message: `number ${String(value)} follows ${String(sequence.last)}`,
      expected,
      actual: value,
    });
  if (value > expected) issues.push(gapIssue(index, title, expected, value, options));
  return issues;
}

/** The first numbers of a part may be missing; what is not far below the number before goes on from there. */
function restarts(value: number, last: number): boolean {
  return value <= 1 || (value <= mostMissing + 1 && value * 2 < last);
}
const mostMissing = 2;

function gapIssue(index: number, title: string, expected: number, value: number, { strict }: SequenceOptions): Issue {
  return {
    severity: strict ? 'error' : 'warning',
    index,
    title,
    type: 'gap',
    message: `${missing(expected, value)} missing before number ${String(value)}`,
    expected,
    actual: value,
  };
}

function ofVolumes(issue: Issue): Issue {
  return { ...issue, type: `volume_${issue.type}`, severity: issue.severity === 'info' ? 'info' : 'warning' };
}

function startIssue(index: number, title: string, value: number, options: SequenceOptions): Issue {
  const continues = options.volume !== null && options.volume > 1;
  return {
    severity: 'info',
    index,
    title,
    type: continues ? 'continuation_volume' : 'nonstandard_start',
    expected: 1,
    actual: value,
    message: continues ? `volume ${String(options.volume)} goes on with number ${String(value)}` : `the first number is ${String(value)}`,
  };
}

function missing(from: number, to: number): string {
  return to - from === 1 ? `number ${String(from)} is` : `numbers ${String(from)} to ${String(to - 1)} are`;
}

/** Units without a number are worth a word only where most of their level have one. */
function unnumbered(units: readonly NumberedUnit[]): Issue[] {
  const counts = new Map<number, { numbered: number; all: number }>();
  for (const unit of units) {
    const count = counts.get(levelOf(unit)) ?? { numbered: 0, all: 0 };
    counts.set(levelOf(unit), { numbered: count.numbered + (unit.value === null ? 0 : 1), all: count.all + 1 });
  }
  return units.flatMap((unit, index): Issue[] => {
    const { numbered, all } = counts.get(levelOf(unit)) ?? { numbered: 0, all: 1 };
    return unit.value !== null || numbered * 2 < all
      ? []
      : [{ severity: 'info', index, title: unit.title, type: 'no_number', message: 'the heading has no number' }];
  });
}

function levelOf(unit: NumberedUnit): number {
  return unit.volume === true ? 0 : (unit.level ?? 1);
}
