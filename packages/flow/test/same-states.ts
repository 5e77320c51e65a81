/** States, waits, compensations and calls of flows, in YAML and by the builder. */

import { $, flow } from '../src/index.ts';
import type { Definition, RefOf, Scope } from '../src/index.ts';
import type { Case } from './same.ts';
import { head, limits, version } from './same.ts';

/** Most constructs, in a flow that has nothing else. */
function body(build: (s: Scope<'disk' | 'net'>) => void): Definition {
  return flow('a/b', { version, limits: { disk: { concurrent: 2 }, net: { rate: '2/s' } } }, build);
}

const Judged = {
  type: 'object',
  required: ['score', 'hint', 'next'],
  properties: { score: { type: 'number' }, hint: { type: 'string' }, next: { enum: ['write', 'done'] } },
} as const;

/** What the flows under test call. */
export const child: Definition<{ n: number; of?: number }, { sum: number }> = flow(
  'c/child',
  { version, input: { n: { type: 'integer' }, of: { type: 'integer', default: 2 } } },
  (s, input) => {
    const sum = s.value('sum', $<number>`${input.n} + ${input.of}`);
    return { sum };
  },
);

export const states: readonly Case[] = [
  {
    name: 'states with fixed, guarded and computed transitions, `max`, `latest`, `visits` and a catch that goes on elsewhere',
    yaml: `${head}input: { path: { type: string } }
states:
  write: { uses: core/agent, with: { model: m, prompt: "\${ review?.hint ?? \\"\\" }" }, returns: { type: string }, next: review }
  review:
    max: 4
    uses: core/agent
    with: { model: m, prompt: "\${ write }" }
    returns: { type: object, required: [score, hint, next], properties: { score: { type: number }, hint: { type: string }, next: { enum: [write, done] } } }
    next:
      - { if: "\${ review.score >= 8 }", to: done }
      - { to: "\${ review.next }" }
    catch:
      - { errors: loop.exceeded, to: done }
      - { if: "\${ visits > 2 }", to: done }
  done: { value: { text: "\${ write }", visits: "\${ visits }" } }
output: "\${ done.text }"`,
    built: flow('a/b', { version, input: { path: { type: 'string' } } }, (s) =>
      s.states(['write', 'review', 'done'], (s) => {
        const write = s.step('write', 'core/agent', {
          with: { model: 'm', prompt: $.or(s.latest('review').hint, '') },
          returns: { type: 'string' },
          next: 'review',
        });
        s.step('review', 'core/agent', {
          max: 4,
          with: { model: 'm', prompt: write },
          returns: Judged,
          next: (review) => [{ if: $`${review.score} >= 8`, to: 'done' }, { to: review.next }],
          catch: (caught) => [caught.to('done', { errors: 'loop.exceeded' }), caught.to('done', { if: $`${s.visits} > 2` })],
        });
        const done = s.value('done', { text: write, visits: s.visits });
        return done.text;
      }),
    ),
  },
  {
    name: 'states of every body, in a scope, in an each and in a state, in the order of their names',
    yaml: `${head}${limits}steps:
  outer:
    timeout: 5m
    states:
      first:
        states: { one: { value: 1, next: two }, two: { value: "\${ prev ?? 0 }" } }
        output: "\${ two }"
        next: many
      many: { each: { in: [a, b], as: path, key: "\${ path }" }, uses: book/toc, with: { path: "\${ path }" }, limit: disk, next: last }
      last: { if: "\${ many.ok.size() > 0 }", steps: { a: { value: 1 } } }
  parts:
    each: { in: [1, 2] }
    states: { go: { value: "\${ item }", next: end }, end: { value: "\${ prev }" } }`,
    built: body((s) => {
      s.scope('outer', { timeout: '5m' }, (s) =>
        s.states(['first', 'many', 'last'], (s) => {
          const last = (ref: RefOf<boolean>): unknown => s.scope('last', { if: ref }, (s) => void s.value('a', 1));
          s.scope('first', { next: 'many' }, (s) =>
            s.states(['one', 'two'], (s) => {
              s.value('one', 1, { next: 'two' });
              return s.value('two', $.or(s.prev, 0));
            }),
          );
          const many = s.each(
            'many',
            { in: ['a', 'b'], as: 'path', key: (path) => path, limit: 'disk', next: 'last' },
            'book/toc',
            (path) => ({
              path,
            }),
          );
          last($`${many.ok}.size() > 0`);
        }),
      );
      s.each('parts', { in: [1, 2] }, (item, s) =>
        s.states(['go', 'end'], (s) => {
          s.value('end', s.prev);
          s.value('go', item, { next: 'end' });
        }),
      );
    }),
  },
  {
    name: 'waits for a while, computed or not, and until an instant',
    yaml: `${head}input: { at: { type: string }, long: { type: string, default: 5m } }
steps:
  rest: { doc: Rests, wait: 90s }
  long: { needs: [rest], if: "\${ input.at != '' }", wait: { for: "\${ input.long }" } }
  moment: { wait: { until: "\${ input.at }" }, timeout: 1h, catch: [{ errors: timeout, value: null }] }`,
    built: flow('a/b', { version, input: { at: { type: 'string' }, long: { type: 'string', default: '5m' } } }, (s, input) => {
      const rest = s.wait('rest', '90s', { doc: 'Rests' });
      s.wait('long', { for: input.long }, { needs: [rest], if: $`${input.at} != ''` });
      s.wait('moment', { until: input.at }, { timeout: '1h', catch: (caught) => [caught.value(null, { errors: 'timeout' })] });
    }),
  },
  {
    name: 'a wait for an event, and events of states',
    yaml: `${head}input: { order: { type: string } }
steps:
  paid: { wait: { event: paid, match: "\${ event.order == input.order }", answer: { type: object, required: [order], properties: { order: { type: string } } } }, timeout: 2d }
  talk:
    states:
      ask: { max: 3, wait: { event: approval, ask: "Publish \${ paid.order }?", to: [editor], answer: { type: object, required: [go], properties: { go: { enum: [ask, done] } } } }, timeout: 7d, next: "\${ ask.go }", catch: [{ errors: [timeout, loop.exceeded], to: done }], events: { cancel: done } }
      done: { value: 1 }`,
    built: flow('a/b', { version, input: { order: { type: 'string' } } }, (s, input) => {
      const answer = { type: 'object', required: ['order'], properties: { order: { type: 'string' } } } as const;
      const paid = s.wait('paid', { event: 'paid', match: (event) => $`${event.order} == ${input.order}`, answer }, { timeout: '2d' });
      s.scope('talk', (s) =>
        s.states(['ask', 'done'], (s) => {
          const go = { type: 'object', required: ['go'], properties: { go: { enum: ['ask', 'done'] } } } as const;
          s.wait(
            'ask',
            { event: 'approval', ask: `Publish ${paid.order}?`, to: ['editor'], answer: go },
            {
              max: 3,
              timeout: '7d',
              next: (answer) => answer.go,
              catch: (caught) => [caught.to('done', { errors: ['timeout', 'loop.exceeded'] })],
              events: { cancel: 'done' },
            },
          );
          s.value('done', 1);
        }),
      );
    }),
  },
  {
    name: 'budgets and caches',
    yaml: `${head}budget: { usd: 20, calls: 500 }
steps:
  a: { uses: core/agent, with: { model: m, prompt: p }, returns: { type: string }, budget: { tokens: 1000 }, cache: true }
  b: { uses: core/agent, with: { model: m, prompt: "\${ a }" }, cache: "\${ a }" }`,
    built: flow('a/b', { version, budget: { usd: 20, calls: 500 } }, (s) => {
      const a = s.step('a', 'core/agent', {
        with: { model: 'm', prompt: 'p' },
        returns: { type: 'string' },
        budget: { tokens: 1000 },
        cache: true,
      });
      s.step('b', 'core/agent', { with: { model: 'm', prompt: a }, cache: a });
    }),
  },
  {
    name: 'compensations of a step and of the items of an each',
    yaml: `${head}steps:
  a: { uses: store/publish, with: { id: x }, compensate: { uses: store/publish, with: { id: "\${ a.url }" }, timeout: 5s } }
  b: { each: { in: [x, y] }, uses: store/publish, with: { id: "\${ item }" }, compensate: { uses: store/publish, with: { id: "\${ b.url }" } } }`,
    built: flow('a/b', { version }, (s) => {
      s.step('a', 'store/publish', {
        with: { id: 'x' },
        compensate: (undo, a) => undo('store/publish', { with: { id: a.url }, timeout: '5s' }),
      });
      s.each('b', { in: ['x', 'y'], compensate: (undo, b) => undo('store/publish', { with: { id: b.url } }) }, 'store/publish', (id) => ({
        id,
      }));
    }),
  },
  {
    name: 'scopes and an each that end early',
    yaml: `${head}steps:
  a: { steps: { one: { value: 1 }, two: { wait: 5m } }, until: "\${ one != null }", output: "\${ one }" }
  b: { each: { in: [1, 2, 3], until: "\${ ok.size() > 1 }" }, value: "\${ item }" }`,
    built: flow('a/b', { version }, (s) => {
      s.scope('a', (s) => {
        const one = s.value('one', 1);
        s.wait('two', '5m');
        s.until($`${one} != null`);
        return one;
      });
      s.each('b', { in: [1, 2, 3], until: ({ ok }) => $`${ok}.size() > 1` }, (item) => item);
    }),
  },
  {
    name: 'flows that are called, and one that is only started',
    yaml: `${head}steps:
  a: { uses: "c/child@^1", with: { n: 3 } }
  b: { each: { in: [1, 2] }, uses: c/child, with: { n: "\${ item }" } }
  c: { uses: c/child, with: { n: 3 }, detached: true, needs: [a] }
output: "\${ a.sum }"`,
    built: flow('a/b', { version }, (s) => {
      const a = s.step('a', child, { version: '^1', with: { n: 3 } });
      s.each('b', { in: [1, 2] }, child, (n) => ({ n }));
      s.start('c', child, { with: { n: 3 }, needs: [a] });
      return a.sum;
    }),
  },
  {
    name: 'migrations',
    yaml: `${head}steps: { fresh: { value: 1 } }
migrate: [{ from: ^0.9.0, map: { old: fresh, gone: null } }, { from: ^0.8.0, assume: { fresh: 1 } }]`,
    built: flow(
      'a/b',
      {
        version,
        migrate: [
          { from: '^0.9.0', map: { old: 'fresh', gone: null } },
          { from: '^0.8.0', assume: { fresh: 1 } },
        ],
      },
      (s) => void s.value('fresh', 1),
    ),
  },
];
