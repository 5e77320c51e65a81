import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { createContracts } from '@scriptorium/flow';
import { noUsage } from '@scriptorium/core';
import type { Progress, RunSummary, StageProgress, Streamed } from '@scriptorium/core';
import fc from 'fast-check';
import { widthOf } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { createRenderer } from './renderers.ts';
import { breakerText, createNews, createPoolNews, limitText } from './news.ts';
import { applyDelta, deltaOf, snapshotOf } from './ndjson.ts';
import type { ProgressLine } from './ndjson.ts';

const none = { total: 0, waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, degraded: 0, reused: 0 };

function stage(id: string, succeeded: number, total: number): StageProgress {
  return {
    ...none,
    id,
    total,
    succeeded,
    waiting: total - succeeded,
    retries: 0,
    ms: { count: succeeded, total: succeeded * 100, p50: 100, p95: 200 },
    used: noUsage,
  };
}

function summaryOf(succeeded: number, more: Partial<Progress> = {}, status: RunSummary['status'] = 'running'): RunSummary {
  const total = 10;
  const progress: Progress = {
    at: 5_000,
    items: { ...none, total, succeeded, waiting: total - succeeded },
    stages: [stage('books/topology', succeeded, total), stage('books/clean', succeeded, total)],
    errors: [],
    fraction: succeeded / total,
    eta: { lowMs: 5_000, highMs: 9_000 },
    usage: { used: noUsage, reserved: noUsage, budget: null },
    awaiting: 0,
    itemsPerMinute: 60,
    ...more,
  };
  return {
    run: '20260102-030405-abcdef',
    flow: { name: 'book/batch', version: '1.0.0', hash: 'sha256:0' },
    status,
    startedAt: 0,
    endedAt: status === 'running' ? null : 5_000,
    options: { mode: 'flexible', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] },
    input: {},
    output: null,
    error: null,
    progress,
  };
}

interface Fake {
  readonly terminal: Terminal;
  readonly text: () => string;
  /** What a screen shows after all that was written. */
  readonly screen: () => string[];
  readonly cursorHidden: () => boolean;
}

function fake(columns = 100, errIsTty = true): Fake {
  let text = '';
  const plain = (_: string, value: string): string => value;
  return {
    terminal: {
      out: () => assert.fail('progress is not a result'),
      err: (written) => (text += written),
      outIsTty: false,
      errIsTty,
      columns: () => columns,
      paint: plain,
      paintErr: plain,
    },
    text: () => text,
    screen: () => screenOf(text, columns),
    cursorHidden: () => text.lastIndexOf('\u001b[?25l') > text.lastIndexOf('\u001b[?25h'),
  };
}

/** As much of a terminal as the bars use. */
function screenOf(text: string, columns: number): string[] {
  const rows: string[] = [''];
  let row = 0;
  for (const [piece] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|[^\u001b]/gu)) {
    if (piece === '\n') rows[(row += 1)] ??= '';
    else if (piece === '\r') continue;
    else if (piece.endsWith('A') && piece.startsWith('\u001b')) row -= Number(piece.slice(2, -1));
    else if (piece === '\u001b[2K') rows[row] = '';
    else if (piece === '\u001b[0J') {
      rows.length = row + 1;
      rows[row] = '';
    } else if (!piece.startsWith('\u001b')) {
      if (widthOf(rows[row] ?? '') + widthOf(piece) > columns) rows[(row += 1)] ??= '';
      rows[row] += piece;
    }
    assert.ok(row >= 0, 'the cursor left the screen');
  }
  return rows.filter((line) => line !== '');
}

