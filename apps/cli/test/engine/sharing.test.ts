import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { coreHandlers } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { defineHandler } from '@scriptorium/core';
import type { Handler, Recorded } from '@scriptorium/core';
import { compileFlow } from '@scriptorium/flow';
import { createVirtualClock } from '@scriptorium/testing/virtual-clock';
import type { VirtualClock } from '@scriptorium/testing/virtual-clock';
import { handlers } from './handlers.ts';
import { createKit, play, startTree, until } from './kit.ts';
import type { Tree } from './kit.ts';

const RATE = 4;
const CALLS = 30;
/** Cents. A call may cost ten and costs five: for the twentieth of them both runs together have too little left. */
const BUDGET = 100;
const RESERVED = 10;
const COST = 5;
const PAID = 19;

const above = `
flow: try/above
version: "1.0.0"
budget: { usd: ${BUDGET / 100} }
steps:
  one: { uses: try/below }
  two: { uses: try/below }
output: "\${ [one, two] }"
`;

const below = `
flow: try/below
version: "1.0.0"
limits: { service: { concurrent: 2, rate: ${RATE}/s } }
steps:
  both: { wait: { for: 1s } }
  list: { needs: [both], uses: try/list, with: { count: ${CALLS} } }
  calls: { each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: ${CALLS}, tolerate: "100%" }, uses: try/paid, limit: service }
output: { paid: "\${ calls.ok.size() }", refused: "\${ calls.failed.map(f, f.error.code).distinct() }" }
`;

interface Call {
  readonly run: string;
  readonly at: number;
}

function paying(clock: VirtualClock, calls: Call[]): Handler {
  return defineHandler({
    name: 'try/paid',
    version: '1.0.0',
    doc: 'Costs half of what it might.',
    input: { type: 'object' },
    output: { type: 'boolean' },
    effects: 'read',
    cost: () => ({ usd: RESERVED / 100 }),
    run: async (_input, { spend, run }) => {
      calls.push({ run: run.id, at: clock.now() });
      await setImmediate();
      spend({ usd: COST / 100 });
      return true;
    },
  });
}

function compiled(more: Handler): Tree {
  const callables = new Map([...coreHandlers, ...handlers, more].map((one) => [one.name, { ...one, errors: Object.keys(one.errors) }]));
  const flows = [{ file: 'below.flow.yaml', source: below, callables }];
  const { flow, called, diagnostics } = compileFlow(above, { file: 'above.flow.yaml', callables, flows });
  if (flow === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return { flow, called };
}

/** The most that was used and reserved at any moment, in cents, by what the journal says of all these runs together. */
async function mostSpent(engine: Engine, runs: readonly string[]): Promise<number> {
  const events = (await Promise.all(runs.map((run) => engine.events(run)))).flat() as readonly Recorded[];
  let [spent, most] = [0, 0];
  for (const { event } of events.toSorted((a, b) => a.gseq - b.gseq)) {
    if (event.type === 'attempt.started' && event.reserved !== undefined) spent += Math.round(event.reserved.usd * 100);
    if (event.type === 'attempt.succeeded' && event.used !== undefined) spent += Math.round(event.used.usd * 100) - RESERVED;
    most = Math.max(most, spent);
  }
  return most;
}

it('two runs that share a pool and a budget take turns until it is used up, never faster and never more than they may', async (t) => {
  const kit = createKit(t);
  const clock = createVirtualClock(1_000_000);
  const calls: Call[] = [];
  const handler = paying(clock, calls);
  const engine = await kit.open({ handlers: [...handlers, handler], world: { clock } });
  const run = await startTree(engine, kit, compiled(handler));
  // Time passes from when both are there.
  await until(async () => (await engine.waits(run)).length === 2);
  await play(engine, clock);

  const { status, output, progress } = await engine.describe(run);
  const shares = output as readonly { readonly paid: number; readonly refused: readonly string[] }[];
  assert.equal(status, 'succeeded');
  assert.deepEqual(
    shares.map(({ refused }) => refused),
    [['budget.exceeded'], ['budget.exceeded']],
  );
  assert.equal(
    shares.reduce((sum, { paid }) => sum + paid, 0),
    PAID,
  );
  assert.equal(Math.round(progress.usage.used.usd * 100), PAID * COST);
  const children = (await engine.list({ parent: run })).map((child) => child.run);
  const most = await mostSpent(engine, children);
  assert.ok(most <= BUDGET && most > BUDGET - RESERVED, `${most} cents`);

  // Neither waits for the other: at any moment one has made at most two calls more, which is what the pool lets in at once.
  assert.equal(calls.length, PAID);
  for (let count = 2; count <= PAID; count += 1) {
    const made = children.map((child) => calls.slice(0, count).filter((call) => call.run === child).length);
    assert.ok(Math.max(...made) - Math.min(...made) <= 2, `${made.join(' and ')} of the first ${count} calls`);
  }
  for (const { at } of calls) {
    const within = calls.filter((other) => other.at > at - 1_000 && other.at <= at).length;
    assert.ok(within <= RATE, `${within} calls in the second before ${at}`);
  }
  const seconds = ((calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0)) / 1_000;
  assert.ok((PAID - 1) / seconds / RATE >= 0.9, `${PAID} calls in ${seconds} s`);
});
