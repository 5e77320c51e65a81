import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Engine } from '@scriptorium/engine';
import type { JsonObject } from '@scriptorium/core';
import { compile, createKit, finish, startIn } from './kit.ts';
import type { Kit } from './kit.ts';

const source = (kit: Kit, cache: string, more = ''): string => `
flow: try/cached
version: "1.0.0"
input: { text: { type: string }, day: { type: string } }
steps:
  asked: { uses: try/pay, with: { text: "\${ input.text }", log: ${kit.log}, usd: 0.1 }, ${cache}${more} }
output: \${ asked }
`;

async function ask(engine: Engine, kit: Kit, flow: string, input: JsonObject, fresh = false): Promise<JsonObject & { run: string }> {
  const run = await startIn(engine, kit, compile(flow), { day: 'monday', ...input }, { fresh });
  const { output } = await finish(engine, run);
  return { ...(output as JsonObject), run };
}

const started = (kit: Kit): number => kit.calls().filter(({ what }) => what === 'start').length;

describe('cache', () => {
  it('takes over what the same call gave, with its files, in this engine and the next', async (t) => {
    const kit = createKit(t);
    const flow = source(kit, 'cache: true');
    const engine = await kit.open();
    const first = await ask(engine, kit, flow, { text: 'a' });
    const second = await ask(engine, kit, flow, { text: 'a' });
    assert.deepEqual([second['call'], started(kit)], [first['call'], 1]);
    const { path } = second['file'] as { path: string };
    assert.ok(path.includes(second.run));
    assert.equal(readFileSync(join(kit.out, path), 'utf8'), 'a');
    const { progress } = await engine.describe(second.run);
    assert.deepEqual([progress.items.reused, progress.usage.used.usd], [1, 0]);
    await ask(engine, kit, flow, { text: 'b' });
    assert.equal(started(kit), 2);
    await engine.drain();
    await ask(await kit.open(), kit, flow, { text: 'a' });
    assert.equal(started(kit), 2);
  });

  it('is passed over by --fresh, by a call without a cache, and where a file is no longer what it was', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = source(kit, 'cache: true');
    const { run } = await ask(engine, kit, flow, { text: 'a' });
    await ask(engine, kit, flow, { text: 'a' }, true);
    await ask(engine, kit, source(kit, 'cache: false'), { text: 'a' });
    assert.equal(started(kit), 3);
    for await (const { path } of engine.artifacts(run)) rmSync(path);
    const taken = await ask(engine, kit, flow, { text: 'a' });
    assert.equal(started(kit), 3, 'the fresh call is what is taken over');
    for (const one of [taken.run, ...(await engine.list()).map((summary) => summary.run)]) {
      for await (const { path } of engine.artifacts(one)) rmSync(path, { force: true });
    }
    await ask(engine, kit, flow, { text: 'a' });
    assert.equal(started(kit), 4);
  });

  it('goes by a key instead of the input where there is one, and by nothing where it is null', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const byDay = source(kit, 'cache: "${ input.day }"');
    const first = await ask(engine, kit, byDay, { text: 'a' });
    const other = await ask(engine, kit, byDay, { text: 'b' });
    assert.deepEqual([other['text'], other['call']], ['a', first['call']]);
    await ask(engine, kit, byDay, { text: 'b', day: 'tuesday' });
    assert.equal(started(kit), 2);
    const unless = source(kit, 'cache: "${ input.day == \'monday\' ? null : input.day }"');
    await ask(engine, kit, unless, { text: 'a' });
    await ask(engine, kit, unless, { text: 'a' });
    assert.equal(started(kit), 4);
  });

  it('keeps no failure, and gives nothing that the step asks more of', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const failing = source(kit, 'cache: day, catch: [ { value: { text: none, call: 0 } } ]').replace('usd: 0.1', 'usd: 0.1, fails: true');
    assert.equal((await ask(engine, kit, failing, { text: 'a' }))['text'], 'none');
    const mended = source(kit, 'cache: day');
    assert.equal((await ask(engine, kit, mended, { text: 'a' }))['text'], 'a');
    assert.equal((await ask(engine, kit, mended, { text: 'b' }))['text'], 'a');
    assert.equal(started(kit), 2);
    const narrow = source(
      kit,
      'cache: day',
      ', returns: { type: object, required: [text], properties: { text: { type: string, pattern: ^b } } }',
    );
    assert.equal((await ask(engine, kit, narrow, { text: 'b' }))['text'], 'b');
    assert.equal(started(kit), 3);
  });
});
