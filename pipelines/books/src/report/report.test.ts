import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { call, collectionOf, testContext } from '../../test/context.ts';
import { givenBook } from '../../test/book.ts';
import { qualityOf, type Issue } from '../sanity/issue.ts';
import { unitsOfBook } from '../validate/unit.ts';
import { verdictOn, type Validation } from '../validate/verdict.ts';
import { pageOf } from './page.ts';
import { reportHandler } from './report.ts';
import { gatherBooks, type DoneBook, type Gathering } from './summary.ts';

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
  assert.deepEqual(summary['failures'], [{ id: 'd', code: 'unreadable', message: 'binary', fix: null, step: null }]);
  await rm(root, { recursive: true });
});

describe('the page', () => {
  const place = { file: 'a<b>.txt', line: 12, column: 1, text: 'CHAPTER I <img src=x onerror=alert(1)>' };
  const book = (id: string, issues: readonly Issue[]): DoneBook => ({
    id,
    skipped: null,
    method: 'rules',
    quality: qualityOf(issues),
    issues,
  });
  const issue = (severity: Issue['severity'], type: string, more: Partial<Issue> = {}): Issue => ({
    severity,
    index: 0,
    title: '',
    type,
    message: 'm',
    ...more,
  });
  const given = givenBook('evil', [{ title: 'T' }]);
  const validated = (title: string, method: 'ai' | 'rules' = 'rules'): Validation => ({
    ...verdictOn(
      { ...given, meta: { ...given.meta, title }, letters: { source: 10, kept: 7, removed: 3 } },
      unitsOfBook(given),
      [],
      [{ type: 'role', unit: 'c1', role: 'epilogue', confidence: 0.95 }],
      { method, model: method === 'ai' ? 'm' : null, fallback: null },
      () => null,
    ),
  });
  const ended = { run: 'b1', batch: 'b1', mode: 'flexible', test: false, status: 'succeeded', error: null };
  const pageWith = (fill: (gathering: Gathering) => void): string => {
    const gathering = gatherBooks();
    fill(gathering);
    return pageOf(gathering.summary(0), gathering.books(), ended);
  };

  it('shows what stands in titles, lines and errors as text, whatever it is', () => {
    const title = '<script>alert(1)</script> "&\'\u0000\u202e \ud800';
    const page = pageWith((gathering) => {
      gathering.add(book('evil', [issue('error', 'duplicate', { title, message: '</style><b>', place })]), validated(title));
      gathering.fail({ key: '<i>gone', error: { code: 'unreadable', message: '<!-- ' } }, null);
    });
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1]));
    for (const tag of ['script', 'img', 'i2']) assert.ok(!tags.has(tag), tag);
    assert.equal(page.match(/<\/style>/g)?.length, 1);
    assert.ok(!page.includes('<i>gone') && !page.includes('<!-- ') && !page.includes('\u0000') && page.isWellFormed());
    assert.match(page, /CHAPTER I &lt;img src=x onerror=alert\(1\)&gt;/);
    assert.match(page, /a&lt;b&gt;\.txt<\/bdi>, line 12/);
    assert.match(page, /default-src 'none'/);
  });

  it('says first what needs a human, the gravest before the rest, and counts every book once', () => {
    const page = pageWith((gathering) => {
      gathering.add(book('fine', []), null);
      gathering.add(book('noted', [issue('info', 'no_number')]), null);
      gathering.add(book('doubtful', [issue('info', 'no_number'), issue('warning', 'gap')]), null);
      gathering.add(book('wrong', [issue('error', 'duplicate')]), null);
      gathering.add({ ...book('none', []), skipped: 'there is no text in it' }, null);
      gathering.fail({ key: 'broken', error: { code: 'unreadable', message: 'binary data' } }, null);
    });
    assert.match(page, /<h1>6 books: 2 ready, 2 to look at, 1 failed, 1 skipped<\/h1>/);
    const todo = /<ol class="todo">(.*?)<\/ol>/s.exec(page)?.[1] ?? '';
    assert.deepEqual(
      ['broken', 'wrong', 'doubtful', 'noted', 'fine'].map((id) => todo.indexOf(`>${id}<`) >= 0),
      [true, true, true, false, false],
    );
    assert.ok(todo.indexOf('broken') < todo.indexOf('wrong') && todo.indexOf('wrong') < todo.indexOf('doubtful'));
    assert.match(page, /there is no text in it/);
    for (const id of ['wrong', 'doubtful', 'noted', 'fine'])
      assert.equal(page.split(`<summary><span class="book-title"><bdi>${id}<`).length, 2);
  });

  it('names the file of what a book of many files needs a human for, though its lines have no numbers', () => {
    const page = pageWith((gathering) => {
      gathering.add(book('wrong', [issue('error', 'duplicate', { place: { ...place, file: '3.html', line: null } })]), null);
    });
    const todo = /<ol class="todo">(.*?)<\/ol>/s.exec(page)?.[1] ?? '';
    assert.match(todo, /\(<bdi>3\.html<\/bdi>\)/);
  });

  it('accounts for the letters, and shows what a confidence is worth', () => {
    const page = pageWith((gathering) => {
      for (let index = 0; index < 6; index += 1) gathering.add(book(`b${String(index)}`, []), validated('B', 'ai'));
    });
    assert.match(page, /Of 60 letters 42 are in the books and 18 were taken out/);
    assert.match(page, /none unexplained/);
    assert.match(page, /6 units judged differently/);
    assert.match(page, /<td>roles<\/td><td>0\.9 – 1\.0<\/td><td class="n">6<\/td><td class="n">0 %<\/td><td class="n">too few \(0\)<\/td>/);
  });

  it('shows what was left in doubt, with the line', () => {
    const doubt = { kind: 'misreading', start: 3, end: 7, before: 'arid', suggestion: 'and', confidence: 0.72 } as const;
    const verdict = verdictOn(
      { ...given, doubts: [doubt] },
      unitsOfBook(given),
      [],
      [],
      { method: 'rules', model: null, fallback: null },
      () => place,
    );
    const page = pageWith((gathering) => gathering.add(book('b', []), verdict));
    assert.match(
      page,
      />The text has<[^]*"The text has"><bdi>arid<\/bdi><\/td><td[^>]*><bdi>and<\/bdi><\/td><td[^>]*>misread words<\/td><td[^>]*>0\.72<\/td><td><bdi>a&lt;b&gt;\.txt<\/bdi>, line 12/,
    );
  });

  it('stays small for a large batch', () => {
    const many = Array.from({ length: 500 }, () => issue('warning', 'gap', { place }));
    const page = pageWith((gathering) => {
      for (let index = 0; index < 3_000; index += 1) gathering.add(book(`b${String(index)}`, index < 40 ? many : []), null);
    });
    assert.match(page, /… and 2,000 books of better quality/);
    assert.match(page, /… and 440 more in validation\.json/);
    assert.ok(page.length < 3_000_000, String(page.length));
  });
});
