import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

/** Items that are written and judged until the judge accepts them; research splits the note into parts, item by item. */
const reviews = ({ log }: Kit, ms = 0): string => `
flow: try/reviews
version: "1.0.0"
input: { count: { type: integer, default: 3 }, good: { type: integer, default: 4 } }
define:
  note: { with: { log: ${JSON.stringify(log)}, ms: ${ms} } }
steps:
  list: { uses: try/list, with: { count: "\${ input.count }" } }
  texts:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", workers: 4, tolerate: 1 }
    states:
      write:
        like: note
        uses: try/write
        with: { text: "\${ file.id } draft \${ visits }: \${ judge?.note ?? 'new' }" }
        next: judge
      judge:
        max: 5
        like: note
        uses: try/judge
        with: { text: "\${ file.id }", round: "\${ visits }", good: "\${ file.n == 1 ? 99 : input.good }" }
        next: \${ judge.handoff }
        catch:
          - errors: [loop.exceeded]
            to: accept
      research:
        each: { in: "\${ prev?.note?.split(' ') ?? [] }", as: word, workers: 2 }
        value: "\${ word + string(visits) }"
        next: write
      accept:
        value:
          id: \${ file.id }
          note: \${ judge?.note }
          path: \${ write.file.path }
          words: \${ (research?.ok ?? []).map(w, w) }
output: \${ texts.ok.map(t, t) }
`;

const outputOf = (run: string): readonly object[] =>
  [4, 5, 4].map((round, n) => ({
    id: `i${n}`,
    note: `i${n} needs round ${round + 1}`,
    path: `write/${run}/i${n}.txt`,
    words: [`i${n}`, 'needs', 'round', n === 1 ? '5' : '3'].map((word) => `${word}${n === 1 ? 2 : 1}`),
  }));

describe('a loop whose critic chooses who goes on', () => {
  it('runs until it is accepted or its bound is reached, each visit a call of its own', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(reviews(kit)), { count: 3, good: 4 });
    const summary = await finish(engine, run);
    assert.deepEqual([summary.status, summary.output], ['succeeded', outputOf(run)]);
    const { items, stages } = summary.progress;
    assert.deepEqual([items.succeeded, items.degraded, items.running, items.waiting], [3, 1, 0, 0]);
    assert.deepEqual(
      stages.map(({ id, succeeded, degraded }) => [id, succeeded, degraded]),
      [
        ['texts/write', 3, 0],
        ['texts/judge', 3, 1],
        ['texts/research', 3, 0],
        ['texts/accept', 3, 0],
      ],
    );
    const judged = kit.calls().filter(({ what, step }) => what === 'start' && step === 'texts/judge');
    assert.equal(judged.length, 4 + 5 + 4);
    assert.equal(new Set(judged.map(({ key }) => key)).size, judged.length);
    assert.equal(readFileSync(join(kit.out, 'write', run, 'i0.txt'), 'utf8'), 'i0 draft 4: i0 needs round 4');
    const report = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as { summary: { [count: string]: number } };
    assert.deepEqual([report.summary['total'], report.summary['succeeded'], report.summary['degraded']], [3, 3, 1]);
  });

  it('goes on where it was when the engine is stopped in any of its visits, and repeats nothing that had completed', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(reviews(kit, 30)), { count: 3, good: 4 });
    const ends = (): number => kit.calls().filter(({ what }) => what === 'end').length;
    for (const enough of [4, 9, 14, 19]) {
      const engine = enough === 4 ? first : await kit.open();
      if (enough !== 4) await engine.resume(run, 'test');
      await until(() => ends() >= enough);
      await engine.stop();
    }
    const last = await kit.open();
    await last.resume(run, 'test');
    const summary = await finish(last, run);
    assert.deepEqual([summary.status, summary.output], ['succeeded', outputOf(run)]);
    const done = (await last.events(run)).flatMap(({ actor, event }) =>
      event.type === 'attempt.succeeded' && event.node === 'texts/judge' ? [`${actor}/${event.item}`] : [],
    );
    assert.equal(done.length, 4 + 5 + 4);
  });
});

describe('a flow of states', () => {
  it('without items has its states as stages, and opens an each anew in every visit', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(`
flow: try/rounds
version: "1.0.0"
states:
  start: { value: [1, 2, 3], next: grow }
  grow:
    each: { in: "\${ prev ?? [] }", as: n, workers: 2 }
    max: 3
    value: "\${ n * 2 }"
    next: gather
  gather:
    value: "\${ grow.ok.map(n, n) }"
    next: [{ if: "\${ (gather[0] ?? 0) > 7 }", to: end }, { to: grow }]
  end: { value: "\${ gather }" }
`);
    const run = await startIn(engine, kit, flow);
    const { status, output, progress } = await finish(engine, run);
    assert.deepEqual([status, output], ['succeeded', [8, 16, 24]]);
    assert.deepEqual([progress.items.total, progress.items.succeeded], [3, 3]);
    const rows: unknown[] = [];
    for await (const row of engine.results(run, 'grow')) rows.push(row.output);
    assert.deepEqual(rows, [8, 16, 24]);
    const report = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as {
      summary: { total: number };
      files: object[];
    };
    assert.deepEqual([report.summary.total, report.files.length], [3, 3]);
    const log = readFileSync(join(kit.out, 'logs', run, 'run.log'), 'utf8');
    assert.match(log, /grow: entered \(visit 3\)/);
  });
});
