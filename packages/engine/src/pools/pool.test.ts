import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NORMAL_PRIORITY } from '@scriptorium/core';
import { Pool } from './pool.ts';
import type { AdaptedLimit } from '@scriptorium/core';
import type { Permit } from './pool.ts';

/** Enters `names` for `run`; what is granted is noted with its permit. */
function queue(pool: Pool, run: string, names: readonly string[], granted: Map<string, Permit>): (() => void)[] {
  return names.map((name) => pool.enter({ run, priority: NORMAL_PRIORITY, grant: (permit) => granted.set(name, permit) }));
}

describe('a pool', () => {
  it('grants up to its concurrency, and one more for each that comes back', () => {
    const pool = new Pool({ concurrent: 2 }, 0);
    const granted = new Map<string, Permit>();
    queue(pool, 'r', ['a', 'b', 'c'], granted);
    pool.serve(0);
    assert.deepEqual([[...granted.keys()], pool.used, pool.waiting], [['a', 'b'], 2, 1]);
    granted.get('a')?.release();
    granted.get('a')?.release();
    pool.serve(0);
    assert.deepEqual([[...granted.keys()], pool.used, pool.waiting], [['a', 'b', 'c'], 2, 0]);
  });

  it('that is lowered takes nothing back and grants nothing until it has drained', () => {
    const pool = new Pool({ concurrent: 3 }, 0);
    const granted = new Map<string, Permit>();
    queue(pool, 'r', ['a', 'b', 'c', 'd'], granted);
    pool.serve(0);
    pool.change({ concurrent: 1 });
    granted.get('a')?.release();
    granted.get('b')?.release();
    pool.serve(0);
    assert.deepEqual([...granted.keys()], ['a', 'b', 'c']);
    granted.get('c')?.release();
    pool.serve(0);
    assert.ok(granted.has('d'));
  });

  it('serves the runs in turn, however much one of them asks for', () => {
    const pool = new Pool({ concurrent: 4 }, 0);
    const granted = new Map<string, Permit>();
    queue(pool, 'large', ['l1', 'l2', 'l3', 'l4', 'l5'], granted);
    queue(pool, 'small', ['s1', 's2'], granted);
    pool.serve(0);
    assert.deepEqual([...granted.keys()], ['l1', 's1', 'l2', 's2']);
  });

  it('lets who waits withdraw', () => {
    const pool = new Pool({ concurrent: 1 }, 0);
    const granted = new Map<string, Permit>();
    const [withdraw] = queue(pool, 'r', ['a', 'b'], granted);
    withdraw?.();
    withdraw?.();
    pool.serve(0);
    assert.deepEqual([[...granted.keys()], pool.waiting], [['b'], 0]);
  });

  it('with a rate spaces starts from where they happen, and says when to ask again', () => {
    const pool = new Pool({ rate: { n: 2, per: 1000 } }, 0);
    const granted = new Map<string, Permit>();
    queue(pool, 'r', ['a', 'b', 'c'], granted);
    assert.equal(pool.serve(1000), null);
    assert.equal(pool.serve(1000), null, 'nothing is granted before the first has started');
    granted.get('a')?.start(1010);
    assert.deepEqual([pool.serve(1010), granted.has('b')], [1510, false]);
    pool.serve(1510);
    granted.get('b')?.start(1510);
    assert.deepEqual([pool.serve(1600), granted.has('c')], [2030, false]);
  });

  it('with a rate never starts closer together than it allows, whatever comes late, and catches up what it can', () => {
    const pool = new Pool({ rate: { n: 10, per: 1000 } }, 0);
    const starts: number[] = [];
    for (let index = 0; index < 200; index += 1) {
      pool.enter({
        run: 'r',
        priority: NORMAL_PRIORITY,
        grant: (permit) => {
          const late = (index * 7) % 4;
          starts.push(now + late);
          permit.start(now + late);
        },
      });
    }
    let now = 0;
    for (let next = pool.serve(now); pool.waiting > 0; next = pool.serve(now)) now = next ?? now + 1;
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    assert.ok(Math.min(...gaps) >= 100, `${Math.min(...gaps)}`);
    assert.ok((starts.at(-1) ?? 0) <= 199 * 104 + 4, `${starts.at(-1)}`);
  });

  it('that is restored does not start before it may know that nothing started just now', () => {
    const pool = new Pool({ rate: { n: 1, per: 1000 } }, 5000);
    const granted = new Map<string, Permit>();
    queue(pool, 'r', ['a'], granted);
    assert.deepEqual([pool.serve(4999), granted.size], [5000, 0]);
  });

  it('holds the tokens of a call by its estimate, and lets the next one in when it has used less', () => {
    const pool = new Pool({ tokens: { n: 1_000, per: 60_000 } }, 0);
    const granted = new Map<string, Permit>();
    for (const name of ['a', 'b', 'c'])
      pool.enter({ run: 'r', priority: NORMAL_PRIORITY, tokens: 600, grant: (permit) => granted.set(name, permit) });
    assert.equal(pool.serve(0), null);
    assert.deepEqual([[...granted.keys()], pool.tokens(0)], [['a'], 600]);
    const first = granted.get('a');
    first?.start(0);
    first?.settle(300, 5_000);
    first?.release();
    assert.equal(pool.serve(5_000), null);
    assert.deepEqual([[...granted.keys()], pool.tokens(5_000)], [['a', 'b'], 900]);
    granted.get('b')?.settle(600, 6_000);
    granted.get('b')?.release();
    assert.equal(pool.serve(6_000), 66_000, 'both calls count for a minute after their ends');
    pool.serve(66_000);
    assert.equal(granted.size, 3);
  });

  it('gives out half of its limit after a refusal, nothing before the service wants to be asked, and more with each answer', () => {
    const adapted: AdaptedLimit[] = [];
    const pool = new Pool({ concurrent: 8 }, 0, { breaker: () => undefined, adapted: (one) => adapted.push(one) });
    const granted = new Map<string, Permit>();
    const names = Array.from({ length: 200 }, (_, index) => `${index}`);
    queue(pool, 'r', names, granted);
    pool.serve(0);
    assert.equal(granted.size, 8);
    // All that were under way are refused: that is one refusal of what was given out.
    for (const permit of granted.values()) {
      permit.report('rate_limited', 100, 2_000);
      permit.release();
    }
    assert.deepEqual(adapted, [{ share: 0.5, step: 0.01, until: 2_100 }]);
    assert.deepEqual([pool.serve(100), granted.size], [2_100, 8]);
    assert.deepEqual(pool.adapted(100), { share: 0.5, limit: { concurrent: 4 }, until: 2_100 });
    pool.serve(2_100);
    assert.equal(granted.size, 12);
    for (let at = 8; at < 8 + 50; at += 1) {
      granted.get(`${at}`)?.report(null, 3_000);
      granted.get(`${at}`)?.release();
      pool.serve(3_000);
    }
    assert.equal(pool.adapted(3_000), null);
    assert.deepEqual(adapted.at(-1), { share: 1, step: 0, until: null });
    assert.equal(pool.used, 8);
  });

  it('goes on after a restart with what it gave out', () => {
    const pool = new Pool({ rate: { n: 60, per: 60_000 } }, 0);
    pool.adaptAgain({ share: 0.5, step: 0.01, until: 4_000 });
    const granted = new Map<string, Permit>();
    queue(pool, 'r', ['a', 'b'], granted);
    assert.equal(pool.serve(0), 4_000);
    pool.serve(4_000);
    granted.get('a')?.start(4_000);
    assert.equal(pool.serve(4_001), 6_000);
    assert.deepEqual(pool.adapted(4_001), { share: 0.5, limit: { rate: { n: 30, per: 60_000 } }, until: null });
  });

  it('is not held back by one service where steps of many meet', () => {
    const pool = new Pool({}, 0);
    const granted = new Map<string, Permit>();
    queue(pool, 'r', ['a'], granted);
    pool.serve(0);
    granted.get('a')?.report('rate_limited', 0, 60_000);
    queue(pool, 'r', ['b'], granted);
    pool.serve(0);
    assert.deepEqual([...granted.keys()], ['a', 'b']);
  });
});
