/** What a measurement says: rows of the one table that `npm run bench` prints. A program that runs by itself prints its own. */

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The ground that it stands on, measured in the same run. */
  readonly beside?: string;
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
  /** What was not as it must be, so that the figure counts for nothing; null where all was. */
  readonly fault: string | null;
}

/** Something that could not be measured here. */
export interface Skipped {
  readonly what: string;
  readonly skipped: string;
}

export type Row = Figure | Skipped;

/** Hands the rows to `npm run bench`, or prints them. */
export function report(rows: readonly Row[]): void {
  if (process.send !== undefined) process.send(rows);
  else console.log(tableOf(rows));
  if (rows.some((row) => 'fault' in row && row.fault !== null)) process.exitCode = 1;
}

/** A figure whose oracle failed shows its fault and no number. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [['what', 'figure', 'goal', 'beside'], ...rows.map(cellsOf)];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cellsOf(row: Row): readonly string[] {
  if ('skipped' in row) return [row.what, 'skipped', '', row.skipped];
  const { what, value, unit, beside = '', goal, fault } = row;
  if (fault !== null) return [what, '—', '', `the oracle: ${fault}`];
  return [what, `${numberOf(value)} ${unit}`, goal === undefined ? '' : goalText(goal, value), beside];
}

function goalText(goal: NonNullable<Figure['goal']>, value: number): string {
  const [sign, bound, isMet] = 'atLeast' in goal ? ['≥', goal.atLeast, value >= goal.atLeast] : ['≤', goal.atMost, value <= goal.atMost];
  return `${sign} ${numberOf(bound)}${isMet ? '' : ' missed'}`;
}

/** Three figures that count, and no more. */
export function numberOf(value: number): string {
  const places = value === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: places, minimumFractionDigits: 0 });
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
