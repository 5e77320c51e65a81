/** Forks and rollbacks of runs whose steps call flows. */

import assert from 'node:assert/strict';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compileTree, createKit, finish, startTree, until } from './kit.ts';
import type { Kit } from './kit.ts';

const child = ({ log }: Kit): string => `
flow: try/child
version: "1.0.0"
input: { name: { type: string } }
steps:
  only: { uses: try/write, with: { text: "\${ input.name }", log: ${JSON.stringify(log)}, gate: ${JSON.stringify(`${log}.gate`)} } }
output: { bytes: "\${ only.file.bytes }" }
`;

const parent = `
flow: try/whole
version: "1.0.0"
input: { word: { type: string, default: hello } }
steps:
  one: { uses: try/child@^1, with: { name: same } }
  word: { uses: try/same, with: { text: "\${ input.word }" } }
  end: { needs: [word], value: "\${ one.bytes + input.word.size() }" }
output: "\${ end }"
`;

const open = (kit: Kit): void => writeFileSync(`${kit.log}.gate`, '');

describe('a run that calls a flow', () => {
  it('takes the result over in a fork, where its input is the same', async (t) => {
    const kit = createKit(t);
    open(kit);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(parent, child(kit)), { word: 'hello' });
    assert.equal((await finish(engine, run)).status, 'succeeded');
    const fork = await engine.fork({ run, step: null, input: { word: 'hi' }, outputs: {}, by: 'test' });
    assert.equal((await finish(engine, fork)).output, 6);
    assert.equal((await engine.list({ parent: fork })).length, 0);
    const again = await engine.fork({ run, step: 'one', input: null, outputs: {}, by: 'test' });
    assert.equal((await finish(engine, again)).output, 9);
    assert.equal((await engine.list({ parent: again })).length, 1);
  });

  it('has a new one after a rollback, and the one that was under way is ended', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(parent, child(kit)), { word: 'hello' });
    await until(() => kit.calls().length > 0);
    await engine.stop();
    const next = await kit.open();
    await next.rollback({ run, to: 'one', by: 'test' });
    assert.deepEqual(
      (await next.list({ parent: run })).map(({ status }) => status),
      ['cancelled'],
    );
    open(kit);
    await next.resume(run, 'test');
    assert.equal((await finish(next, run)).output, 9);
    assert.deepEqual((await next.list({ parent: run })).map(({ status }) => status).toSorted(), ['cancelled', 'succeeded']);
  });
});

const files = (kit: Kit): string => `
flow: try/files
version: "1.0.0"
steps:
  list: { uses: try/list, with: { count: 2 } }
  all:
    each: { in: "\${ list }", as: file, key: "\${ file.id }" }
    steps:
      write: { uses: try/write, with: { text: "\${ file.id }", log: ${JSON.stringify(kit.log)} } }
    output: "\${ write.file.path }"
`;

describe('a rollback whose engine ended before the files were moved', () => {
  it('moves them when the run is resumed', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(files(kit)), {});
    await finish(engine, run);
    const { aside } = await engine.rollback({ run, to: 'all', by: 'test' });
    const [moved, placed] = [join(kit.out, aside ?? '', 'write', run, 'i0.txt'), join(kit.out, 'write', run, 'i0.txt')];
    renameSync(moved, placed);
    await engine.stop();
    const next = await kit.open();
    await next.resume(run, 'test');
    assert.equal((await finish(next, run)).status, 'succeeded');
    assert.deepEqual([existsSync(moved), existsSync(placed)], [true, true]);
    const starts = kit.calls().filter(({ what, key }) => what === 'start' && key === 'i0');
    assert.equal(starts.length, 2, 'what was set aside is not taken over');
  });
});
