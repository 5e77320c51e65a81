import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chunkId, ROOT } from '@scriptorium/core';
import type { Event, Flow, Json, Mode, Node, Recorded } from '@scriptorium/core';
import { writeReport } from './report.ts';

const home = await mkdtemp(join(tmpdir(), 'report-'));
after(() => rm(home, { recursive: true }));

const call = { k: 'call', uses: 'a/b', with: { lit: null } } as const;
const each = { in: { lit: [] }, as: 'book', workers: { lit: 4 }, batch: { lit: 1 }, tolerate: { lit: 0 }, captures: [] } as const;
const step = (id: string, more: Partial<Node> = {}): Node => ({ id, needs: [], do: call, retry: [], catch: [], returns: true, ...more });
const scope = (id: string, steps: readonly Node[], more: Partial<Node> = {}): Node =>
  step(id, { do: { k: 'and', steps, output: { lit: null } }, ...more });
const flow: Flow = {
  ir: 1,
  expr: 1,
  name: 't/books',
  version: '1.0.0',
  hash: 'sha256:f',
  input: true,
  output: true,
  limits: {},
  migrate: [],
  root: scope('', [step('scan'), scope('books', [step('books/read'), step('books/clean')], { each })]),
};
const hash = `sha256:${'0'.repeat(64)}`;
const started = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A journal and its values, written event by event, a second apart. */
function journal(mode: Mode): {
  readonly events: Recorded[];
  readonly put: (actor: string, event: Event) => void;
  readonly values: Map<string, Json>;
} {
  const events: Recorded[] = [];
  const put = (actor: string, event: Event): void => {
    events.push({ gseq: events.length + 1, run: 'r1', actor, seq: events.length + 1, at: started + events.length * 1_000, event });
  };
  const options = { mode, test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
  put(ROOT, {
    type: 'run.started',
    flow: { name: flow.name, version: flow.version, hash: flow.hash },
    input: { folder: '/in' },
    options,
    by: 'cli:tester',
  });
  return { events, put, values: new Map() };
}

const first = chunkId(ROOT, 0, 'books', 0);
const second = chunkId(ROOT, 0, 'books', 1);

function open({ put, values }: ReturnType<typeof journal>, keys: readonly string[], pageSize: number): void {
  const pages = Array.from({ length: Math.ceil(keys.length / pageSize) }, (_, page) => keys.slice(page * pageSize, (page + 1) * pageSize));
  for (const [page, rows] of pages.entries())
    values.set(
      `page${page}`,
      rows.map((key) => ({ key, value: {} })),
    );
  values.set(
    'pages',
    pages.map((_, page) => `page${page}`),
  );
  put(ROOT, {
    type: 'each.opened',
    item: 0,
    node: 'books',
    total: keys.length,
    of: keys.length,
    pageSize,
    pages: 'pages',
    workers: 4,
    tolerate: 0,
    env: {},
  });
}

function chunk({ put }: ReturnType<typeof journal>, number: number, size: number): void {
  put(chunkId(ROOT, 0, 'books', number), {
    type: 'chunk.started',
    parent: { actor: ROOT, item: 0 },
    node: 'books',
    chunk: number,
    offset: 0,
    size,
    page: `page${number}`,
    env: {},
    slots: 2,
  });
}

function attempt({ put }: ReturnType<typeof journal>, actor: string, item: number, node: string, key: string, output: Json = null): void {
  put(actor, { type: 'attempt.started', item, node, attempt: 1, handler: 'a/b@1.0.0', key, reason: 'first' });
  put(actor, {
    type: 'attempt.succeeded',
    item,
    node,
    attempt: 1,
    output: { v: output },
    artifacts: [{ path: `${node}.json`, hash, bytes: 3, stage: node, from: [] }],
    ms: 250,
  });
}

async function write(
  { events, values }: ReturnType<typeof journal>,
  name: string,
): Promise<{ report: Report; trace: string[]; directory: string }> {
  const directory = join(home, name);
  const value = (ref: string): Json => {
    const found = values.get(ref);
    if (found === undefined) throw new Error(`no value ${ref}`);
    return found;
  };
  await writeReport(
    {
      run: 'r1',
      batch: name,
      flow,
      events,
      value,
      deadMessages: () => [],
      sections: async () => ({}),
      pools: [{ pool: 'disk', limit: { concurrent: 4 }, used: 0, waiting: 0 }],
    },
    directory,
  );
  const report = JSON.parse(await readFile(join(directory, 'report.json'), 'utf8')) as Report;
  return { report, trace: (await readFile(join(directory, 'trace.csv'), 'utf8')).trimEnd().split('\r\n'), directory };
}

interface Report {
  readonly mode: string;
  readonly status: string;
  readonly interrupted: boolean;
  readonly started: string;
  readonly ended: string | null;
  readonly summary: { readonly [field: string]: number };
  readonly issues: { readonly [type: string]: { readonly count: number; readonly examples: readonly unknown[] } };
  readonly errors: readonly { readonly step: string; readonly count: number }[];
  readonly files: readonly {
    readonly id: string;
    readonly status: string;
    readonly reason: string | null;
    readonly error: { readonly code: string; readonly step: string } | null;
    readonly outputs: readonly unknown[];
    readonly stages: { readonly [id: string]: { readonly status: string; readonly attempts: number } };
  }[];
}

function addsUp({ summary, files }: Report): void {
  const { total, succeeded, succeededWithIssues, failed, skipped, cancelled, interrupted } = summary as Record<string, number>;
  assert.equal(
    (succeeded ?? 0) + (succeededWithIssues ?? 0) + (failed ?? 0) + (skipped ?? 0) + (cancelled ?? 0) + (interrupted ?? 0),
    total,
  );
  assert.equal(files.length, total);
}

const broken = { code: 'io', message: 'cannot read', fix: 'mend it' };

function fail({ put }: ReturnType<typeof journal>, actor: string, item: number, key: string): void {
  put(actor, { type: 'attempt.started', item, node: 'books/read', attempt: 1, handler: 'a/b@1.0.0', key, reason: 'first' });
  put(actor, { type: 'attempt.failed', item, node: 'books/read', attempt: 1, error: broken, ms: 5 });
  put(actor, { type: 'step.failed', item, node: 'books/read', error: broken });
  put(actor, { type: 'step.failed', item, node: 'books', error: broken });
}

test('FLEXIBLE: given chunks that end out of order, then files are in item order, each under one status', async () => {
  const run = journal('flexible');
  open(run, ['a', 'b', 'c', 'd'], 2);
  chunk(run, 0, 2);
  chunk(run, 1, 2);
  for (const [item, key] of ['c', 'd'].entries()) attempt(run, second, item, 'books/read', key);
  run.values.set('big', { id: 'd', skipped: 'no chapters' });
  run.values.set('rows1', [
    {
      key: 'c',
      status: 'succeeded',
      output: {
        v: {
          issues: [
            { type: 'gap', severity: 'warning', message: '3 is missing' },
            { type: 'note', severity: 'info', message: 'x' },
          ],
          stats: { words: 9 },
        },
      },
    },
    { key: 'd', status: 'succeeded', output: { ref: 'big', bytes: 9 } },
  ]);
  run.put(second, { type: 'chunk.settled', page: 'rows1' });
  attempt(run, first, 0, 'books/read', 'a');
  fail(run, first, 1, 'b');
  run.values.set('rows0', [
    { key: 'a', status: 'succeeded', output: { v: { issues: [{ severity: 'info', message: 'fine' }] } }, degraded: true },
    { key: 'b', status: 'failed', error: broken },
  ]);
  run.put(first, { type: 'chunk.settled', page: 'rows0' });
  run.put(ROOT, { type: 'run.settled', status: 'succeeded', output: null, error: null });
  const { report, trace, directory } = await write(run, 'flexible');
  addsUp(report);
  assert.deepEqual(
    [report.mode, report.status, report.interrupted, report.started],
    ['flexible', 'succeeded', false, '2026-01-02T03:04:05.000Z'],
  );
  assert.deepEqual(
    report.files.map((file) => [file.id, file.status]),
    [
      ['a', 'SUCCESS'],
      ['b', 'FAILED'],
      ['c', 'COMPLETED_WITH_ISSUES'],
      ['d', 'SKIPPED'],
    ],
  );
  assert.equal(report.files[3]?.reason, 'no chapters');
  assert.deepEqual(report.files[1]?.error, { ...broken, step: 'books/read' });
  assert.equal(report.files[1]?.stages['books/clean']?.status, 'not_reached');
  assert.equal(report.files[0]?.outputs.length, 1);
  assert.deepEqual([report.summary['succeededWithIssues'], report.summary['degraded']], [1, 1]);
  assert.deepEqual(report.issues['gap'], { count: 1, severities: { warning: 1 }, examples: [{ id: 'c', message: '3 is missing' }] });
  assert.deepEqual(
    report.errors.map((group) => [group.step, group.count]),
    [['books/read', 1]],
  );
  assert.equal(trace[0], 'run,item,key,step,attempt,started,ended,ms,outcome,error,handler,reason,usd,tokens');
  assert.match(trace[4] ?? '', /^r1,b,b,books\/read,1,2026-.*,5,failed,io,a\/b@1\.0\.0,first,,$/);
  assert.deepEqual((await readdir(directory)).toSorted(), ['report.json', 'report.schema.json', 'trace.csv']);
});

test('STRICT: given a failed item that ended the run, then the others are cancelled and the error says why', async () => {
  const run = journal('strict');
  open(run, ['a', 'b'], 2);
  chunk(run, 0, 2);
  run.put(first, { type: 'attempt.started', item: 0, node: 'books/read', attempt: 1, handler: 'a/b@1.0.0', key: 'a', reason: 'first' });
  fail(run, first, 1, 'b');
  run.put(first, { type: 'attempt.lost', item: 0, node: 'books/read', attempt: 1, reason: 'cancelled', among: 1 });
  run.put(first, { type: 'step.cancelled', item: 0, node: 'books/read', reason: 'a sibling failed' });
  run.put(first, { type: 'step.cancelled', item: 0, node: 'books', reason: 'a sibling failed' });
  run.values.set('rows0', [
    { key: 'a', status: 'cancelled' },
    { key: 'b', status: 'failed', error: broken },
  ]);
  run.put(first, { type: 'chunk.settled', page: 'rows0' });
  run.put(ROOT, { type: 'run.settled', status: 'failed', output: null, error: { code: 'each.failed', message: '1 of 2' } });
  const { report, trace } = await write(run, 'strict');
  addsUp(report);
  assert.deepEqual(
    report.files.map((file) => file.status),
    ['CANCELLED', 'FAILED'],
  );
  assert.equal(report.files[0]?.stages['books/read']?.status, 'cancelled');
  assert.equal(report.status, 'failed');
  assert.match(trace[2] ?? '', /,lost,cancelled,/);
});

test('BEST_EFFORT: given a crash, then what had not settled is interrupted, also what was never opened', async () => {
  const run = journal('best_effort');
  open(run, ['a', 'b', 'c'], 2);
  chunk(run, 0, 2);
  attempt(run, first, 0, 'books/read', 'a');
  run.put(first, { type: 'step.settled', item: 0, node: 'books', output: { v: { issues: [] } }, degraded: true });
  run.put(first, {
    type: 'attempt.started',
    item: 1,
    node: 'books/read',
    attempt: 1,
    handler: 'a/b@1.0.0',
    key: 'b, "quoted"',
    reason: 'first',
  });
  run.put(ROOT, { type: 'run.interrupted', reason: 'crashed' });
  const { report, trace } = await write(run, 'best_effort');
  addsUp(report);
  assert.deepEqual([report.status, report.interrupted, report.ended], ['interrupted', true, null]);
  assert.deepEqual(
    report.files.map((file) => [file.id, file.status]),
    [
      ['a', 'SUCCESS'],
      ['b', 'INTERRUPTED'],
      ['c', 'INTERRUPTED'],
    ],
  );
  assert.deepEqual(report.files[1]?.stages['books/read'], {
    status: 'interrupted',
    attempts: 1,
    ms: 0,
    degraded: false,
    reused: false,
    reason: null,
  });
  assert.match(trace[2] ?? '', /^r1,b,"b, ""quoted""",books\/read,1,.*,,,interrupted,/);
});

test('given a value that is missing, then no file is left behind and an earlier report stays', async () => {
  const run = journal('flexible');
  open(run, ['a'], 2);
  await write(run, 'kept');
  chunk(run, 0, 1);
  run.put(first, { type: 'chunk.settled', page: 'nowhere' });
  await assert.rejects(write(run, 'kept'), /no value nowhere/);
  assert.deepEqual((await readdir(join(home, 'kept'))).toSorted(), ['report.json', 'report.schema.json', 'trace.csv']);
});
