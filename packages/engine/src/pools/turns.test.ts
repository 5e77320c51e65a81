import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Turns } from './turns.ts';
import type { Claim } from './turns.ts';

interface Named extends Claim {
  readonly name: string;
}

function claims(run: string, count: number, priority = 5): readonly Named[] {
  return Array.from({ length: count }, (_, n) => ({ run, priority, name: `${run}${n}` }));
}

function waiting(...all: readonly Named[]): Turns<Named> {
  const turns = new Turns<Named>();
  for (const claim of all) turns.enter(claim);
  return turns;
}

function served(turns: Turns<Named>, count: number): readonly string[] {
  return Array.from({ length: count }, () => turns.take()?.name ?? '-');
}

describe('turns', () => {
  it('go from run to run, and within a run to who came first', () => {
    assert.deepEqual(served(waiting(...claims('a', 3), ...claims('b', 1), ...claims('c', 2)), 7), [
      'a0',
      'b0',
      'c0',
      'a1',
      'c1',
      'a2',
      '-',
    ]);
  });

  it('are as many as the weights of the runs have it, and leave nobody out', () => {
    const turns = waiting(
      ...claims('urgent', 1_000, 7),
      ...claims('usual', 1_000, 5),
      ...claims('also', 1_000, 5),
      ...claims('late', 1_000, 3),
    );
    const names = served(turns, 625).map((name) => name.replaceAll(/\d/g, ''));
    const count = (run: string): number => names.filter((name) => name === run).length;
    assert.deepEqual([count('urgent'), count('usual'), count('also'), count('late')], [400, 100, 100, 25]);
  });

  it('are not owed to a run for the time in which it did not wait', () => {
    const turns = waiting(...claims('early', 1_000));
    served(turns, 500);
    for (const claim of claims('new', 40, 6)) turns.enter(claim);
    const names = served(turns, 30).map((name) => name.replaceAll(/\d/g, ''));
    const early = names.filter((name) => name === 'early').length;
    assert.ok(early === 9 || early === 10, `${early} of 30`);
  });

  it('are known beforehand, among those of one priority', () => {
    const runs = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 });
    fc.assert(
      fc.property(runs, fc.nat(5), fc.constantFrom('a', 'b', 'c', 'd'), (all, gone, run) => {
        const turns = waiting(...all.map((own, n): Named => ({ run: own, priority: 5, name: String(n) })));
        served(turns, gone);
        const ahead = turns.ahead({ run, priority: 5 }, Infinity);
        assert.equal(Math.min(turns.ahead({ run, priority: 5 }, 3), 4), Math.min(ahead, 4));
        turns.enter({ run, priority: 5, name: 'new' });
        assert.equal(served(turns, 21).indexOf('new'), ahead);
      }),
    );
  });

  it('are for each that waits exactly one, and for none that has left', () => {
    const wishes = fc.array(
      fc.record({ run: fc.constantFrom('a', 'b', 'c'), priority: fc.integer({ min: 1, max: 10 }), leaves: fc.boolean() }),
    );
    fc.assert(
      fc.property(wishes, (all) => {
        const named = all.map(({ run, priority }, n): Named => ({ run, priority, name: String(n) }));
        const turns = waiting(...named);
        for (const [n, { leaves }] of all.entries()) {
          const claim = named[n];
          if (leaves && claim !== undefined) assert.deepEqual([turns.leave(claim), turns.leave(claim)], [true, false]);
        }
        const left = all.flatMap(({ leaves }, n) => (leaves ? [] : [String(n)]));
        assert.equal(turns.size, left.length);
        assert.deepEqual(served(turns, left.length).toSorted(), left.toSorted());
        assert.deepEqual([turns.size, turns.take()], [0, null]);
      }),
    );
  });
});
