/** An engine that is told to end while it is ending already. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Recorded } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

const source = ({ log }: Kit): string => `
flow: try/closing
version: "1.0.0"
steps:
  held: { uses: try/write, with: { text: x, log: ${JSON.stringify(log)}, gate: ${JSON.stringify(`${log}.gate`)} } }
output: done
`;

/** An engine that is being drained and waits for a call. */
async function draining(kit: Kit): Promise<{ readonly run: string; readonly engine: Engine; readonly drained: Promise<void> }> {
  const engine = await kit.open();
  const run = await startIn(engine, kit, compile(source(kit)));
  await until(() => kit.calls().length === 1);
  const drained = engine.drain();
  drained.catch(() => undefined);
  return { run, engine, drained };
}

/** What the next engine finds, and how the run ends there. */
async function afterwards(kit: Kit, run: string): Promise<readonly Recorded[]> {
  const next = await kit.open();
  const found = await next.events(run);
  writeFileSync(`${kit.log}.gate`, '');
  await next.resume(run, 'test');
  assert.equal((await finish(next, run)).status, 'succeeded');
  return found;
}

function endsIn(events: readonly Recorded[]): readonly string[] {
  return events.flatMap(({ event }) => (event.type === 'run.interrupted' || event.type === 'attempt.lost' ? [event.reason] : []));
}

describe('an engine that is being drained', () => {
  it('and is abandoned halts at once: the drain rejects, nothing is written, and the store is free', async (t) => {
    const kit = createKit(t);
    const { run, engine, drained } = await draining(kit);
    await engine.abandon();
    await assert.rejects(drained, { code: 'unavailable' });
    assert.equal(existsSync(`${kit.log}.gate`), false);
    assert.deepEqual(endsIn(await afterwards(kit, run)), ['crashed']);
    await engine.abandon();
  });

  it('and is stopped aborts what it waits for, and both are done', async (t) => {
    const kit = createKit(t);
    const { run, engine, drained } = await draining(kit);
    await Promise.all([engine.stop(), drained]);
    assert.deepEqual(endsIn(await afterwards(kit, run)), ['stopped', 'drained']);
  });

  it('and is drained again ends once', async (t) => {
    const kit = createKit(t);
    const { run, engine, drained } = await draining(kit);
    const again = engine.drain();
    writeFileSync(`${kit.log}.gate`, '');
    await Promise.all([drained, again]);
    await engine.abandon();
    assert.deepEqual(endsIn(await afterwards(kit, run)), ['drained']);
  });
});
