import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { $, call, each, flowOf, obj, scope, states, to, value } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';
import { cutAt, rollBack } from '../../test/turning-back.ts';
import type { Behaviour } from '../../test/model-host.ts';
import { foldActor, ROOT } from '../index.ts';
import type { ActorState, Flow, Recorded } from '../index.ts';

const flow: Flow = flowOf(
  scope(
    '',
    [
      value('list', { lit: [1, 2, 3] }),
      scope(
        'all',
        [
          call('all/first', 'try/first', $('item'), { retry: [{ errors: [], max: 2, delay: 5, factor: 1, cap: 5 }] }),
          states(
            'all/loop',
            [
              call('all/loop/ask', 'try/ask', $('first'), { max: 3, next: [to('ask', 'visits < 2'), to('done')] }),
              value('all/loop/done', $('ask')),
            ],
            {
              needs: ['first'],
            },
          ),
        ],
        obj({ first: $('first'), loop: $('loop') }),
        { needs: ['list'], each: each('list', { workers: 2 }) },
      ),
      call('end', 'try/end', $('all.ok.size()'), { needs: ['all'] }),
    ],
    obj({ end: $('end'), all: $('all.ok.map(x, x.loop)') }),
  ),
);

const behave: Behaviour = (uses, input, { key, attempt }) =>
  attempt === 1 && key === '1' ? { fail: { code: 'io', message: 'not yet' } } : { ok: `${uses} ${String(input)}` };

function statesOf(events: readonly Recorded[]): ReadonlyMap<string, ActorState> {
  return new Map(
    [...Map.groupBy(events, ({ actor }) => actor)].flatMap(([actor, own]): [string, ActorState][] => {
      const state = foldActor(own);
      return state === null ? [] : [[actor, state]];
    }),
  );
}

/** But for the bookkeeping: how many events there are, and that the run is held. */
function essence(states: ReadonlyMap<string, ActorState>): unknown {
  return [...states]
    .map(([actor, state]) => ({ ...state, actor, seq: 0, kind: state.kind.type === 'root' ? { ...state.kind, held: null } : state.kind }))
    .toSorted((a, b) => (a.actor < b.actor ? -1 : 1));
}

function run(seed: number, turns: number): ModelHost {
  const host = new ModelHost(flow, { seed, behave });
  for (let turn = 0; turn < turns; turn += 1) if (!host.turn()) break;
  return host;
}

const story = fc.record({ seed: fc.integer({ min: 1 }), turns: fc.nat(80), share: fc.double({ min: 0, max: 1, noNaN: true }) });

describe('a rollback to any point', () => {
  it('gives the states that the events up to there give, and the run ends as it would have', () => {
    fc.assert(
      fc.property(story, ({ seed, turns, share }) => {
        const host = run(seed, turns);
        const cut = cutAt(host.journal, Math.ceil(share * host.journal.length));
        const before = host.journal.slice();
        const then = essence(statesOf(host.journal.slice(0, cut)));
        rollBack(host, cut);
        assert.deepEqual(host.journal.slice(0, before.length), before);
        assert.deepEqual(essence(statesOf(host.journal)), then);
        host.append(ROOT, { type: 'run.resumed', by: 'test' });
        host.interrupt('rewound');
        assert.deepEqual(host.finish().outcome(), new ModelHost(flow, { seed: 1, behave }).finish().outcome());
      }),
      { numRuns: 80 },
    );
  });

  it('and then to an earlier one is a rollback to the earlier one', () => {
    fc.assert(
      fc.property(story, fc.nat(30), ({ seed, turns, share }, more) => {
        const host = run(seed, turns);
        const early = cutAt(host.journal, Math.ceil(share * host.journal.length * 0.5));
        const then = essence(statesOf(host.journal.slice(0, early)));
        const late = cutAt(host.journal, Math.max(early, Math.ceil(share * host.journal.length)));
        rollBack(host, late);
        host.append(ROOT, { type: 'run.resumed', by: 'test' });
        host.interrupt('rewound');
        for (let turn = 0; turn < more; turn += 1) if (!host.turn()) break;
        rollBack(host, early);
        assert.deepEqual(essence(statesOf(host.journal)), then);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a fork at any point', () => {
  it('has the events of its parent up to there and its states, leaves the parent as it is, and ends as it does', () => {
    fc.assert(
      fc.property(story, ({ seed, turns, share }) => {
        const parent = run(seed, turns);
        const cut = cutAt(parent.journal, Math.ceil(share * parent.journal.length));
        const journal = structuredClone(parent.journal);
        const fork = new ModelHost(flow, { seed: seed + 1, behave });
        fork.journal.splice(0, fork.journal.length, ...parent.journal.slice(0, cut));
        for (const [ref, kept] of parent.values) fork.values.set(ref, kept);
        assert.deepEqual(essence(statesOf(fork.journal)), essence(statesOf(parent.journal.slice(0, cut))));
        fork.append(ROOT, { type: 'run.forked', parent: 'r', gseq: cut, step: null, input: null, outputs: [], handlers: {}, by: 'test' });
        fork.interrupt('rewound');
        const outcome = fork.finish().outcome();
        assert.deepEqual(parent.journal, journal);
        assert.deepEqual(fork.journal.slice(0, cut), parent.journal.slice(0, cut));
        assert.deepEqual(outcome, parent.finish().outcome());
      }),
      { numRuns: 60 },
    );
  });
});
