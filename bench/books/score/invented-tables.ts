/**
 * Contents tables with defects that real ones of the corpus do not have: two in one place, at the borders of volumes, in
 * digits of several kinds side by side. What is wrong is known from how they were made.
 */

import { chanceOf, type Chance } from '@scriptorium/books/chance';
import { printNumber } from '@scriptorium/books/numerals';

export interface InventedTable {
  readonly name: string;
  readonly titles: readonly string[];
  /** As `type@index`. */
  readonly defects: readonly string[];
}

interface Row {
  readonly volume: number | null;
  readonly value: number;
}

type Defect = (rows: readonly Row[], chance: Chance) => { readonly rows: readonly Row[]; readonly defects: readonly string[] };

const numerals: { readonly [name: string]: (value: number, index: number) => string } = {
  Chinese: (value) => printNumber({ value, scheme: 'chinese' }),
  digits: String,
  'full-width digits': (value) => wide(String(value)),
  'three digits': (value) => String(value).padStart(3, '0'),
  mixed: (value, index) => [String(value), printNumber({ value, scheme: 'chinese' }), wide(String(value))][index % 3]!,
};

const wide = (digits: string): string => digits.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));

/** A place with room on both sides, within a volume. */
const inside = (rows: readonly Row[], chance: Chance): number => {
  const places = rows.flatMap((_, index) =>
    index >= 3 && index < rows.length - 5 && rows[index - 3]!.volume === rows[index + 5]!.volume ? [index] : [],
  );
  return chance.pick(places);
};

const firstOfSecond = (rows: readonly Row[]): number => rows.findIndex((row) => row.volume === 2);

const defects: { readonly [name: string]: Defect } = {
  none: (rows) => ({ rows, defects: [] }),
  'a gap': (rows, chance) => {
    const at = inside(rows, chance);
    return { rows: rows.toSpliced(at, chance.between(1, 3)), defects: [`gap@${String(at)}`] };
  },
  'a number twice': (rows, chance) => {
    const at = inside(rows, chance);
    return { rows: rows.toSpliced(at, 0, rows[at - 1]!), defects: [`duplicate@${String(at)}`] };
  },
  'a number twice, then a gap': (rows, chance) => {
    const at = inside(rows, chance);
    return { rows: rows.toSpliced(at, 2, rows[at - 1]!), defects: [`duplicate@${String(at)}`, `gap@${String(at + 1)}`] };
  },
  'a gap, then a number twice': (rows, chance) => {
    const at = inside(rows, chance);
    return { rows: rows.toSpliced(at, 2, rows[at + 1]!, rows[at + 1]!), defects: [`gap@${String(at)}`, `duplicate@${String(at + 1)}`] };
  },
  'three of a number': (rows, chance) => {
    const at = inside(rows, chance);
    return {
      rows: rows.toSpliced(at, 0, rows[at - 1]!, rows[at - 1]!),
      defects: [`duplicate@${String(at)}`, `duplicate@${String(at + 1)}`],
    };
  },
  'two exchanged': (rows, chance) => {
    const at = inside(rows, chance);
    return {
      rows: rows.toSpliced(at, 2, rows[at + 1]!, rows[at]!),
      defects: [`gap@${String(at)}`, `out_of_order@${String(at + 1)}`, `gap@${String(at + 2)}`],
    };
  },
  'the first of a volume missing': (rows) => {
    const at = firstOfSecond(rows);
    return { rows: rows.toSpliced(at, 1), defects: [`gap@${String(at)}`] };
  },
  'the first two of a volume missing': (rows) => {
    const at = firstOfSecond(rows);
    return { rows: rows.toSpliced(at, 2), defects: [`gap@${String(at)}`] };
  },
  'the first of a volume twice': (rows) => {
    const at = firstOfSecond(rows);
    return { rows: rows.toSpliced(at, 0, rows[at]!), defects: [`duplicate@${String(at + 1)}`] };
  },
};

/** Every defect in every manner of numbers, with and without volumes whose numbers start anew or go on. */
export function inventedTables(seeds: readonly number[]): InventedTable[] {
  return seeds.flatMap((seed) =>
    Object.entries(defects).flatMap(([defect, spoil]) =>
      Object.entries(numerals).flatMap(([manner, print]) =>
        (['one volume', 'numbers start anew', 'numbers go on'] as const)
          .filter((volumes) => volumes !== 'one volume' || !defect.includes('volume'))
          .map((volumes) => {
            const chance = chanceOf(seed * 1000 + defect.length * 31 + manner.length);
            const spoiled = spoil(rowsOf(volumes, chance), chance);
            return {
              name: `${defect}, ${manner}, ${volumes}, ${String(seed)}`,
              titles: spoiled.rows.map((row, index) => titleOf(row, print, index)),
              defects: spoiled.defects,
            };
          }),
      ),
    ),
  );
}

function rowsOf(volumes: 'one volume' | 'numbers start anew' | 'numbers go on', chance: Chance): Row[] {
  const counts = Array.from({ length: volumes === 'one volume' ? 1 : 3 }, () => chance.between(12, 20));
  let running = 0;
  return counts.flatMap((count, volume) =>
    Array.from({ length: count }, (_, index) => {
      running += 1;
      return { volume: volumes === 'one volume' ? null : volume + 1, value: volumes === 'numbers go on' ? running : index + 1 };
    }),
  );
}

function titleOf({ volume, value }: Row, print: (value: number, index: number) => string, index: number): string {
  const mark = volume === null ? '' : `卷${printNumber({ value: volume, scheme: 'chinese' })} `;
  return `${mark}第${print(value, index)}回 夜雨孤舟`;
}
