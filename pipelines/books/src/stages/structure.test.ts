import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ArtifactRef } from '@scriptorium/core';
import { call, putArtifact, testContext } from '../../test/context.ts';
import { book, outline, prose } from '../../test/sample.ts';
import type { Book } from '../document.ts';
import { structureHandlers } from './structure.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'structure-'));
});
after(() => rm(root, { recursive: true }));

const [topology, clean, align, toc] = structureHandlers;

interface Result {
  readonly id: string;
  readonly document: ArtifactRef;
}

describe('the deterministic stages as handlers', () => {
  it('hand a document on from one to the next', async () => {
    const path = join(root, 'quay.txt');
    await writeFile(path, book('THE QUAY', 'CHAPTER I\n\nTHE TIDE', prose(1), 'CHAPTER II\n\nTHE SHIP', prose(2)));
    const input = { id: 'quay', path, hash: 'sha256:0' };
    const measured = await call<Result & { skip: null; headings: number }>(topology!, { book: input }, testContext(root, 'topology'));
    assert.deepEqual([measured.skip, measured.headings], [null, 2]);
    const cleaned = await call<Result & { letters: { source: number; kept: number; removed: number } }>(
      clean!,
      { book: input, topology: measured.document, meta: { title: 'The Quay' } },
      testContext(root, 'clean'),
    );
    assert.equal(cleaned.letters.source, cleaned.letters.kept + cleaned.letters.removed);
    const aligned = await call<Result & { chapters: number }>(
      align!,
      { id: 'quay', document: cleaned.document },
      testContext(root, 'align'),
    );
    assert.equal(aligned.chapters, 2);
    const finished = await call<Result & { entries: number }>(toc!, { id: 'quay', document: aligned.document }, testContext(root, 'toc'));
    assert.equal(finished.document.path, 'toc/batch/quay.json');
    const document = JSON.parse(await readFile(join(root, finished.document.path), 'utf8')) as Book;
    assert.deepEqual(outline(document), ['chapter 1 THE TIDE', 'chapter 2 THE SHIP']);
    assert.equal(document.meta.title, 'The Quay');
  });

  it('say why a book is skipped', async () => {
    const path = join(root, 'empty.txt');
    await writeFile(path, '\n\n');
    const measured = await call<{ skip: unknown }>(
      topology!,
      { book: { id: 'empty', path, hash: 'sha256:0' } },
      testContext(root, 'topology'),
    );
    assert.deepEqual(measured.skip, { reason: 'empty', message: 'there is no text in it, beside what a distributor added' });
  });

  it('refuse a document of another version', async () => {
    const document = await putArtifact(root, 'clean/batch/old.json', JSON.stringify({ version: '0.9.0' }));
    await assert.rejects(call(align!, { id: 'old', document }, testContext(root, 'align')), {
      code: 'contract.input',
      message: /version 1/,
    });
  });
});
