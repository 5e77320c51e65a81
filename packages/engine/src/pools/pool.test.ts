import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NORMAL_PRIORITY } from '@scriptorium/core';
import { Pool } from './pool.ts';
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
});
