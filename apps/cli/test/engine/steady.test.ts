import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSnapshot } from 'node:v8';
import { compile, createKit, startIn } from './kit.ts';

const flow = compile(`
flow: tests/steady
version: "1.0.0"
input: { n: { type: integer } }
limits: { few: { concurrent: 8 } }
steps:
  list: { value: [1, 2, 3] }
  work:
    each: { in: "\${ list }", as: n }
    steps:
      pause: { wait: { for: 1ms }, timeout: 30d }
      done: { value: "\${ n }", needs: [pause] }
    output: \${ done }
output: \${ work.ok.size() }
`);

const RUNS = 60;
const AT_ONCE = 20;

/** Timers that were cleared, and what the last runs have left for the next collection. */
const CLEARED = 30;

/** All texts of the heap, once each: whatever an engine holds of a run has the run's name in it, or in a key. */
async function heapTexts(): Promise<readonly string[]> {
  const parts: string[] = [];
  const stream = getHeapSnapshot();
  stream.setEncoding('utf8');
  for await (const part of stream) parts.push(part as string);
  return (JSON.parse(parts.join('')) as { readonly strings: readonly string[] }).strings;
}

test('given runs that have ended, an engine holds nothing of them but what their summaries are kept by', async (context) => {
  const kit = createKit(context);
  const engine = await kit.open();
  const ended: string[] = [];
  for (let first = 0; first < RUNS; first += AT_ONCE) {
    const started = Array.from({ length: AT_ONCE }, async (_, index) => {
      const run = await startIn(engine, kit, flow, { n: first + index });
      for await (const { status } of engine.watch(run)) if (status === 'failed') assert.fail(`${run} failed`);
      // As text of its own, so that it is no reference to the engine's.
      ended.push(Buffer.from(run).toString('hex'));
    });
    await Promise.all(started);
  }
  const texts = (await heapTexts()).filter((text) => !text.includes('\n'));
  const runs = ended.map((hex) => Buffer.from(hex, 'hex').toString());
  // A log, a timer, an actor or an attempt of them would have a longer one. A few timers that were cleared may be there.
  const held = texts.filter((text) => runs.some((run) => text.includes(run) && text !== run));
  assert.ok(held.length <= CLEARED, `${held.length} texts, such as ${held.slice(0, 5).join(', ')}`);
});
