import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Event, Json } from '../index.ts';
import { $, call, each, flow, lit, obj, scope, undo, value } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';
import type { Behaviour } from '../../test/model-host.ts';

const echo: Behaviour = (_uses, input) => ({ ok: input as Json });
const count = (host: ModelHost, type: Event['type']): number => host.journal.filter(({ event }) => event.type === type).length;

describe('until of a scope', () => {
  const race = flow(
    [
      scope(
        'r',
        [call('r/a', 'x', lit('a')), call('r/b', 'x', lit('b')), value('r/c', $('a + "!"'), { needs: ['a'] })],
        $('a ?? b ?? "none"'),
        {
          until: 'a != null || b != null',
        },
      ),
    ],
    $('r'),
  );

  it('ends it with the first result: the others are cancelled, nothing more begins, and they read as null', () => {
    const host = new ModelHost(race, { behave: echo });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.end('root/0:r/b:1');
    assert.deepEqual([...host.cancelled], ['root/0:r/a:1']);
    assert.equal(host.outcome(), null);
    host.finish();
    assert.deepEqual([host.outcome()?.output, count(host, 'attempt.succeeded')], ['b', 1]);
  });

  it('takes back what waits for its pool', () => {
    const host = new ModelHost(race, { behave: echo });
    host.start('root/0:r/b:1');
    host.end('root/0:r/b:1');
    host.finish();
    assert.deepEqual([host.outcome()?.output, count(host, 'attempt.started')], ['b', 1]);
  });

  it('holds for good: what fails while it is being cancelled does not matter any more', () => {
    const host = new ModelHost(race, {
      behave: (uses, input) => (input === 'a' ? { fail: { code: 'late', message: uses } } : { ok: input as Json }),
    });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.end('root/0:r/b:1');
    host.cancelled.clear();
    host.end('root/0:r/a:1');
    host.finish();
    assert.equal(host.outcome()?.output, 'b');
  });

  it('goes on after a crash in between', () => {
    const host = new ModelHost(race, { behave: echo });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.end('root/0:r/b:1');
    host.crash();
    host.finish();
    assert.equal(host.outcome()?.output, 'b');
  });

  it('that never holds leaves the scope to end when all has settled', () => {
    const body = scope('r', [call('r/a', 'x', lit(1)), call('r/b', 'x', lit(2))], $('a + b'), { until: 'a == 9' });
    assert.equal(new ModelHost(flow([body], $('r')), { behave: echo }).finish().outcome()?.output, 3);
  });

  it('does not keep a step from failing the scope before', () => {
    const body = scope('r', [call('r/a', 'bad'), call('r/b', 'x', lit(2))], $('b'), { until: 'b != null' });
    const host = new ModelHost(flow([body], $('r')), {
      behave: (uses) => (uses === 'bad' ? { fail: { code: 'e', message: 'm' } } : { ok: 2 }),
    });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.end('root/0:r/a:1');
    host.finish();
    assert.equal(host.outcome()?.error?.code, 'e');
  });

  it('that cannot be evaluated fails the scope', () => {
    const body = scope('r', [value('r/a', lit(0)), call('r/b', 'x', lit(2))], $('b'), { until: '1 / (a ?? 1) > 1' });
    assert.equal(new ModelHost(flow([body], $('r')), { behave: echo }).finish().outcome()?.error?.code, 'expression');
  });

  it('undoes what was done in the parts that it cuts off, and keeps what won', () => {
    const undone: Json[] = [];
    const behave: Behaviour = (uses, input) => {
      if (uses === 'undo') undone.push(input as Json);
      return { ok: input as Json };
    };
    const part = (id: string): ReturnType<typeof scope> =>
      scope(
        id,
        [
          call(`${id}/held`, 'x', lit(id), { compensate: undo(`${id}/held`, 'undo', $('held')) }),
          call(`${id}/paid`, 'x', lit(id), { needs: ['held'] }),
        ],
        $('paid'),
      );
    const host = new ModelHost(
      flow([scope('r', [part('r/a'), part('r/b')], obj({ a: $('a'), b: $('b') }), { until: 'a != null || b != null' })], $('r')),
      {
        behave,
      },
    );
    for (const key of ['root/0:r/a/held:1', 'root/0:r/b/held:1', 'root/0:r/b/paid:1']) {
      host.start(key);
      host.end(key);
    }
    host.finish();
    assert.deepEqual([host.outcome()?.output, undone], [{ a: null, b: 'r/b' }, ['r/a']]);
  });
});