test('bars: given updates and notes, then one picture stays, notes above it, and the cursor comes back', () => {
  const { terminal, screen, cursorHidden } = fake();
  let time = 0;
  const bars = createRenderer('bars', terminal, {}, () => time);
  for (const done of [0, 3, 7]) {
    time += 1_000;
    bars.update(summaryOf(done));
    if (done === 3) bars.note('limit clean changed');
  }
  assert.ok(cursorHidden());
  bars.close(0);
  const lines = screen();
  assert.equal(lines[0], 'limit clean changed');
  assert.match(lines[1] ?? '', /^book\/batch 1\.0\.0 · 20260102-030405-abcdef · flexible · running 00:03$/);
  assert.match(lines[2] ?? '', /█.* 70\.0 %  7\/10 · 60\.0\/min · .* · 5–9 s left$/);
  assert.match(lines[3] ?? '', /topology .*7\/10/);
  assert.equal(lines.length, 5);
  assert.ok(!cursorHidden());
});

test('bars: given a burst of updates, then at most ten pictures a second are drawn, and the last one is shown', () => {
  const { terminal, text, screen } = fake();
  let time = 0;
  const bars = createRenderer('bars', terminal, {}, () => time);
  for (let update = 0; update < 100; update += 1) {
    time += 10;
    bars.update(summaryOf(update === 99 ? 10 : 5));
  }
  const drawn = text().split('book/batch').length - 1;
  assert.ok(drawn <= 11, `${drawn} pictures in a second`);
  bars.close(0);
  assert.match(screen()[1] ?? '', /10\/10/);
});

for (const columns of [20, 40, 60, 80, 120]) {
  test(`bars: given ${columns} columns, then no line is wider, whatever the names are`, () => {
    const { terminal, screen } = fake(columns);
    const error = {
      step: 'books/清洗',
      code: 'io',
      pattern: `无法读取 ${'长'.repeat(90)}\u001b[31m`,
      count: 3,
      caught: 1,
      retried: 2,
      example: { key: null, message: '', fix: null },
    };
    const bars = createRenderer('bars', terminal, {}, () => 0);
    bars.update(summaryOf(4, { stages: [stage(`books/${'很长的名字'.repeat(9)}`, 4, 10)], errors: [error, error, error, error] }));
    bars.close(0);
    for (const line of screen()) assert.ok(widthOf(line) <= columns - 1, `${widthOf(line)}: ${line}`);
  });
}

test('bars: given what a run waits for, then it stands whole below the progress for as long as that is so', () => {
  const { terminal, screen } = fake(60);
  let time = 0;
  const bars = createRenderer('bars', terminal, {}, () => time);
  const waiting = (lines: readonly string[]): readonly string[] => {
    time += 1_000;
    bars.waiting?.(lines);
    time += 1_000;
    bars.update(summaryOf(3));
    return screen().slice(4);
  };
  bars.update(summaryOf(3));
  const command = `  answer it with \`scriptorium answer 20260102-030405-abcdef.0123456789 approve true|false\``;
  assert.deepEqual(waiting(['approve asks "Is it good?"', command]), [
    'approve asks "Is it good?"',
    command.slice(0, 60),
    command.slice(60),
  ]);
  bars.note('noted');
  assert.deepEqual(screen().slice(5), ['approve asks "Is it good?"', command.slice(0, 60), command.slice(60)]);
  assert.deepEqual(waiting([]), screen().slice(4));
  assert.equal(screen().length, 5);
  bars.close(0);
});

test('auto: given a pipe, CI or a dumb terminal, then plain lines without escape codes', () => {
  for (const [tty, env] of [
    [false, {}],
    [true, { CI: 'true' }],
    [true, { TERM: 'dumb' }],
  ] as const) {
    const { terminal, text } = fake(80, tty);
    const plain = createRenderer('auto', terminal, env, () => 0);
    plain.update(summaryOf(0));
    plain.close(0);
    assert.equal(text(), stripVTControlCharacters(text()));
    assert.match(text(), /^\[00:00\] running 0\.0 % {2}0\/10/);
  }
});

