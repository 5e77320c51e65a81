import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { compile, createKit, finish, startIn, until } from './kit.ts';

/** Rooms are booked for each guest, then a table; the bill fails. `book` and `cancel` note what they do in a ledger. */
const trip = (ledger: string, more: { readonly ms?: number; readonly stuck?: string; readonly bill?: string } = {}): string => `
flow: try/trip
version: "1.0.0"
limits: { desk: { concurrent: 1 } }
steps:
  guests: { uses: try/list, with: { count: 3 } }
  rooms:
    each: { in: "\${ guests }", as: guest, key: "\${ guest.id }", workers: 1 }
    steps:
      room:
        uses: try/book
        with: { ledger: ${JSON.stringify(ledger)}, what: "room of \${ guest.id }" }
        compensate:
          uses: try/cancel
          limit: desk
          with: { ledger: ${JSON.stringify(ledger)}, what: "\${ room.what }", ms: ${more.ms ?? 0}, stuck: "${more.stuck ?? ''}" }
  table:
    needs: [rooms]
    uses: try/book
    with: { ledger: ${JSON.stringify(ledger)}, what: table }
    compensate: { uses: try/cancel, with: { ledger: ${JSON.stringify(ledger)}, what: "\${ table.what }", ms: ${more.ms ?? 0} } }
  bill:
    needs: [table]
    ${more.bill ?? 'uses: try/fail\n    with: { bad: true }'}
`;

function ledgerOf(t: TestContext): { readonly path: string; readonly lines: () => readonly string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-ledger-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'ledger');
  return { path, lines: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []) };
}

/** What was booked and not cancelled, and what was cancelled, in order. */
function balance(lines: readonly string[]): { readonly left: readonly string[]; readonly cancelled: readonly string[] } {
  const booked = lines.filter((line) => line.startsWith('book ')).map((line) => line.slice('book '.length));
  const cancelled = lines.filter((line) => line.startsWith('cancel ')).map((line) => line.slice('cancel '.length));
  return { left: booked.filter((what) => !cancelled.includes(what)), cancelled };
}

describe('a run that fails', () => {
  it('undoes what it had done, the latest first, and says so in its report', async (t) => {
    const [kit, ledger] = [createKit(t), ledgerOf(t)];
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(trip(ledger.path)));
    const summary = await finish(engine, run);
    const { left, cancelled } = balance(ledger.lines());
    const booked = ledger.lines().filter((line) => line.startsWith('book '));
    assert.deepEqual([summary.status, summary.error?.code, left], ['failed', 'broken', []]);
    assert.deepEqual(
      cancelled,
      booked.toReversed().map((line) => line.slice('book '.length)),
    );
    const report = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as {
      compensations: { begun: number; undone: number; failed: number; steps: { step: string; key: string | null }[] };
    };
    const { begun, undone, failed, steps } = report.compensations;
    assert.deepEqual([begun, undone, failed], [1, 4, 0]);
    assert.deepEqual(steps[0], { ...steps[0], step: 'table', key: null });
    assert.deepEqual(
      steps
        .slice(1)
        .map(({ key }) => key)
        .toSorted((a, b) => String(a).localeCompare(String(b))),
      ['i0', 'i1', 'i2'],
    );
    assert.match(readFileSync(join(kit.out, 'logs', run, 'run.log'), 'utf8'), /undoing rooms\/room \[i1\]/);
  });

  it('says what could not be undone, and leaves what came before it', async (t) => {
    const [kit, ledger] = [createKit(t), ledgerOf(t)];
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(trip(ledger.path, { stuck: 'room of i2' })));
    const summary = await finish(engine, run);
    assert.deepEqual([summary.status, summary.error?.code], ['failed', 'compensation_failed']);
    assert.equal(summary.error?.details?.['step'], 'rooms/room');
    assert.equal(summary.error?.details?.['key'], 'i2');
    const { left } = balance(ledger.lines());
    assert.ok(left.includes('room of i2'));
    assert.equal(left.length, 1 + Number(summary.error?.details?.['left']));
  });

  it('goes on undoing after the engine was stopped in the middle of it, and undoes nothing twice', async (t) => {
    const [kit, ledger] = [createKit(t), ledgerOf(t)];
    const first = await kit.open();
    const run = await startIn(first, kit, compile(trip(ledger.path, { ms: 150 })));
    await until(() => balance(ledger.lines()).cancelled.length >= 2);
    await first.stop();
    const second = await kit.open();
    await second.resume(run, 'test');
    const summary = await finish(second, run);
    assert.deepEqual([summary.status, summary.error?.code], ['failed', 'broken']);
    const { left, cancelled } = balance(ledger.lines());
    assert.deepEqual([left, new Set(cancelled).size, cancelled.length], [[], 4, 4]);
  });
});

describe('a run that is cancelled', () => {
  it('undoes what it had done, and then is cancelled', async (t) => {
    const [kit, ledger] = [createKit(t), ledgerOf(t)];
    const engine = await kit.open();
    const gate = `uses: try/write\n    with: { text: x, log: ${JSON.stringify(kit.log)}, gate: ${JSON.stringify(`${ledger.path}.never`)} }`;
    const run = await startIn(engine, kit, compile(trip(ledger.path, { bill: gate })));
    await until(() => kit.calls().some(({ step }) => step === 'bill'));
    await engine.cancel(run, 'test', 'no more');
    const summary = await finish(engine, run);
    assert.deepEqual([summary.status, summary.error?.code, balance(ledger.lines()).left], ['cancelled', 'cancelled', []]);
  });
});
