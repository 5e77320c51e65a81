import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { handlers } from './handlers.ts';
import { compile, createKit, finish, startIn } from './kit.ts';

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