test('plain: given steady progress, then a line at each tenth and after five seconds', () => {
  const { terminal, text } = fake();
  let time = 0;
  const plain = createRenderer('plain', terminal, {}, () => time);
  plain.update(summaryOf(0));
  plain.update(summaryOf(0));
  plain.update(summaryOf(1));
  plain.update(summaryOf(1));
  time = 6_000;
  plain.update(summaryOf(1, { itemsPerMinute: 10 }));
  plain.update(summaryOf(10, { eta: null }, 'succeeded'));
  plain.close(0);
  const lines = text().trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => /\d+\/10/.exec(line)?.[0]),
    ['0/10', '1/10', '1/10', '10/10'],
  );
  assert.match(lines.at(-1) ?? '', /^\[00:05\] succeeded 100 % {2}10\/10 .*\| topology 10, clean 10$/);
});

test('news: given errors, a pause and changed limits, then each is told once', () => {
  const clean = { step: 'books/clean', code: 'io', pattern: 'cannot read <path>', count: 1, caught: 0, retried: 0 };
  const errors = [{ ...clean, example: { key: 'b7', message: 'cannot read /in/b7.txt', fix: null } }];
  const news = createNews();
  const told = [
    summaryOf(0),
    summaryOf(1, { errors }),
    summaryOf(2, { errors }),
    summaryOf(2, { errors }, 'paused'),
    summaryOf(3, { errors }),
  ];
  assert.deepEqual(
    told.map((summary) => news.of(summary)),
    [[], ['✗ 1× books/clean io: cannot read /in/b7.txt, first b7'], [], ['Paused: what runs may end, nothing new starts.'], ['Resumed.']],
  );
  assert.equal(limitText({ concurrent: 8, rate: { n: 2, per: 1_000 } }), '8 at once, 2/s');
});

test('news: given a pool whose breaker opens, tries and closes, then its openings and its closing are told', () => {
  const news = createPoolNews();
  const limit = { concurrent: 8, breaker: { failures: 5, cooldown: 60_000 } };
  const closed = { state: 'closed', until: null, failures: 0, code: null, ramp: null } as const;
  const open = { state: 'open', until: 60_000, failures: 5, code: 'io', ramp: null } as const;
  const half = { ...open, state: 'half_open', until: null } as const;
  const again = { ...open, until: 121_000, failures: 6 } as const;
  const told = [closed, open, open, half, again, half, { ...closed, ramp: 1 }, { ...closed, ramp: 2 }, closed].map((breaker) =>
    news.of([{ pool: 'llm', limit, used: 0, waiting: 0, breaker }], 0).map((line) => line.replaceAll(/\d\d:\d\d:\d\d/g, '<time>')),
  );
  assert.deepEqual(told, [
    [],
    ['Pool llm: its breaker is open for 1 min 00 s more, until <time> (5 failures in a row, the last: io)'],
    [],
    [],
    ['Pool llm: its breaker is open for 2 min 01 s more, until <time> (6 failures in a row, the last: io)'],
    [],
    ['Pool llm: its breaker is closed, at most 1 at once for now'],
    [],
    [],
  ]);
  assert.equal(limitText(limit), '8 at once, opens after 5 failures for 1 min 00 s');
  assert.match(breakerText(open, 60_000), /^open until the next call has tried the service/);
  assert.equal(breakerText({ ...closed, failures: 1 }, 0), 'closed, 1 failure in a row');
});

const wrote = (step: string, key: string | null, text: string, attempt = 1): Streamed => ({ run: 'r', step, key, attempt, text });

test('bars: given what agents write, then a line for each follows the end of its text, and goes when nothing follows', () => {
  const { terminal, screen } = fake(60);
  let time = 0;
  const bars = createRenderer('bars', terminal, {}, () => time);
  bars.update(summaryOf(3));
  time += 200;
  bars.text?.(wrote('books/write', 'frogs', `Once\n\u001b[2Jupon a ${'long '.repeat(40)}`));
  bars.text?.(wrote('plan', null, 'First '));
  time += 200;
  bars.text?.(wrote('books/write', 'frogs', 'time.'));
  const [, , , , ...written] = screen();
  assert.deepEqual(written, [
    `write frogs  …${' long'.repeat(8)} time.`.slice(0, 14) + `${'long '.repeat(8)}time.`.slice(-45),
    'plan         First',
  ]);
  assert.ok(written.every((line) => widthOf(line) <= 59));
  time += 200;
  bars.text?.(wrote('books/write', 'frogs', 'Again', 2));
  assert.match(screen()[4] ?? '', /^write frogs {2}Again$/);
  time += 5_000;
  bars.update(summaryOf(4));
  assert.equal(screen().length, 4);
  bars.close(0);
});

