/** Steps that end the engine, beside others that do nothing wrong: the engine is started again each time, as a supervisor would. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openJournal } from '@scriptorium/engine';
import type { Recorded } from '@scriptorium/core';

/** Ends of the engine that are enough: two while others run beside it, and four alone. */
const MAX_ENDS = 6;

const main = fileURLToPath(new URL('./engine.ts', import.meta.url));

/** Starts it until it ends by itself. */
async function supervise(directory: string, source: string, input: object): Promise<{ readonly ends: number; readonly said: string }> {
  for (let ends = 0; ends <= 30; ends += 1) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, directory, source, JSON.stringify(input)], {
      env: process.env,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
    if (signal !== 'SIGKILL') return { ends, said };
  }
  throw new Error('it goes on ending');
}

describe('a step that ends the engine', () => {
  it('among others is found after a few restarts and set aside with its input; the others complete', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'scriptorium-loop-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const source = `flow: try/loop
version: "1.0.0"
input: { items: { type: array, items: { type: object, required: [id, do], properties: { id: { type: string }, do: { type: string } } } } }
steps:
  all:
    each: { in: "\${ input.items }", as: one, key: "\${ one.id }", workers: 6 }
    steps:
      do: { uses: mis/async, with: { do: "\${ one.do }", ms: 300 } }
output: { done: "\${ all.ok.size() }" }
`;
    const items = Array.from({ length: 12 }, (_, n) => ({ id: `i${n}`, do: n === 3 ? 'end the engine' : 'answer late' }));
    const { ends, said } = await supervise(directory, source, { items });
    assert.match(said, /"output":\{"done":11\}/);
    assert.ok(ends <= MAX_ENDS, `${ends} ends of the engine`);
    t.diagnostic(`found after ${ends} ends of the engine`);
    const events = eventsIn(directory);
    const failed = events.flatMap(({ event }) => (event.type === 'step.failed' ? [[event.item, event.node, event.error.code]] : []));
    assert.deepEqual(failed[0], [3, 'all/do', 'quarantined']);
    assert.deepEqual(togetherWith(events), [], 'whoever had been there twice ran alone');
  });
});

function eventsIn(directory: string): readonly Recorded[] {
  const journal = openJournal(join(directory, 'store', 'journal.db'));
  const [row] = journal.runs({ limit: 1 });
  const events = journal.readRun(row?.run ?? '', 0, 10_000) as readonly Recorded[];
  journal.close();
  return events;
}

/** Attempts that ran beside one that the engine had ended during twice before. */
function togetherWith(events: readonly Recorded[]): readonly string[] {
  const running = new Map<string, boolean>();
  const found: string[] = [];
  for (const { actor, event } of events) {
    if (event.type === 'attempt.started') {
      running.set(`${actor} ${event.item}`, event.reason === 'engine_ended' && event.attempt > 2);
      if (running.size > 1 && [...running.values()].includes(true)) found.push(`${event.item}#${event.attempt}`);
    }
    if (event.type === 'attempt.succeeded' || event.type === 'attempt.failed' || event.type === 'attempt.lost')
      running.delete(`${actor} ${event.item}`);
  }
  return found;
}
