import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compile, createKit, finish, startIn } from './kit.ts';
import type { Kit } from './kit.ts';

/** One runner is there at once, the other waits for a file that never comes; so does every item but the first ones. */
const source = ({ log }: Kit): string => `
flow: try/enough
version: "1.0.0"
define:
  held: { uses: try/write, with: { text: late, log: ${JSON.stringify(log)}, gate: ${JSON.stringify(`${log}.never`)} } }
steps:
  race:
    steps:
      slow: { like: held }
      quick: { value: quick }
    until: \${ slow != null || quick != null }
    output: \${ quick ?? "none" }
  list: { uses: try/list, with: { count: 300 } }
  some:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", workers: 5, until: "\${ ok.size() >= 3 }" }
    steps:
      first: { value: "\${ file.n }" }
      held: { if: "\${ file.n > 3 }", like: held }
    output: \${ first }
output:
  race: \${ race }
  some: \${ some.ok.map(n, n) }
`;

describe('until', () => {
  it('ends a race and a quorum: what still runs is cancelled, and every item is accounted for', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(source(kit)));
    const summary = await finish(engine, run);
    assert.equal(summary.status, 'succeeded');
    const { race, some } = summary.output as { race: string; some: number[] };
    assert.deepEqual([race, some.length >= 3 && some.length < 8], ['quick', true]);
    const { total, succeeded, cancelled, running, waiting } = summary.progress.items;
    assert.deepEqual([total, succeeded, cancelled, running, waiting], [300, some.length, 300 - some.length, 0, 0]);
    const report = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as { summary: { [count: string]: number } };
    assert.deepEqual([report.summary['total'], report.summary['cancelled']], [300, 300 - some.length]);
  });
});
