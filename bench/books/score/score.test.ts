import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeBytes } from '@scriptorium/books/structure';
import { f1, matchBoundaries } from './boundaries.ts';
import { readGold } from './gold.ts';
import { measures } from './measures.ts';
import { runStages } from './stages.ts';

describe('chapter boundaries', () => {
  const text = 'a'.repeat(5000);

  it('are found within 600 letters, each once', () => {
    const score = matchBoundaries(text, [0, 1500, 1600, 4000], [500, 1000, 3000]);
    assert.deepEqual([score.found, score.predicted, score.expected], [2, 4, 3]);
    assert.deepEqual([score.missed, score.extra], [[3000], [1600, 4000]]);
  });

  it('are measured in letters, not in white space', () => {
    assert.equal(matchBoundaries(`a${' '.repeat(3000)}b`, [0], [3001]).found, 1);
  });

  it('score 1 when all are found and no other, 0 when none is', () => {
    assert.equal(f1({ found: 3, predicted: 3, expected: 3 }), 1);
    assert.equal(f1({ found: 0, predicted: 3, expected: 3 }), 0);
    assert.equal(f1({ found: 2, predicted: 4, expected: 3 }), 4 / 7);
  });
});

const corpus = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url));

describe('the corpus', { skip: existsSync(corpus) ? false : `no corpus at ${corpus}` }, () => {
  it('is scored at or above every goal', async () => {
    const figures = measures.map((): number[] => []);
    for (const gold of (await readGold(corpus)).values()) {
      const path = join(corpus, 'raw', gold.contents === null ? `${gold.id}.txt` : gold.id);
      const book = await runStages(gold.id, path, { read: 0, topology: 0, clean: 0, align: 0, toc: 0, write: 0 });
      assert.ok(typeof book !== 'string', `${gold.id} is ${String(book)}`);
      const text = gold.contents === null ? decodeBytes(await readFile(path)).text : '';
      for (const [index, measure] of measures.entries()) {
        const figure = measure.of({ book, text, gold });
        if (figure !== null) figures[index]!.push(figure);
      }
    }
    for (const [index, { name, kind, goal }] of measures.entries()) {
      const sum = figures[index]!.reduce((total, figure) => total + figure, 0);
      if (goal === undefined) continue;
      if (kind === 'count') assert.ok(sum <= goal.all, `${name}: ${sum}`);
      else assert.ok(sum / figures[index]!.length >= goal.all, `${name}: ${sum / figures[index]!.length}`);
    }
  });
});
