/** Makes a folder of sample books with realistic defects, and the truth about them beside it. */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StepError } from '@scriptorium/core';
import { chanceOf, type Chance } from './chance.ts';
import { spoil } from './defects.ts';
import { printHtml, printHtmlFolder, printJson } from './markup.ts';
import { realSamples, REAL_BOOKS } from './public-domain.ts';
import { planBook, shapes, type BookPlan, type Shape } from './plan.ts';
import { printText } from './text.ts';
import type { DefectType, TrueBook, Truth } from './truth.ts';

export interface SampleOptions {
  /** Books in all. */
  readonly count: number;
  /** Whether real public-domain books are among them; there are {@link REAL_BOOKS}, which take the last places. */
  readonly real?: boolean;
  readonly seed: number;
}

export interface Samples {
  /** Holds the books and nothing else. */
  readonly folder: string;
  readonly truthFile: string;
  readonly truth: Truth;
}

interface SampleBook {
  readonly truth: TrueBook;
  /** Paths below the folder. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
}

/**
 * Writes `<dir>/books/` and `<dir>/truth.json`; the same seed and count give the same bytes.
 *
 * @throws StepError `io` when the folder of books exists and is not empty.
 */
export async function makeSamples(dir: string, { count, seed, real = false }: SampleOptions): Promise<Samples> {
  const folder = join(dir, 'books');
  const present = await readdir(folder).catch(() => []);
  if (present.length > 0)
    throw new StepError('io', `${folder} is not empty`, { fix: 'Name a new folder, or remove the old samples first.' });
  const chance = chanceOf(seed);
  const used = new Map<DefectType, number>();
  const invented = real ? Math.max(0, count - REAL_BOOKS) : count;
  const books = [
    ...Array.from({ length: invented }, (_, index) => makeBook(index, count, used, chance)),
    ...(real ? await realSamples((shape, index) => numbered(invented + index, count, shape)) : []),
  ];
  for (const { files } of books) {
    for (const [name, data] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), data);
    }
  }
  await mkdir(folder, { recursive: true });
  const truth: Truth = { version: '1.0.0', seed, books: books.map((book) => book.truth) };
  const truthFile = join(dir, 'truth.json');
  await writeFile(truthFile, `${JSON.stringify(truth, null, 1)}\n`);
  return { folder, truthFile, truth };
}

function numbered(index: number, count: number, shape: string): string {
  return `${String(index + 1).padStart(String(count).length, '0')}-${shape}`;
}

/** One book in twenty cannot be processed; they are spread over the folder, the first of them early. */
function makeBook(index: number, count: number, used: Map<DefectType, number>, chance: Chance): SampleBook {
  const id = (shape: string): string => numbered(index, count, shape);
  if (index % 20 === 7) return makeUnusable(id, Math.floor(index / 20));
  const shape = shapes[index % shapes.length]!;
  const { plan, defects, printed } = spoil(planBook(id(shape.name), 90_000 + index, shape, chance), used, chance);
  const { files, units, more } = print(plan, shape, printed, chance);
  return { truth: { id: plan.id, shape: shape.name, outcome: 'done', units, defects: [...defects, ...more] }, files };
}

function print(
  plan: BookPlan,
  shape: Shape,
  printed: Parameters<typeof printText>[1],
  chance: Chance,
): Pick<SampleBook, 'files'> & { units: TrueBook['units']; more: TrueBook['defects'] } {
  switch (shape.medium) {
    case 'text': {
      const { bytes, units, defects } = printText(plan, printed, chance);
      return { files: new Map([[`${plan.id}.txt`, bytes]]), units, more: defects };
    }
    case 'html':
      return { ...printHtml(plan), more: [] };
    case 'json':
      return { ...printJson(plan), more: [] };
    case 'html-folder': {
      const { files, units } = printHtmlFolder(plan);
      return { files: new Map([...files].map(([name, text]) => [`${plan.id}/${name}`, text])), units, more: [] };
    }
  }
}

/** In turn: an empty file, a download cut short, a file that holds nothing but a licence, data that is no text, a stray note. */
function makeUnusable(id: (shape: string) => string, turn: number): SampleBook {
  const unusable = (shape: string, outcome: TrueBook['outcome'], ending: string, data: string | Uint8Array): SampleBook => ({
    truth: { id: id(shape), shape, outcome, units: [], defects: [] },
    files: new Map([[`${id(shape)}.${ending}`, data]]),
  });
  switch (turn % 5) {
    case 0:
      return unusable('empty', 'skipped', 'txt', '');
    case 1:
      return unusable('cut', 'failed', 'json', '{"metadata": {"title": "Cut"}, "chapters": [{"title": "One", "content": ["It was');
    case 2:
      return unusable(
        'licence',
        'skipped',
        'txt',
        '*** START OF THIS PROJECT GUTENBERG EBOOK NOTHING ***\n\n\n*** END OF THIS PROJECT GUTENBERG EBOOK NOTHING ***\n',
      );
    case 3:
      return unusable(
        'binary',
        'failed',
        'txt',
        Uint8Array.from({ length: 4000 }, (_, index) => (index * 37) % 251),
      );
    default:
      return unusable('note', 'skipped', 'txt', 'see the other file\n');
  }
}
