/** What the rounds of each kind have come to, as a table. */

export interface KindTally {
  readonly name: string;
  readonly rounds: number;
  /** Deaths, faults and damages. */
  readonly crashes: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly repeated: number;
  readonly faults: number;
  /** Crashes that the engine or its chain has named. */
  readonly detected: number;
  /** Whether an engine that breaks its promise was found out; `none` where the kind has no such engine. */
  readonly control: 'none' | 'caught' | 'missed';
  /** Why it cannot be done on this machine. */
  readonly skipped: string | null;
}

const heads = ['kind', 'rounds', 'crashes', 'acknowledged', 'lost', 'repeated', 'other faults', 'detected', 'control', 'skipped'] as const;

export function tableOf(tallies: readonly KindTally[]): string {
  const rows = tallies.map((one) =>
    [
      one.name,
      one.rounds,
      one.crashes,
      one.acknowledged,
      one.lost,
      one.repeated,
      one.faults,
      one.detected,
      one.control,
      one.skipped ?? '',
    ].map(String),
  );
  const all = [[...heads], ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