describe('until of an each', () => {
  const quorum = (until: string, workers = 4): ReturnType<typeof flow> =>
    flow(
      [call('s', 'x', $('item'), { each: each('input.list', { workers, until, tolerate: 1000 }) })],
      obj({ ok: $('s.ok.size()'), failed: $('s.failed.size()'), values: $('s.ok.map(x, x)') }),
    );
  const list = Array.from({ length: 300 }, (_, index) => index);

  it('opens no more items, cancels those at work, and gives what is there', () => {
    const host = new ModelHost(quorum('ok.size() >= input.enough'), { behave: echo, input: { list, enough: 3 } }).finish();
    const output = host.outcome()?.output as { ok: number; failed: number; values: Json[] };
    assert.deepEqual([host.outcome()?.status, output.failed], ['succeeded', 0]);
    assert.ok(output.ok >= 3 && output.ok < 7, `${output.ok} of 300`);
    assert.equal(output.values.length, output.ok);
  });

  it('holds for good: a chunk that had settled with a failure before it heard of it fails nothing', () => {
    const enough = each('input.list', { workers: 300, until: 'ok.size() >= 1', tolerate: 0 });
    const host = new ModelHost(flow([call('s', 'x', $('item'), { each: enough })], $('s.ok.size()')), { behave: echo, input: { list } });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.end('root/0:s:0/0:s:1');
    assert.deepEqual([count(host, 'step.ended'), host.outcome()], [1, null]);
    // Here a chunk hears of everything in the same commit; elsewhere what it told may have been on its way.
    const counts = { succeeded: 127, failed: 1, skipped: 0, cancelled: 0, degraded: 0 };
    const failure = { key: '128', error: { code: 'late', message: 'm' } };
    host.append('root', { type: 'chunk.reported', item: 0, node: 's', chunk: 1, counts, returned: 128, failure, page: 'settled' });
    host.consult();
    host.finish();
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error], ['succeeded', null]);
  });

  it('counts failures too, and need not hold', () => {
    const behave: Behaviour = (_uses, input) =>
      (input as number) % 2 === 0 ? { fail: { code: 'even', message: 'm' } } : { ok: input as Json };
    const few = new ModelHost(quorum('failed.size() > 1', 1), { behave, input: { list } }).finish();
    assert.deepEqual(few.outcome()?.output, { ok: 1, failed: 2, values: [1] });
    const all = new ModelHost(quorum('ok.size() > 1000'), { behave, input: { list } }).finish();
    assert.deepEqual((all.outcome()?.output as { ok: number }).ok, 150);
  });

  it('undoes what was done for the items that it cuts off', () => {
    const undone: Json[] = [];
    const behave: Behaviour = (uses, input) => {
      if (uses === 'undo') undone.push(input as Json);
      return { ok: input as Json };
    };
    const body = scope(
      'b',
      [
        call('b/held', 'x', $('item'), { compensate: undo('b/held', 'undo', $('held')) }),
        call('b/paid', 'x', $('item'), { needs: ['held'] }),
      ],
      $('paid'),
      { each: each('[1, 2, 3]', { until: 'ok.size() >= 1' }) },
    );
    const host = new ModelHost(flow([body], $('b.ok.map(x, x)')), { behave });
    for (const key of ['root/0:b:0/0:b/held:1', 'root/0:b:0/1:b/held:1', 'root/0:b:0/1:b/paid:1']) {
      host.start(key);
      host.end(key);
    }
    host.finish();
    assert.deepEqual([host.outcome()?.output, undone], [[2], [1]]);
    const { succeeded, failed, cancelled } = host.actors.get('root/0:b:0')?.counts ?? {};
    assert.deepEqual([succeeded, failed, cancelled], [1, 0, 2]);
  });

  it('conserves the counters, and never settles with less than it asks for', () => {
    const scenario = fc.record({
      seed: fc.nat(),
      items: fc.nat(300),
      enough: fc.integer({ min: 0, max: 50 }),
      workers: fc.integer({ min: 1, max: 20 }),
      trouble: fc.nat(60),
      crashes: fc.array(fc.nat(200), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(scenario, ({ seed, items, enough, workers, trouble, crashes }) => {
        let calls = 0;
        const behave: Behaviour = (_uses, input) => {
          calls += 1;
          return (Math.imul(calls + seed, 2654435761) >>> 8) % 100 < trouble
            ? { fail: { code: 'e', message: 'm' } }
            : { ok: input as Json };
        };
        const input = { list: list.slice(0, items), enough };
        const host = new ModelHost(quorum('ok.size() >= input.enough', workers), { seed, behave, input });
        for (let turns = 1; host.turn(); turns += 1) if (crashes.includes(turns)) host.crash();
        const { ok, failed } = host.outcome()?.output as { ok: number; failed: number };
        assert.ok(ok >= enough || ok + failed === items, `${ok} of ${enough}, ${failed} failed of ${items}`);
        assert.ok(ok < enough + workers || enough === 0);
        for (const { kind, counts, status } of host.actors.values()) {
          if (kind.type !== 'chunk') continue;
          assert.equal(status, 'settled');
          assert.equal(counts.succeeded + counts.failed + counts.skipped + counts.cancelled, kind.size);
        }
      }),
      { numRuns: 150 },
    );
  });
});
