import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { JsonObject, ReportPage } from '@scriptorium/core';
import { handlers } from './handlers.ts';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

const small = compile(`
flow: try/small
version: "1.0.0"
steps:
  one: { value: 1 }
  two: { value: "\${ one + 1 }" }
output: \${ two }
`);

const failing = compile(`
flow: try/failing
version: "1.0.0"
steps:
  one: { value: false }
  two: { uses: try/fail, with: { bad: "\${ one }" } }
output: \${ two }
`);

describe('a run without items', () => {
  it('keeps no files, until somebody asks for its report', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, small);
    assert.equal((await finish(engine, run)).output, 2);
    const logs = join(kit.out, 'logs', run);
    assert.equal(existsSync(logs), false);
    await engine.report(run);
    assert.match(readFileSync(join(logs, 'run.log'), 'utf8'), /run started: try\/small .*\n.*run succeeded/);
    assert.equal((JSON.parse(readFileSync(join(logs, 'report.json'), 'utf8')) as { status: string }).status, 'succeeded');
  });

  it('keeps them where its options say so', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, small, {}, { report: true });
    await finish(engine, run);
    assert.ok(existsSync(join(kit.out, 'logs', run, 'report.json')));
  });

  it('begins its log with the first line of a handler, and what was before is in it', async (t) => {
    const kit = createKit(t);
    const broken = (): never => {
      throw new Error('beyond repair');
    };
    const engine = await kit.open({ handlers: handlers.map((one) => (one.name === 'try/fail' ? { ...one, run: broken } : one)) });
    const run = await startIn(engine, kit, failing);
    assert.equal((await finish(engine, run)).status, 'failed');
    const log = readFileSync(join(kit.out, 'logs', run, 'run.log'), 'utf8');
    const lines = ['run started', 'ERROR two: Error: beyond repair', 'run failed'];
    assert.deepEqual(
      lines.map((line) => log.split(line).length),
      [2, 2, 2],
    );
    assert.equal((JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as { status: string }).status, 'failed');
  });
});

it('is written by the next engine where the last one died before it, however many runs have begun meanwhile', async (t) => {
  const kit = createKit(t);
  const first = await kit.open();
  const run = await startIn(first, kit, small, {}, { report: true });
  await finish(first, run);
  for (let begun = 0; begun < 30; begun += 1) await finish(first, await startIn(first, kit, small));
  await first.abandon();
  const report = join(kit.out, 'logs', run, 'report.json');
  rmSync(report);
  await kit.open();
  assert.ok(existsSync(report));
});

const paged = compile(`
flow: try/paged
version: "1.0.0"
input: { log: { type: string }, gate: { type: string }, bad: { type: boolean } }
steps:
  list: { uses: try/list, with: { count: 4 } }
  items:
    each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: 2 }
    steps:
      first: { uses: try/write, with: { text: "of \${ one.id }", log: "\${ input.log }" } }
      second:
        needs: [first]
        if: \${ one.n > 0 }
        uses: try/write
        with: { text: x, log: "\${ input.log }", gate: "\${ input.gate }" }
      third: { needs: [first], if: "\${ one.n == 0 }", uses: try/fail, with: { bad: "\${ input.bad }" } }
    output: { n: "\${ one.n }" }
output: { done: "\${ items.ok.size() }" }
`);

describe('the page of a flow', () => {
  const page: ReportPage = {
    flow: 'try/paged',
    make: async ({ status, error, output, files, read }) => {
      const lines = [`${status} ${error?.code ?? '-'} ${JSON.stringify(output)}`];
      for await (const { id, status: its, outputs } of files()) {
        const texts = await Promise.all(outputs.map(({ path }) => read(path)));
        lines.push([id, its, ...texts].join(' '));
      }
      return lines.join('\n');
    },
  };
  const pageOf = (kit: Kit, run: string): readonly string[] => readFileSync(join(kit.out, 'logs', run, 'report.html'), 'utf8').split('\n');
  const inputOf = (kit: Kit, bad: boolean): JsonObject => ({ log: kit.log, gate: join(kit.home, '..', 'gate'), bad });

  it('is made of what failed, with what was done until then', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open({ page });
    const run = await startIn(engine, kit, paged, inputOf(kit, true));
    assert.equal((await finish(engine, run)).status, 'failed');
    const [head, first, ...others] = pageOf(kit, run);
    assert.deepEqual([head, first, others.length], ['failed each.failed null', 'i0 FAILED of i0', 3]);
    assert.ok(others.every((line) => line.includes('CANCELLED')));
  });

  it('is made of what was cancelled', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open({ page });
    const run = await startIn(engine, kit, paged, inputOf(kit, false));
    await until(async () => (await engine.describe(run)).progress.items.succeeded === 1);
    await engine.cancel(run, 'test', 'enough');
    await finish(engine, run);
    assert.deepEqual(pageOf(kit, run).slice(0, 2), ['cancelled cancelled null', 'i0 SUCCESS of i0']);
  });

  it('is made of what a crash has left, and anew when that has gone on to its end', async (t) => {
    const kit = createKit(t);
    const first = await kit.open({ page });
    const run = await startIn(first, kit, paged, inputOf(kit, false));
    await until(() => kit.calls().some(({ what, step }) => what === 'start' && step.endsWith('second')));
    await first.abandon();
    const second = await kit.open({ page });
    assert.equal(pageOf(kit, run)[0], 'interrupted - null');
    writeFileSync(join(kit.home, '..', 'gate'), '');
    await second.resume(run, 'test');
    await finish(second, run);
    assert.deepEqual(pageOf(kit, run), [
      'succeeded - {"done":4}',
      ...[0, 1, 2, 3].map((n) => `i${n} SUCCESS of i${n}${n === 0 ? '' : ' x'}`),
    ]);
  });

  it('may fail: the report is written, and the log says why', async (t) => {
    const kit = createKit(t);
    const make = (): never => {
      throw new Error('no ink');
    };
    const engine = await kit.open({ page: { flow: 'try/paged', make } });
    const run = await startIn(engine, kit, paged, inputOf(kit, true));
    await finish(engine, run);
    const logs = join(kit.out, 'logs', run);
    assert.deepEqual([existsSync(join(logs, 'report.json')), existsSync(join(logs, 'report.html'))], [true, false]);
    assert.match(readFileSync(join(logs, 'run.log'), 'utf8'), /the page of the report could not be made.*no ink/s);
  });
});
