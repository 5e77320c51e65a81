import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { call, collectionOf, testContext } from '../test/context.ts';
import { reportHandler } from './report.ts';

it('counts every book once, and says why books were skipped or failed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'report-'));
  const issue = (type: string, severity: string): object => ({ severity, index: 0, title: '', type, message: '' });
  const done = collectionOf([
    { id: 'a', skipped: null, method: 'rules', quality: 100, issues: [] },
    {
      id: 'b',
      skipped: null,
      method: 'ai',
      quality: 75,
      issues: [issue('gap', 'warning'), issue('gap', 'warning'), issue('duplicate', 'error')],
    },
    { id: 'c', skipped: 'there is no text in it', method: null, quality: null, issues: [] },
  ]);
  const failed = collectionOf([{ key: 'd', error: { code: 'unreadable', message: 'binary' } }]);

  const result = await call<{ summary: { path: string } }>(reportHandler, { done, failed, ignored: 1 }, testContext(root, 'report'));

  const { summary: written, ...counts } = result;
  assert.deepEqual(counts, { books: 4, clean: 1, withIssues: 1, skipped: 1, failed: 1 });
  const summary = JSON.parse(await readFile(join(root, written.path), 'utf8')) as Record<string, unknown>;
  assert.deepEqual(summary['methods'], { rules: 1, ai: 1 });
  assert.deepEqual(summary['issues'], {
    gap: { severity: 'warning', count: 2, books: 1 },
    duplicate: { severity: 'error', count: 1, books: 1 },
  });
  assert.deepEqual(summary['skipped'], [{ id: 'c', reason: 'there is no text in it' }]);
  assert.deepEqual(summary['failures'], [{ id: 'd', code: 'unreadable', message: 'binary' }]);
  await rm(root, { recursive: true });
});
