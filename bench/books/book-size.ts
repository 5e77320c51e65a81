/**
 * What the deterministic book stages take as a book grows: time by stage, the rate, and the memory at its peak.
 *
 *   npm run bench -- book-size [--megabytes 1,10,50]
 *
 * Each size runs in a process of its own. A stage whose rate falls with the size does work that grows faster than the book.
 */

import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { walkChapters } from '@scriptorium/books/structure';
import { runStages, stageNames, type Times } from './score/stages.ts';
import { printShape, shapes } from './shapes/shapes.ts';

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1,10,50' }, file: { type: 'string' } } });
if (values.file === undefined) await main(values.megabytes.split(',').map(Number));
else await measure(values.file);

async function main(sizes: readonly number[]): Promise<void> {
  console.log(
    `${'MB'.padStart(5)}${stageNames.map((stage) => stage.padStart(10)).join('')}${'all'.padStart(10)}${'MB/s'.padStart(7)}${'peak MB'.padStart(9)}${'units'.padStart(7)}`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'book-size-'));
  try {
    for (const size of sizes) {
      const path = join(folder, `${String(size)}.txt`);
      await writeFile(path, bookOf(size * 1e6));
      await new Promise((resolve) => fork(import.meta.filename, ['--file', path]).once('exit', resolve));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Volumes of chapters that start anew, made of one invented novel over and over. */
function bookOf(bytes: number): string {
  const shape = shapes.find(({ name }) => name === 'number alone, centred')!;
  const body = printShape(shape, 1)
    .text.split(/^\*\*\*.*$/m)[1]!
    .replace(/\n(?: +)([IVXL]+)\.\n/g, '\nCHAPTER $1.\n');
  const volumes = Math.ceil(bytes / body.length);
  return Array.from(
    { length: volumes },
    (_, index) => `\n\n\n\nVOLUME ${String(index + 1)}\n\n\n\n${body.slice(body.indexOf('CHAPTER I.'))}`,
  ).join('');
}

async function measure(path: string): Promise<void> {
  const times: Times = { read: 0, topology: 0, clean: 0, align: 0, toc: 0, write: 0 };
  const book = await runStages('large', path, times);
  if (typeof book === 'string') throw new Error(book);
  const total = stageNames.reduce((sum, stage) => sum + times[stage], 0);
  const size = book.meta.source.files[0]!.codePoints / 1e6;
  const units = [...walkChapters(book.structure.body.chapters)].length;
  const peak = process.resourceUsage().maxRSS / 1000;
  console.log(
    `${size.toFixed(0).padStart(5)}${stageNames.map((stage) => `${times[stage].toFixed(0)} ms`.padStart(10)).join('')}${`${total.toFixed(0)} ms`.padStart(10)}${((size * 1000) / total).toFixed(1).padStart(7)}${peak.toFixed(0).padStart(9)}${String(units).padStart(7)}`,
  );
}
