/**
 * What many items have under way, and each stage of them: a row of numbers for each, one after another in one list. A
 * hundred thousand items may be open at once: a row takes 32 bytes where an object takes 96, and a list of them has nothing
 * in it that a collector of garbage would have to visit, nor names that a snapshot would repeat.
 */

/** Plain data: {@link FIELDS} numbers for each item, by its number. */
export type Rows = number[];

/** One of them, as a place in the list. */
export interface Row {
  readonly rows: Rows;
  readonly from: number;
}

export type Outcome = 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** The fields of a row. Marks are bits, and above them is what it was settled as: its place in {@link outcomes}. */
const field = { attempts: 0, waits: 1, workMs: 2, marks: 3 } as const;
const FIELDS = 4;

const bits = {
  running: 1,
  attempted: 2,
  reused: 4,
  /** Something has happened to it. */
  begun: 8,
  /** How it was counted when it settled. */
  countedDegraded: 16,
  countedReused: 32,
} as const;
export type Mark = keyof typeof bits;

const OUTCOME = 64;
const outcomes: readonly (Outcome | null)[] = [null, 'succeeded', 'failed', 'skipped', 'cancelled'];

export function rowsFor(items: number): Rows {
  return filled(items * FIELDS, 0);
}

/** So many times the same. Every run and every chunk begins with some. */
export function filled<T>(size: number, value: T): T[] {
  // oxlint-disable-next-line unicorn/no-new-array -- to make it by `Array.from` takes several times as long.
  return new Array<T>(size).fill(value);
}

export function rowOf(rows: Rows, item: number): Row {
  return { rows, from: item * FIELDS };
}

/** Attempts that run, steps that wait, or the time of all attempts. */
export function sumOf({ rows, from }: Row, of: 'attempts' | 'waits' | 'workMs'): number {
  return rows[from + field[of]] ?? 0;
}

export function add(row: Row, to: 'attempts' | 'waits' | 'workMs', by: number): void {
  row.rows[row.from + field[to]] = sumOf(row, to) + by;
}

export function reset({ rows, from }: Row, of: 'attempts' | 'workMs'): void {
  rows[from + field[of]] = 0;
}

export function isMarked({ rows, from }: Row, mark: Mark): boolean {
  return ((rows[from + field.marks] ?? 0) & bits[mark]) !== 0;
}

export function mark({ rows, from }: Row, mark: Mark, on = true): void {
  const known = rows[from + field.marks] ?? 0;
  rows[from + field.marks] = on ? known | bits[mark] : known & ~bits[mark];
}

/** What it was settled as; null as long as it is not. */
export function outcomeOf({ rows, from }: Row): Outcome | null {
  return outcomes[Math.floor((rows[from + field.marks] ?? 0) / OUTCOME)] ?? null;
}

export function settleAs({ rows, from }: Row, outcome: Outcome | null): void {
  rows[from + field.marks] = ((rows[from + field.marks] ?? 0) % OUTCOME) + outcomes.indexOf(outcome) * OUTCOME;
}
