import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  alignBook,
  blocksOf,
  cleanBook,
  countLetters,
  decodeBytes,
  measureTopology,
  readSource,
  restructureToc,
  walkChapters,
  type Book,
} from '../src/structure.ts';
import { replay } from './sample.ts';

const raw = fileURLToPath(new URL('../../../../shared/corpus/raw', import.meta.url));
const skip = existsSync(raw) ? false : `no corpus at ${raw}`;

async function structuredFrom(name: string): Promise<Book> {
  const source = await readSource(join(raw, name));
  return restructureToc(alignBook(cleanBook(source, measureTopology(parse(name).name, source), {})));
}

describe('every book of the corpus', { skip }, () => {
  for (const name of skip === false ? readdirSync(raw) : []) {
    it(name, async () => {
      const book = await structuredFrom(name);
      const blocks = [...blocksOf(book)];
      const kept = blocks.reduce((sum, block) => sum + countLetters(block.text), 0);
      assert.deepEqual(
        { source: kept + book.removed.reduce((sum, entry) => sum + entry.letters, 0), kept },
        { source: book.letters.source, kept: book.letters.kept },
      );
      assert.equal(new Set(blocks.map((block) => block.id)).size, blocks.length);
      if (name.endsWith('.txt')) replay(book, decodeBytes(readFileSync(join(raw, name))).text);

      const units = [...walkChapters(book.structure.body.chapters)].map(({ chapter }) => chapter);
      assert.ok(units.length > 0);
      assert.equal(new Set(units.map((unit) => unit.id)).size, units.length);
      const places = units.flatMap((unit) => unit.blocks).map((block) => (block.source.file ?? 0) * 1e9 + block.source.start);
      assert.deepEqual(
        places,
        places.toSorted((left, right) => left - right),
      );
      const refs = book.structure.frontMatter.toc.flatMap((entry) => entry.ref ?? []);
      assert.equal(new Set(refs).size, refs.length);
      for (const unit of units) assert.ok(refs.includes(unit.id) || unit.title === '', `${unit.id} is not in the contents`);

      const unlicensed = units.every((unit) => unit.blocks.every((block) => !/project gutenberg/i.test(block.text)));
      assert.ok(unlicensed, 'the body speaks of its distributor');
    });
  }

  it('traces blocks back to their place in the file', async () => {
    const name = readdirSync(raw).find((entry) => entry.endsWith('.txt'))!;
    const text = [...decodeBytes(readFileSync(join(raw, name))).text];
    const squeezed = (part: string): string => part.replace(/[^\p{L}]/gu, '');
    for (const block of [...blocksOf(await structuredFrom(name))].filter((each) => each.type === 'paragraph').slice(0, 400)) {
      assert.equal(squeezed(text.slice(block.source.start, block.source.end).join('')), squeezed(block.text));
    }
  });
});
