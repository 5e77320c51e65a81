import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compile, createKit, finish, startIn } from './kit.ts';
import { startStrictServer } from './strict-server.ts';

const RATE = 4;
const CALLS = 12;

const source = (url: string): string => `
flow: try/rated
version: "1.0.0"
limits: { service: { concurrent: 4, rate: ${RATE}/s } }
steps:
  list: { uses: try/list, with: { count: ${CALLS} } }
  calls: { each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: 10 }, uses: try/fetch, limit: service, with: { url: "${url}" } }
output: \${ calls.ok.size() }
`;

it(
  'two runs on one pool: a server that is strict about the declared rate refuses nothing, and nine tenths of the rate are used',
  { timeout: 60_000 },
  async (t) => {
    const kit = createKit(t);
    const server = await startStrictServer(RATE);
    t.after(server.close);
    const engine = await kit.open();
    const flow = compile(source(server.url));
    const runs = await Promise.all([startIn(engine, kit, flow), startIn(engine, kit, flow)]);
    const ends = await Promise.all(runs.map((run) => finish(engine, run)));
    const { refused, arrivals } = await server.seen();
    assert.deepEqual(
      ends.map(({ output }) => output),
      [CALLS, CALLS],
    );
    assert.equal(refused, 0);
    assert.equal(arrivals.length, 2 * CALLS);
    const seconds = ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / 1000;
    const used = (arrivals.length - 1) / seconds / RATE;
    t.diagnostic(`${(used * 100).toFixed(0)} % of the rate used`);
    assert.ok(used >= 0.9, `${used}`);
  },
);
