/**
 * A service with a limit that nobody declared: `node bench/agents/hidden-limit.ts [calls] [limit a second] [declared a second]`.
 * Says how much of that limit a pool comes to use and how many calls are refused on the way, beside plain loops that try
 * again when the service says so.
 */

import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import { defineHandler } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';

const [calls = 1_500, limit = 50, declared = 200] = process.argv.slice(2).map(Number);
/** Calls of the plain loops, and the most of the pool, at once. */
const WIDTH = 40;
const LATENCY_MS = 50;

if (process.send !== undefined) await serve();
else await measure();

/** Lets through what a bucket of half a second has, and says when the next one fits. */
async function serve(): Promise<void> {
  let [answered, refused, room, at] = [0, 0, limit / 2, performance.now()];
  const server = await startModelServer(() => {
    const now = performance.now();
    room = Math.min(limit / 2, room + ((now - at) * limit) / 1_000);
    at = now;
    if (room < 1) {
      refused += 1;
      return { status: 429, headers: { 'retry-after-ms': String(Math.ceil(((1 - room) * 1_000) / limit)) } };
    }
    room -= 1;
    answered += 1;
    return { text: 'Anything.', delayMs: LATENCY_MS };
  });
  process.on('message', () => {
    process.send?.({ answered, refused });
    [answered, refused] = [0, 0];
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ url: server.url });
}

async function measure(): Promise<void> {
  const child = fork(import.meta.filename, process.argv.slice(2));
  const told = <T>(): Promise<T> => new Promise((resolve) => void child.once('message', resolve));
  const { url } = await told<{ url: string }>();
  const figures = async (name: string, work: () => Promise<void>): Promise<void> => {
    const startedAt = performance.now();
    await work();
    const seconds = (performance.now() - startedAt) / 1_000;
    const counted = told<{ answered: number; refused: number }>();
    child.send({});
    const { answered, refused } = await counted;
    const part = ((answered / seconds / limit) * 100).toFixed(0);
    console.log(
      `${name}: ${(answered / seconds).toFixed(1)} calls a second of ${limit} (${part} %), ${refused} of ${answered + refused} refused`,
    );
  };
  try {
    await figures(`a pool of ${declared}/s`, () => throughPool(url));
    await figures(`${WIDTH} plain loops`, () => throughLoops(url));
  } finally {
    child.disconnect();
  }
}

async function throughPool(url: string): Promise<void> {
  const agents = agentModule({
    env: {},
    models: { house: { provider: 'compatible', model: 'm', url, price: { input: 1, output: 1 } } },
    own: [],
  });
  const list = defineHandler({
    name: 'bench/list',
    version: '1.0.0',
    doc: 'Lists so many numbers.',
    input: { type: 'object' },
    output: { type: 'array', items: { type: 'integer' } },
    effects: 'none',
    run: () => Array.from({ length: calls }, (_, index) => index),
  });
  const modules = [agents, { url: import.meta.url, handlers: [list] }];
  const callables = new Map([...coreHandlers, ...modules.flatMap(({ handlers }) => handlers)].map((one) => [one.name, one]));
  const source = `
flow: bench/asking
version: "1.0.0"
limits: { model: { concurrent: ${WIDTH}, rate: ${declared}/s } }
steps:
  list: { uses: bench/list }
  ask:
    each: { in: "\${ list }", as: one, workers: 1000 }
    uses: core/agent
    limit: model
    retry: { max: 1000, delay: 1ms, factor: 1, errors: [rate_limited] }
    with: { model: house, prompt: "Say anything." }
output: \${ ask.ok.size() }
`;
  const { flow } = compileFlow(source, { file: 'asking.flow.yaml', callables });
  if (flow === null) throw new Error('the flow does not compile');
  const home = mkdtempSync(join(tmpdir(), 'scriptorium-limit-'));
  const engine = await openEngine({ home: join(home, 'store'), modules, contracts: createContracts(), env: {} });
  try {
    const options = {
      mode: 'flexible',
      test: false,
      dryRun: false,
      limit: null,
      out: join(home, 'out'),
      fresh: false,
      modules: [],
    } as const;
    const run = await engine.start({ flow, input: {}, options, by: 'bench' });
    for await (const { endedAt, status, output } of engine.watch(run, { everyMs: 100 }))
      if (endedAt !== null && (status !== 'succeeded' || output !== calls)) throw new Error(`${status}: ${JSON.stringify(output)}`);
  } finally {
    await engine.stop();
    rmSync(home, { recursive: true });
  }
}

async function throughLoops(url: string): Promise<void> {
  let left = calls;
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Say anything.' }] });
  const loop = async (): Promise<void> => {
    for (left -= 1; left >= 0; left -= 1)
      for (;;) {
        const response = await fetch(`${url}/chat/completions`, { method: 'POST', body });
        await response.text();
        if (response.ok) break;
        await new Promise((resolve) => setTimeout(resolve, Number(response.headers.get('retry-after-ms'))));
      }
  };
  await Promise.all(Array.from({ length: WIDTH }, loop));
}