test('json: given what agents write, then each piece is a line of the schema, once the run is known', () => {
  const { terminal, text } = fake();
  const check = createContracts().compile(JSON.parse(readFileSync(new URL('progress.schema.json', import.meta.url), 'utf8')));
  const ndjson = createRenderer('json', terminal, {}, () => 9);
  ndjson.text?.(wrote('plan', null, 'too early'));
  ndjson.update(summaryOf(1));
  ndjson.text?.(wrote('plan', null, 'Once'));
  const lines = text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ProgressLine);
  for (const line of lines) assert.deepEqual(check(line), []);
  assert.deepEqual(lines[1], { v: 1, type: 'text', seq: 1, at: 9, run: 'r', step: 'plan', key: null, attempt: 1, text: 'Once' });
  assert.equal(lines.length, 2);
});

test('plain: given what agents write, then nothing of it is shown', () => {
  assert.equal(createRenderer('plain', fake().terminal, {}, () => 0).text, undefined);
});

test('none: given a whole run, then not a byte', () => {
  const { terminal, text } = fake();
  const renderer = createRenderer('none', terminal, {}, () => 0);
  renderer.update(summaryOf(3));
  renderer.note('x');
  renderer.close(0);
  assert.equal(text(), '');
});

test('json: given a run, then every line follows the schema, without gaps, from a snapshot to an end', () => {
  const { terminal, text } = fake();
  const check = createContracts().compile(JSON.parse(readFileSync(new URL('progress.schema.json', import.meta.url), 'utf8')));
  const ndjson = createRenderer('json', terminal, {}, () => 9);
  ndjson.update(summaryOf(1));
  ndjson.update(summaryOf(1));
  ndjson.note('a note');
  ndjson.update(summaryOf(2));
  ndjson.close(3);
  const lines = text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ProgressLine);
  assert.deepEqual(
    lines.map((line) => line.type),
    ['snapshot', 'note', 'delta', 'end'],
  );
  assert.deepEqual(
    lines.map((line) => line.seq),
    [0, 1, 2, 3],
  );
  for (const line of lines) assert.deepEqual(check(line), []);
  assert.deepEqual(lines[2], {
    v: 1,
    type: 'delta',
    seq: 2,
    at: 5_000,
    fraction: 0.2,
    items: { succeeded: 2, waiting: 8 },
    stages: lines[2]?.type === 'delta' ? lines[2].stages : [],
  });
});

test('json: snapshot and deltas give the last state, whatever changed', () => {
  const states = fc.array(
    fc.record({
      done: fc.nat(10),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      extra: fc.boolean(),
      status: fc.constantFrom('running', 'paused', 'succeeded' as const),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(states, (list) => {
      let grown = false;
      const summaries = list.map(({ done, fraction, extra, status }) => {
        grown ||= extra;
        const stages = [stage('a', done, 10), ...(grown ? [stage('b', done, 10)] : [])];
        return summaryOf(done, { fraction, stages, awaiting: 10 - done, eta: extra ? null : { lowMs: done, highMs: 9 } }, status);
      });
      const snapshots = summaries.map((summary, index) => snapshotOf(summary, index));
      let held = snapshots[0];
      for (const next of snapshots.slice(1)) {
        if (held === undefined) return;
        const delta = deltaOf(held, next);
        if (delta !== null) held = applyDelta(held, delta);
      }
      assert.deepEqual({ ...held, seq: 0 }, { ...snapshots.at(-1), seq: 0 });
    }),
  );
});
