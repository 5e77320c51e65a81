/** The deterministic stages on invented books, scored as those of a corpus are. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Book } from '@scriptorium/books/structure';
import { measures } from '../score/measures.ts';
import { runStages } from '../score/stages.ts';
import { mixedShare, printShape, shapes } from './shapes.ts';

export interface ShapeScore {
  readonly name: string;
  readonly books: number;
  /** Means by measure, null for a measure that says nothing of invented books. */
  readonly figures: readonly (number | null)[];
}

export interface ScoredWork {
  readonly id: string;
  readonly text: string;
  readonly book: Book | string;
  readonly figures: readonly (number | null)[];
}

/** Every shape that is wanted with each seed; the random one more often. */
export async function scoreShapes(
  seeds: readonly number[],
  wanted: (name: string, index: number) => boolean = () => true,
  each: (work: ScoredWork) => void = () => {},
): Promise<ShapeScore[]> {
  const folder = await mkdtemp(join(tmpdir(), 'shapes-'));
  try {
    const scores: ShapeScore[] = [];
    for (const shape of shapes.filter(({ name }, index) => wanted(name, index))) {
      const own =
        shape.name === 'mixed' ? seeds.flatMap((seed) => Array.from({ length: mixedShare }, (_, index) => seed * 100 + index)) : seeds;
      const rows: (readonly (number | null)[])[] = [];
      for (const seed of own) {
        const { text, gold } = printShape(shape, seed);
        const path = join(folder, `${String(seed)}.txt`);
        await writeFile(path, text);
        const book = await runStages(gold.id, path, { read: 0, topology: 0, clean: 0, align: 0, toc: 0, write: 0 });
        const figures = measures.map((measure) => (typeof book === 'string' ? 0 : measure.of({ book, text, gold })));
        rows.push(figures);
        each({ id: gold.id, text, book, figures });
      }
      scores.push({
        name: shape.name,
        books: rows.length,
        figures: measures.map((_, column) => meanOf(rows.map((row) => row[column] ?? null))),
      });
    }
    return scores;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The mean, null where there is nothing to take it of. */
export function meanOf(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((sum, figure) => sum + figure, 0) / known.length;
}
