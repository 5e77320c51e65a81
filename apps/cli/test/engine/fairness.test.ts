import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { defineHandler } from '@scriptorium/core';
import type { RunOptions, RunSummary } from '@scriptorium/core';
import { handlers } from './handlers.ts';
import { compile, createKit, finish, startIn, until } from './kit.ts';

const LARGE = 10_000;

/** Items that all may be at work at once, through a pool that lets in few. */
const source = `
flow: try/many
version: "1.0.0"
input: { count: { type: integer } }
limits: { few: { concurrent: 4 } }
steps:
  list: { uses: try/list, with: { count: "\${ input.count }" } }
  work:
    each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: "\${ input.count }" }
    uses: try/note
    limit: few
output: "\${ work.ok.size() }"
`;

/** How a run of `count` items ends that begins while a large one is at work, and how many items of that one went before its last. */
async function beside(
  t: TestContext,
  count: number,
  { large: ofLarge = {}, small: ofSmall = {} }: { readonly large?: Partial<RunOptions>; readonly small?: Partial<RunOptions> } = {},
): Promise<{ readonly small: RunSummary; readonly before: number }> {
  const kit = createKit(t);
  const called: string[] = [];
  const note = defineHandler({
    name: 'try/note',
    version: '1.0.0',
    doc: 'Notes whose call it was.',
    input: true,
    output: true,
    effects: 'none',
    run: (_, { run }) => called.push(run.id),
  });
  const flow = compile(source, [note]);
  const engine = await kit.open({ handlers: [...handlers, note] });
  const large = await startIn(engine, kit, flow, { count: LARGE }, ofLarge);
  await until(() => called.length > 0);
  const from = called.length;
  const small = await finish(engine, await startIn(engine, kit, flow, { count }, ofSmall));
  await engine.stop();
  const meanwhile = called.slice(from, called.lastIndexOf(small.run));
  return { small, before: meanwhile.filter((run) => run === large).length };
}

describe('a run of ten thousand items', () => {
  it('does not hold up one of five: both take turns', async (t) => {
    const { small, before } = await beside(t, 5);
    assert.deepEqual([small.status, small.output], ['succeeded', 5]);
    // Beginning takes the small one some turns of the engine, in each of which the large one goes on.
    assert.ok(before < LARGE / 10, `${before} items of the large run`);
  });

  it('of little priority leaves nearly all to one of more', async (t) => {
    const { small, before } = await beside(t, 1_000, { large: { priority: 1 }, small: { priority: 9 } });
    assert.equal(small.output, 1_000);
    assert.ok(before < 500, `${before} items of the large run while the urgent one did 1,000`);
  });
});
