import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { alignBook, cleanBook, decodeBytes, measureTopology, readSource, restructureToc, type Book } from '@scriptorium/books/structure';
import { scoreBoundaries, scoreList } from './book.ts';
import { f1, matchBoundaries } from './boundaries.ts';
import { readGold } from './gold.ts';

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

const corpus = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));

describe('the corpus', { skip: existsSync(corpus) ? false : `no corpus at ${corpus}` }, () => {
  const structured = async (path: string, id: string): Promise<Book> => {
    const source = await readSource(path);
    return restructureToc(alignBook(cleanBook(source, measureTopology(id, source), {})));
  };

  it('has its chapters found: macro F1 of at least 0.95, and every list of chapters', async () => {
    const scores: number[] = [];
    for (const gold of (await readGold(corpus)).values()) {
      const path = join(corpus, 'raw', gold.contents === null ? `${gold.id}.txt` : gold.id);
      const book = await structured(path, gold.id);
      if (gold.contents === null) scores.push(f1(scoreBoundaries(book, decodeBytes(await readFile(path)).text, gold).units));
      else assert.equal(f1(scoreList(book, gold.contents)), 1, gold.id);
    }
    assert.ok(scores.reduce((sum, score) => sum + score, 0) / scores.length >= 0.95);
  });
});
