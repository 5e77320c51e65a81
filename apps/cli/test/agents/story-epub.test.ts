import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { createCommandLine } from '../command-line.ts';

it('the EPUB of a story passes through the book pipeline with all of its chapters', async (t) => {
  const { call, directory } = createCommandLine(t);
  const wrote = await call(
    'story',
    'A lighthouse keeper finds a letter from the sea.',
    '--length',
    'short',
    '--out',
    'out',
    '--no-progress',
  );
  assert.equal(wrote.code, 0, wrote.err);
  assert.match(wrote.out, /offline model of Scriptorium: a grammar with a seed, no language model/);
  const [run = ''] = readdirSync(join(directory, 'out', 'publish'));
  const story = join(directory, 'out', 'publish', run);
  const { chapters } = JSON.parse(readFileSync(join(story, 'story.json'), 'utf8')) as {
    readonly chapters: readonly { readonly title: string }[];
  };
  mkdirSync(join(directory, 'books'));
  copyFileSync(join(story, 'story.epub'), join(directory, 'books', 'story.epub'));
  const read = await call('run', 'books', 'books', '--out', 'read', '--set', 'ai=false', '--json', '--no-progress');
  assert.equal(read.code, 0, read.err);
  const stage = join(directory, 'read', 'toc');
  const [batch = ''] = readdirSync(stage);
  const [file = ''] = readdirSync(join(stage, batch));
  const book = readFileSync(join(stage, batch, file), 'utf8');
  for (const { title } of chapters) assert.ok(book.includes(title), title);
});
