/** A flow for each pattern that is claimed, and for the limits of those that are there in part; by the pattern's number. */

import assert from 'node:assert/strict';
import { fails, takes } from '../../src/index.ts';
import type { Demo } from './playing.ts';

export const demos: { readonly [number: number]: Demo } = {
  1: {
    flow: `
steps:
  b: { needs: [a], uses: t/b }
  c: { uses: t/c, with: { of: "\${ b }" } }
  a: { uses: t/a }
output: \${ c }`,
    act: async (run, { called }) => {
      assert.equal((await run.outcome()).output, 'c');
      assert.deepEqual(called(), ['a', 'b', 'c']);
    },
  },
  2: {
    flow: `
steps:
  a: { uses: t/a }
  b: { uses: t/b, with: { of: "\${ a }" } }
  c: { uses: t/c, with: { of: "\${ a }" } }
output: null`,
    act: async (run, { overlapped }) => {
      await run.outcome();
      assert.ok(await overlapped('b', 'c'));
    },
  },
  3: {
    flow: `
steps:
  a: { uses: t/a }
  b: { uses: t/b }
  c: { uses: t/c, with: { of: ["\${ a }", "\${ b }"] } }
output: \${ c }`,
    script: { 't/b': () => takes('5h', 'b') },
    act: async (run, { called }) => {
      await run.advance('4h');
      assert.deepEqual(called(), ['a', 'b']);
      await run.outcome();
      assert.deepEqual(run.calls('t/c')[0]?.input, { of: ['a', 'b'] });
    },
  },
  4: {
    flow: `
states:
  a:
    uses: t/a
    next: [{ if: "\${ a == 'left' }", to: b }, { to: c }]
  b: { uses: t/b }
  c: { uses: t/c }`,
    script: { 't/a': ['left'] },
    act: async (run, { called }) => {
      assert.equal((await run.outcome()).output, 'b');
      assert.deepEqual(called(), ['a', 'b']);
    },
  },
  5: {
    flow: `
states:
  a:
    uses: t/a
    next: [{ if: "\${ a == 'left' }", to: b }, { to: c }]
  b: { uses: t/b, next: d }
  c: { uses: t/c, next: d }
  d: { uses: t/d, with: { after: "\${ prev }" } }`,
    act: async (run, { called }) => {
      await run.outcome();
      assert.deepEqual(called(), ['a', 'c', 'd']);
      assert.deepEqual(run.calls('t/d')[0]?.input, { after: 'c' });
    },
  },
  6: {
    flow: `
steps:
  a: { uses: t/a, returns: { type: integer } }
  b: { if: "\${ a > 1 }", uses: t/b }
  c: { if: "\${ a > 2 }", uses: t/c }
  d: { if: "\${ a > 3 }", uses: t/d }
output: null`,
    script: { 't/a': [3] },
    act: async (run, { called, overlapped }) => {
      await run.outcome();
      assert.deepEqual(called(), ['a', 'b', 'c']);
      assert.ok(await overlapped('b', 'c'));
    },
  },
  7: {
    flow: `
steps:
  b: { if: "\${ run.mode == 'strict' }", uses: t/b }
  c: { uses: t/c }
  d: { uses: t/d, with: { of: ["\${ b }", "\${ c }"] } }
output: \${ d }`,
    act: async (run) => {
      await run.outcome();
      assert.deepEqual(run.calls('t/d')[0]?.input, { of: [null, 'c'] });
    },
  },
  10: {
    flow: `
states:
  a: { uses: t/a, next: [{ if: "\${ visits > 1 }", to: c }, { to: b }] }
  b: { uses: t/b, next: c }
  c: { uses: t/c, max: 3, next: [{ if: "\${ visits == 1 }", to: a }, { if: "\${ visits == 2 }", to: b }, { to: d }] }
  d: { uses: t/d }`,
    act: async (run, { called }) => {
      await run.outcome();
      assert.deepEqual(called(), ['a', 'b', 'c', 'a', 'c', 'b', 'c', 'd']);
    },
  },
  11: {
    flow: `
steps:
  a: { uses: t/a }
  b: { uses: t/b }
output: null`,
    script: { 't/b': () => takes('9h', 'b') },
    act: async (run) => {
      assert.equal((await run.outcome()).status, 'succeeded');
      assert.equal(run.elapsedMs(), 9 * 3_600_000);
    },
  },
  13: {
    flow: `
steps:
  a: { each: [1, 2, 3], uses: t/a, with: { n: "\${ item }" } }
  b: { uses: t/b, with: { count: "\${ a.ok.size() }" } }
output: \${ b }`,
    act: async (run) => {
      await run.outcome();
      assert.deepEqual(run.calls('t/b')[0]?.input, { count: 3 });
    },
  },
  14: {
    flow: `
steps:
  list: { uses: t/list, returns: { type: array, items: { type: string } } }
  a: { each: "\${ list }", uses: t/a, with: { of: "\${ item }" } }
output: \${ a.ok.size() }`,
    script: { 't/list': [['x', 'y', 'z', 'w']] },
    act: async (run) => {
      assert.equal((await run.outcome()).output, 4);
      assert.deepEqual(
        run.calls('t/a').map(({ input }) => input['of']),
        ['x', 'y', 'z', 'w'],
      );
    },
  },
  15: {
    flow: `
states:
  look: { uses: t/look, returns: { type: array, items: { type: string } }, max: 5, next: [{ if: "\${ look.size() > 0 }", to: work }, { to: done }] }
  work: { each: "\${ look }", uses: t/work, with: { of: "\${ item }" }, next: look }
  done: { value: null }`,
    script: { 't/look': [['x', 'y'], ['z'], []] },
    act: async (run, { called }) => {
      assert.equal((await run.outcome()).status, 'succeeded');
      // The limit: what came while the first round was at work had to wait for the second.
      assert.deepEqual(called(), ['look', 'work', 'work', 'look', 'work', 'look']);
    },
  },
  17: {
    flow: `
limits: { desk: { concurrent: 1 } }
steps:
  a: { uses: t/a, limit: desk }
  b: { uses: t/b, limit: desk, needs: [a] }
  c: { uses: t/c, limit: desk }
output: null`,
    act: async (run, { called, overlapped }) => {
      await run.outcome();
      assert.deepEqual([await overlapped('a', 'b'), await overlapped('a', 'c'), await overlapped('b', 'c')], [false, false, false]);
      assert.ok(called().indexOf('a') < called().indexOf('b'));
    },
  },
  20: {
    flow: `
steps:
  a: { uses: t/a }
  b: { uses: t/b }
output: null`,
    act: async (run) => {
      await run.advance('30m');
      await run.cancel();
      assert.equal((await run.outcome()).status, 'cancelled');
      assert.deepEqual(
        [...(await run.attempts('a')), ...(await run.attempts('b'))].map(({ result }) => result),
        ['lost', 'lost'],
      );
    },
  },
  21: {
    flow: `
states:
  a: { uses: t/a, returns: { type: integer }, max: 9, next: [{ if: "\${ a < 3 }", to: a }, { to: b }] }
  b: { value: "\${ a }" }`,
    script: { 't/a': (_input, { number }) => number },
    act: async (run, { called }) => {
      assert.equal((await run.outcome()).output, 3);
      assert.deepEqual(called(), ['a', 'a', 'a']);
    },
  },
  37: {
    flow: `
steps:
  a: { uses: t/a }
  b: { if: "\${ a == 'b' }", uses: t/b }
  c: { if: "\${ b != null }", uses: t/c }
  d: { uses: t/d }
  e: { uses: t/e, with: { of: ["\${ c }", "\${ d }"] } }
output: null`,
    act: async (run, { called }) => {
      await run.outcome();
      assert.deepEqual(called().toSorted(), ['a', 'd', 'e']);
      assert.deepEqual(run.calls('t/e')[0]?.input, { of: [null, 'd'] });
    },
  },
  39: {
    flow: `
limits: { printer: { concurrent: 1 } }
steps:
  a:
    steps:
      x: { uses: t/x }
      y: { uses: t/y, limit: printer, needs: [x] }
    output: null
  b:
    steps:
      z: { uses: t/z, limit: printer }
    output: null
output: null`,
    script: { 't/x': () => takes('30m', 'x') },
    act: async (run, { overlapped }) => {
      await run.outcome();
      assert.ok(await overlapped('a/x', 'b/z'));
      assert.equal(await overlapped('a/y', 'b/z'), false);
    },
  },
  40: {
    flow: `
limits: { desk: { concurrent: 1 } }
steps:
  a: { uses: t/a, limit: desk }
  b: { uses: t/b, limit: desk }
output: null`,
    act: async (run, { overlapped }) => {
      await run.outcome();
      assert.equal(await overlapped('a', 'b'), false);
      assert.equal(run.elapsedMs(), 2 * 3_600_000);
    },
  },
  43: {
    flow: `
steps:
  a: { uses: t/a }
  b: { uses: core/fail, needs: [a], with: { error: enough, message: that is all } }
  c: { uses: t/c }
output: null`,
    script: { 't/c': () => takes('9h', 'c') },
    act: async (run) => {
      const { status, error } = await run.outcome();
      assert.deepEqual([status, error?.code, run.elapsedMs()], ['failed', 'enough', 3_600_000]);
    },
  },
  25: {
    flow: `
steps:
  region:
    steps:
      a: { uses: t/a }
      b: { uses: t/b }
    output: null
    catch: [{ value: given up }]
  c: { uses: t/c, with: { of: "\${ region }" } }
output: \${ c }`,
    script: { 't/a': () => takes('9h', 'a'), 't/b': fails('unexpected') },
    act: async (run) => {
      assert.equal((await run.outcome()).status, 'succeeded');
      assert.equal((await run.attempts('region/a'))[0]?.result, 'lost');
      assert.deepEqual(run.calls('t/c')[0]?.input, { of: 'given up' });
    },
  },
  19: {
    flow: `
steps:
  a: { uses: t/a, timeout: 2h, catch: [{ errors: [timeout], value: null }] }
  b: { uses: t/b, needs: [a] }
output: \${ b }`,
    script: { 't/a': () => takes('9h', 'a') },
    act: async (run) => {
      assert.equal((await run.outcome()).output, 'b');
      assert.equal(run.elapsedMs(), 3 * 3_600_000);
    },
  },
  26: {
    flow: `
states:
  a: { each: { in: [1, 2, 3], workers: 3, tolerate: 0 }, uses: t/a, with: { n: "\${ item }" }, next: b, catch: [{ errors: [each.failed], to: b }] }
  b: { value: done }`,
    script: { 't/a': ({ n }) => (n === 2 ? takes('1h', fails('unexpected')) : takes('9h', 'a')) },
    act: async (run) => {
      assert.equal((await run.outcome()).output, 'done');
      assert.equal(run.elapsedMs(), 3_600_000);
      assert.deepEqual(
        (await run.attempts('a')).map(({ result }) => result),
        ['lost', 'unexpected', 'lost'],
      );
    },
  },
};
