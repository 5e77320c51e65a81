import assert from 'node:assert/strict';
import { it } from 'node:test';
import { defineHandler, StepError } from '@scriptorium/core';
import type { Handler } from '@scriptorium/core';
import { createVirtualClock } from '@scriptorium/testing/virtual-clock';
import type { VirtualClock } from '@scriptorium/testing/virtual-clock';
import { handlers } from './handlers.ts';
import { compile, createKit, play, startIn } from './kit.ts';
import { startStrictServer } from './strict-server.ts';

const RATE = 4;
const CALLS = 12;

const source = (url: string): string => `
flow: try/rated
version: "1.0.0"
limits: { service: { concurrent: 4, rate: ${RATE}/s } }
steps:
  list: { uses: try/list, with: { count: ${CALLS} } }
  calls: { each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: 10 }, uses: try/stamped, limit: service, with: { url: "${url}" } }
output: \${ calls.ok.size() }
`;

function stampedBy(clock: VirtualClock): Handler {
  return defineHandler<{ url: string }>({
    name: 'try/stamped',
    version: '1.0.0',
    doc: 'Asks a server, and tells it when.',
    input: { type: 'object', required: ['url'], properties: { url: { type: 'string' } } },
    output: { type: 'integer' },
    effects: 'read',
    run: async ({ url }) => {
      const { status } = await fetch(`${url}?at=${clock.now()}`);
      if (status === 429) throw new StepError('rate_limited', 'too many requests');
      return status;
    },
  });
}

it(
  'two runs on one pool: a server that is strict about the declared rate refuses nothing, and nine tenths of the rate are used',
  { timeout: 60_000 },
  async (t) => {
    const kit = createKit(t);
    const server = await startStrictServer(RATE);
    t.after(server.close);
    const clock = createVirtualClock(1_000_000);
    const more = [stampedBy(clock)];
    const engine = await kit.open({ handlers: [...handlers, ...more], world: { clock } });
    const flow = compile(source(server.url), more);
    const runs = await Promise.all([startIn(engine, kit, flow), startIn(engine, kit, flow)]);
    await play(engine, clock);
    const ends = await Promise.all(runs.map((run) => engine.describe(run)));
    const { refused, arrivals } = await server.seen();
    assert.deepEqual(
      ends.map(({ output }) => output),
      [CALLS, CALLS],
    );
    assert.equal(refused, 0);
    assert.equal(arrivals.length, 2 * CALLS);
    const seconds = (Math.max(...arrivals) - Math.min(...arrivals)) / 1000;
    const used = (arrivals.length - 1) / seconds / RATE;
    t.diagnostic(`${(used * 100).toFixed(0)} % of the rate used`);
    assert.ok(used >= 0.9, `${used}`);
  },
);
