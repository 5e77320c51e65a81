/** The book pipeline of the language's design, as it is written there, in its three modes and with a model that fails. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '@scriptorium/core';
import { fails, rehearse } from '../../src/index.ts';
import type { Answer, RehearsalOptions, Script } from '../../src/index.ts';
import { bookHandlers } from './handlers.ts';

const flow = new URL('./book-batch.flow.yaml', import.meta.url);
const names = Array.from({ length: 20 }, (_, index) => `book${String(index + 1).padStart(2, '0')}`);

function bookIn(path: unknown): string {
  return /book\d\d/.exec(String(path))?.[0] ?? '';
}

/** Each stage puts its name behind the path. `agent` answers for a book; a `broken` one cannot be read. */
function script(more: { readonly agent?: (book: string) => Answer; readonly broken?: readonly string[] } = {}): Script {
  const { agent = () => ({ issues: [] }), broken = [] } = more;
  const stage =
    (name: string) =>
    ({ path }: { readonly path?: Json }): Answer => ({ path: `${String(path)}.${name}` });
  return {
    'book/check-catalog': () => ({ entries: 1 }),
    'book/scan': ({ folder }) => ({ books: names.map((id) => ({ id, path: `${String(folder)}/${id}` })) }),
    'book/topology': ({ path }) => (broken.includes(bookIn(path)) ? fails('unexpected') : { kind: 'prose' }),
    'book/sanity': ({ path }) => (bookIn(path) === 'book02' ? fails('not_in_catalog') : { meta: { of: bookIn(path) } }),
    'book/clean': stage('clean'),
    'book/align': stage('align'),
    'book/toc': ({ path }) => ({
      path: `${String(path)}.toc`,
      chapters: Array.from({ length: 45 }, (_, index) => `${bookIn(path)} ${index}`),
    }),
    'book/toc-count': () => ({ issues: [] }),
    'core/agent': ({ prompt }) => agent(bookIn(prompt)),
    'book/validate-rules': () => ({ method: 'rules', issues: [] }),
    'book/report': () => ({ path: 'report.json' }),
  };
}

const options = (more: Partial<RehearsalOptions> = {}): RehearsalOptions => ({
  input: { folder: 'in' },
  handlers: bookHandlers,
  script: script(),
  ...more,
});

test('every book goes through its stages, and its chapters to the model by twenties', async () => {
  await using run = await rehearse(flow, options());
  assert.deepEqual((await run.outcome()).output, { report: 'report.json', ok: 20, failed: [] });
  const [first, second] = await run.results('books');
  assert.deepEqual(first?.output, { id: 'book01', path: 'in/book01.clean.align.toc', method: 'ai', issues: [] });
  assert.equal(run.calls('core/agent').length, 20 * 3);
  assert.equal(run.calls('book/check-catalog').length, 0);
  // Not in the catalog: it goes on without metadata, and says that it owes its result to a fallback.
  assert.deepEqual([first?.degraded, second?.degraded], [false, true]);
  assert.deepEqual(run.calls('book/clean').find(({ key }) => key === 'book02')?.input['meta'], {});
});

test('a catalog that is named is looked at before any book, by a handler that takes no null', async () => {
  await using run = await rehearse(flow, options({ input: { folder: 'in', catalog: 'books.csv' } }));
  assert.equal((await run.outcome()).status, 'succeeded');
  assert.deepEqual(
    run.calls('book/check-catalog').map(({ input }) => input),
    [{ catalog: 'books.csv' }],
  );
  const missing = { ...script(), 'book/check-catalog': (): Answer => fails('unexpected') };
  await using refused = await rehearse(flow, options({ input: { folder: 'in', catalog: 'gone.csv' }, script: missing }));
  assert.equal((await refused.outcome()).status, 'failed');
  assert.equal(refused.calls('book/topology').length, 0);
});

test('flexible: two broken books of twenty are within the tolerance, three are not', async () => {
  await using within = await rehearse(flow, options({ script: script({ broken: ['book03', 'book07'] }) }));
  assert.deepEqual((await within.outcome()).output, { report: 'report.json', ok: 18, failed: ['book03', 'book07'] });
  await using beyond = await rehearse(flow, options({ script: script({ broken: ['book03', 'book07', 'book09'] }) }));
  const { status, error } = await beyond.outcome();
  assert.deepEqual([status, error?.code], ['failed', 'each.failed']);
});

test('best effort: whatever fails, the report is made of the rest', async () => {
  await using run = await rehearse(flow, options({ mode: 'best_effort', script: script({ broken: names.slice(0, 15) }) }));
  assert.deepEqual((await run.outcome()).output, { report: 'report.json', ok: 5, failed: names.slice(0, 15) });
});

test('strict: the first broken book fails the run, and so does an error that the validation finds', async () => {
  await using broken = await rehearse(flow, options({ mode: 'strict', script: script({ broken: ['book03'] }) }));
  assert.equal((await broken.outcome()).error?.code, 'each.failed');
  const found = { chapter: '1', severity: 'error', text: 'it has no end' };
  const agent = (book: string): Answer => ({ issues: book === 'book05' ? [found] : [] });
  await using gated = await rehearse(flow, options({ mode: 'strict', script: script({ agent }) }));
  assert.match((await gated.outcome()).error?.message ?? '', /invalid_book: \d+ issues in book05/);
  await using open = await rehearse(flow, options({ script: script({ agent }) }));
  assert.equal((await open.outcome()).status, 'succeeded');
});

test('a model that does not answer is tried for a while, then the rules judge, and the report can tell', async () => {
  const agent = (book: string): Answer => (book === 'book04' ? fails('agent.refused') : { issues: [] });
  await using run = await rehearse(flow, options({ script: script({ agent }) }));
  assert.equal((await run.outcome()).status, 'succeeded');
  const results = await run.results('books');
  assert.deepEqual(
    results.filter(({ output }) => (output as { readonly method: string }).method === 'rules').map(({ key, degraded }) => [key, degraded]),
    [['book04', true]],
  );
});

test('a model that fails for everybody opens the breaker, and all books are judged by rules', async () => {
  await using run = await rehearse(flow, options({ script: script({ agent: () => fails('overloaded') }) }));
  assert.deepEqual((await run.outcome()).output, { report: 'report.json', ok: 20, failed: [] });
  const methods = (await run.results('books')).map(({ output }) => (output as { readonly method: string }).method);
  assert.deepEqual(new Set(methods), new Set(['rules']));
  const opened = await run.host().limits();
  assert.ok(opened.some(({ pool, breaker }) => pool === 'openai' && breaker !== undefined));
});

test('the profile for tests takes five books, strictly', async () => {
  await using run = await rehearse(flow, options({ profile: 'test' }));
  assert.deepEqual((await run.outcome()).output, { report: 'report.json', ok: 5, failed: [] });
});

test('wherever the engine ends, the books come out the same and nothing that succeeded is done again', async () => {
  for (const commit of [3, 20, 60]) {
    await using run = await rehearse(flow, options({ faults: [{ commit, when: 'after' }] }));
    assert.deepEqual((await run.outcome()).output, { report: 'report.json', ok: 20, failed: [] });
    const done = (await run.events('attempt.succeeded')).map(({ actor, event }) => `${actor} ${event.item} ${event.node}`);
    assert.equal(new Set(done).size, done.length);
  }
});
