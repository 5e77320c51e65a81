import assert from 'node:assert/strict';
import { it } from 'node:test';
import { jsonBytes } from './json-bytes.ts';

it('is what JSON.stringify makes of it', () => {
  const block = (id: number): object => ({ id: `b${id}`, text: '“ß” 字 \ud83d\ude00', layout: { rows: [] }, gone: undefined });
  const blocks = Array.from({ length: 1_203 }, (_, id) => block(id));
  const chapter = { id: 'c1', metadata: undefined, blocks, children: [{ id: 'c1-1', blocks: [], children: [] }] };
  const section = { id: 's', blocks: blocks.slice(0, 500) };
  const book = {
    version: '1.0.0',
    meta: { title: null, extra: {} },
    structure: { frontMatter: { toc: [], sections: [section] }, body: { chapters: [chapter, chapter] }, backMatter: { sections: [] } },
    removed: [{ kind: 'hyphen' }],
    empty: {},
    chapters: 3,
    toc: null,
  };
  for (const value of [book, {}, { a: 1 }, { blocks: 'none' }])
    assert.equal(Buffer.from(jsonBytes(value)).toString(), JSON.stringify(value));
});
