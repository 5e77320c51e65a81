/** As demos.ts, for the patterns of signals, early ends and flows that call flows. */

import assert from 'node:assert/strict';
import { takes } from '../../src/index.ts';
import type { Demo } from './playing.ts';

const race = `
steps:
  race:
    steps:
      a: { uses: t/a }
      b: { uses: t/b }
      c: { uses: t/c }
    until: UNTIL
    output: { a: "\${ a }", b: "\${ b }", c: "\${ c }" }
  d: { uses: t/d, with: { of: "\${ race }" } }
output: \${ d }`;

const durations = { 't/a': () => takes('1h', 'a'), 't/b': () => takes('2h', 'b'), 't/c': () => takes('9h', 'c') };

const crowd = `
steps:
  crowd:
    each: { in: [1, 2, 3, 4, 5], workers: 5, until: "UNTIL" }
    uses: t/a
    with: { n: "\${ item }" }
    returns: { type: integer }
output: \${ crowd.ok.map(n, n) }`;

/** The n-th item takes n hours. */
const oneAfterTheOther = { 't/a': ({ n }: { readonly n?: unknown }) => takes(`${Number(n)}h`, Number(n)) };

/** With the first of three branches the scope goes on, and the others are cancelled. */
const firstOfThree: Demo = {
  flow: race.replace('UNTIL', '${ a != null || b != null || c != null }'),
  script: durations,
  act: async (run) => {
    await run.outcome();
    assert.deepEqual(run.calls('t/d')[0]?.input, { of: { a: 'a', b: null, c: null } });
    assert.equal(run.elapsedMs(), 2 * 3_600_000);
    assert.deepEqual(
      [...(await run.attempts('race/b')), ...(await run.attempts('race/c'))].map(({ result }) => result),
      ['lost', 'lost'],
    );
  },
};

const twoOfThree: Demo = {
  flow: race.replace('UNTIL', '${ [a, b, c].filter(one, one != null).size() >= 2 }'),
  script: durations,
  act: async (run) => {
    await run.outcome();
    assert.deepEqual(run.calls('t/d')[0]?.input, { of: { a: 'a', b: 'b', c: null } });
    assert.deepEqual(
      (await run.attempts('race/c')).map(({ result }) => result),
      ['lost'],
    );
  },
};

/** Three of five items are enough: the others are cancelled. */
const threeOfFive: Demo = {
  flow: crowd.replace('UNTIL', '${ ok.size() >= 3 }'),
  script: oneAfterTheOther,
  act: async (run) => {
    assert.deepEqual((await run.outcome()).output, [1, 2, 3]);
    assert.equal(run.elapsedMs(), 3 * 3_600_000);
    assert.deepEqual((await run.attempts('crowd')).map(({ result }) => result).slice(3), ['lost', 'lost']);
  },
};

const choice = `
states:
  open:
    wait: { event: bid, answer: { type: integer } }
    timeout: 2d
    events: { withdrawn: gone }
    catch: [{ errors: [timeout], to: unsold }]
    next: sold
  sold: { uses: t/sold, with: { for: "\${ open }" } }
  gone: { uses: t/gone }
  unsold: { uses: t/unsold }`;

export const waitingDemos: { readonly [number: number]: Demo } = {
  // The limit of 9, 30 and 34: what is not needed any more is not left to end.
  9: firstOfThree,
  29: firstOfThree,
  30: twoOfThree,
  32: twoOfThree,
  27: threeOfFive,
  34: threeOfFive,
  35: threeOfFive,
  36: {
    flow: crowd.replace('UNTIL', '${ ok.size() >= 2 + failed.size() }'),
    script: oneAfterTheOther,
    act: async (run) => {
      // How many are enough follows from what the items gave; the limit: that there are five was settled at the beginning.
      assert.deepEqual((await run.outcome()).output, [1, 2]);
      const [opened] = await run.events('each.opened');
      assert.equal(opened?.event.total, 5);
    },
  },
  12: {
    flow: `
steps:
  start: { each: [1, 2, 3], uses: pattern/part, with: { n: "\${ item }" }, detached: true }
  after: { uses: t/after, with: { of: "\${ start.ok.size() }" } }
output: \${ after }`,
    flows: [
      `flow: pattern/part\nversion: "1.0.0"\ninput: { n: { type: integer } }\nsteps: { a: { uses: t/part, with: { n: "\${ input.n }" } } }\noutput: null\n`,
    ],
    script: { 't/part': () => takes('9h') },
    act: async (run) => {
      assert.equal((await run.outcome()).output, 'after');
      assert.equal(run.elapsedMs(), 3_600_000);
      assert.equal(run.calls('t/part').length, 3);
    },
  },
  16: {
    flow: choice,
    act: async (run, { called }) => {
      await run.untilWaiting();
      await run.signal('withdrawn');
      assert.equal((await run.outcome()).output, 'gone');
      assert.deepEqual(called(), ['gone']);
    },
  },
  18: {
    flow: `
states:
  cart: { uses: t/cart, next: waiting }
  waiting: { wait: 3h, events: { change: cart }, max: 3, next: shipped, catch: [{ errors: [loop.exceeded], to: shipped }] }
  shipped: { uses: t/shipped }`,
    act: async (run, { called }) => {
      // Too early, in time, and too late.
      await assert.rejects(run.signal('change'), { code: 'conflict' });
      await run.advance('2h');
      await run.signal('change');
      await run.advance('5h');
      await assert.rejects(run.signal('change'), { code: 'conflict' });
      assert.deepEqual(called(), ['cart', 'cart', 'shipped']);
      assert.equal((await run.outcome()).output, 'shipped');
    },
  },
  22: {
    flow: `
input: { depth: { type: integer, default: 3 } }
steps:
  own: { uses: t/own, with: { depth: "\${ input.depth }" } }
  below: { if: "\${ input.depth > 1 }", needs: [own], uses: pattern/one, with: { depth: "\${ input.depth - 1 }" } }
output: null`,
    act: async (run) => {
      await run.outcome();
      assert.deepEqual(
        run.calls('t/own').map(({ input }) => input['depth']),
        [3, 2, 1],
      );
    },
  },
  23: {
    flow: `
states:
  first: { uses: t/first, next: second }
  second: { wait: 3h, events: { ring: answered }, next: third }
  third: { uses: t/third }
  answered: { uses: t/answered }`,
    act: async (run, { called }) => {
      await assert.rejects(run.signal('ring'), { code: 'conflict' });
      await run.advance('2h');
      assert.equal((await run.outcome()).output, 'third');
      assert.deepEqual(called(), ['first', 'third']);
    },
  },
  24: {
    flow: `
steps:
  a: { uses: t/a }
  paid: { needs: [a], wait: { event: paid }, timeout: 1d }
  b: { needs: [paid], uses: t/b }
output: \${ b }`,
    act: async (run) => {
      await run.signal('paid');
      await run.kill();
      assert.equal((await run.outcome()).output, 'b');
      assert.ok(run.elapsedMs() < 86_400_000);
    },
  },
};
