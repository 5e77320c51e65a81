import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ArtifactRef } from '@scriptorium/core';
import { givenBook } from '../../test/book.ts';
import { call, putArtifact, testContext } from '../../test/context.ts';
import { markdownOf } from './markdown.ts';
import { plainTextOf } from './plain.ts';
import type { Publication, PublishedUnit } from './publication.ts';
import { publishHandler } from './publish.ts';

const blocks: PublishedUnit['blocks'] = [
  { type: 'heading', text: 'I' },
  { type: 'heading', text: 'The Tide' },
  { type: 'paragraph', text: 'The *tide* rose_ twice.', links: [{ mark: 'a', at: 10, note: 'n' }], emphasis: [[11, 16]] },
  { type: 'verse', text: 'Full fathom five\nthy father lies' },
  { type: 'quote', text: 'Said he.' },
  { type: 'listItem', text: 'rope' },
  { type: 'listItem', text: 'tar' },
  { type: 'break', text: '* * *' },
  { type: 'paragraph', text: '1. is no list, # no heading, <b> no tag' },
  { type: 'illustration', text: 'A brig' },
  { type: 'note', id: 'n', mark: 'a', text: 'From the Moon.' },
];
const publication: Publication = {
  id: 'urn:x',
  title: 'The Harbour',
  authors: ['Ann Author'],
  language: 'en',
  front: [{ title: 'Dedication', kind: 'dedication', heading: false, blocks: [{ type: 'paragraph', text: 'To Ben.' }] }],
  body: [{ title: 'I: The Tide', kind: 'chapter', blocks, children: [{ title: 'Later', kind: 'section', blocks: [] }] }],
};

describe('Markdown', () => {
  it('has headings by depth, footnotes, verse, lists and escapes', () => {
    assert.equal(
      [...markdownOf(publication)].join(''),
      `# The Harbour

*Ann Author*

To Ben.

## I — The Tide

The \\*tide\\*[^1] *rose\\_* twice.

Full fathom five\\
thy father lies

> Said he.

- rope
- tar

* * *

1\\. is no list, \\# no heading, \\<b\\> no tag

*A brig*

[^1]: From the Moon.

### Later
`,
    );
  });
});

describe('plain text', () => {
  it('has a paragraph a line, headings set off, and marks and names of pictures in brackets', () => {
    assert.equal(
      [...plainTextOf(publication)].join(''),
      `The Harbour
Ann Author

To Ben.



I
The Tide

The *tide*[1] rose_ twice.

    Full fathom five
    thy father lies

    Said he.

rope
tar

* * *

1. is no list, # no heading, <b> no tag

[Illustration: A brig]

[1] From the Moon.



Later
`,
    );
  });
});

describe('book/publish', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'publish-'));
  });
  after(() => rm(root, { recursive: true }));

  it('writes the formats that were asked for, and no others', async () => {
    const document = await putArtifact(
      root,
      'toc/batch/b.json',
      JSON.stringify(givenBook('b', [{ title: 'One', number: 'I', ordinal: 1 }])),
    );
    const asked = async (formats: readonly string[], stage: string): Promise<string[]> => {
      const { files } = await call<{ files: ArtifactRef[] }>(publishHandler, { id: 'b', document, formats }, testContext(root, stage));
      return files.map((file) => file.path);
    };
    assert.deepEqual(await asked(['epub', 'markdown', 'text'], 'publish'), [
      'publish/batch/b.epub',
      'publish/batch/b.md',
      'publish/batch/b.txt',
    ]);
    assert.deepEqual(await asked([], 'none'), []);
    assert.match(await readFile(join(root, 'publish/batch/b.md'), 'utf8'), /## One\n/);
  });
});
