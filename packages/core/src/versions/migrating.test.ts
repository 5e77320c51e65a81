import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { $, call, each, event, flowOf, lit, obj, scope, states, to, value, wait } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';
import type { Behaviour } from '../../test/model-host.ts';
import { assertUndone, playSaga, saga } from '../../test/sagas.ts';
import { amend, amendmentsOf, ROOT } from '../index.ts';
import type { Flow, Migration, Node } from '../index.ts';

interface Policies {
  readonly retries?: number;
  readonly workers?: number;
  readonly tolerate?: number;
}

function steps({ retries = 2, workers = 3, tolerate = 0 }: Policies = {}): Node {
  const retry = [{ errors: [], max: retries, delay: 10, factor: 1, cap: 10 }];
  const item = scope(
    'all',
    [
      call('all/first', 'try/first', $('item'), { retry }),
      call('all/second', 'try/second', $('first'), { needs: ['first'], retry }),
      states('all/loop', [
        call('all/loop/ask', 'try/ask', $('visits'), { retry, max: 3, next: [to('ask', 'visits < 2'), to('done')] }),
        value('all/loop/done', $('ask')),
      ]),
    ],
    obj({ second: $('second'), loop: $('loop') }),
    { needs: ['list'], each: each('list', { workers, tolerate }) },
  );
  const end = call('end', 'try/end', $('all.ok.size()'), { needs: ['all'], retry });
  return scope('', [value('list', lit(null), {}), item, end], obj({ end: $('end'), items: $('all.ok.map(x, x.second)') }));
}

function listed(root: Node, size: number): Node {
  if (root.do.k !== 'and') return root;
  const list = value('list', { lit: Array.from({ length: size }, (_, index) => index) });
  return { ...root, do: { ...root.do, steps: [list, ...root.do.steps.slice(1)] } };
}

function flow(version: string, root: Node, migrate: readonly Migration[] = []): Flow {
  return { ...flowOf(root), version, hash: `sha256:${version}`, migrate };
}

/** Each first attempt of some fails; what is given comes back with the name of the handler. */
const behave: Behaviour = (uses, input, { key, attempt }) =>
  attempt === 1 && (key ?? '').endsWith('1')
    ? { fail: { code: 'io', message: 'not yet' } }
    : { ok: `${uses} ${typeof input === 'object' ? 'x' : String(input)}` };

/** As far as `turns` random turns lead. */
function begun(of: Flow, seed: number, turns: number): ModelHost {
  const host = new ModelHost(of, { seed, behave });
  for (let turn = 0; turn < turns; turn += 1) if (!host.turn()) break;
  return host;
}

describe('a run that adopts other policies', () => {
  it('wherever it stands, ends as one that had them from the start', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer({ min: 1 }),
          turns: fc.nat(60),
          size: fc.integer({ min: 1, max: 6 }),
          workers: fc.integer({ min: 1, max: 5 }),
        }),
        ({ seed, turns, size, workers }) => {
          const newer = flow('1.0.1', listed(steps({ retries: 5, workers, tolerate: 1 }), size));
          const host = begun(flow('1.0.0', listed(steps(), size)), seed, turns);
          const before = host.outcome();
          const plan = host.migrate(newer);
          assert.equal(plan.type, 'migratable');
          const whole = new ModelHost(newer, { seed, behave }).finish();
          assert.deepEqual(before ?? host.finish().outcome(), whole.outcome());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is replayed to the same states, whatever it was in the midst of', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.nat(60), (seed, turns) => {
        const host = begun(flow('1.0.0', listed(steps(), 4)), seed, turns);
        host.migrate(flow('1.0.1', listed(steps({ workers: 1 }), 4)));
        host.finish();
        const states = new Map(host.actors);
        host.replay();
        assert.deepEqual(new Map(host.actors), states);
      }),
      { numRuns: 40 },
    );
  });

  it('goes by exactly one definition at each of its events', () => {
    const host = begun(flow('1.0.0', listed(steps(), 3)), 7, 12);
    host.migrate(flow('1.0.1', listed(steps({ workers: 1 }), 3)));
    const migrated = host.journal.findIndex(({ event }) => event.type === 'run.migrated');
    const { event } = host.journal[migrated] ?? {};
    assert.deepEqual(event?.type === 'run.migrated' && [event.before, event.flow.hash], ['sha256:1.0.0', 'sha256:1.0.1']);
    const beside = host.journal.slice(migrated + 1).filter((recorded) => recorded.event.type === 'actor.migrated');
    assert.deepEqual(
      beside.map(({ gseq }) => gseq),
      beside.map((_, index) => migrated + 2 + index),
    );
    assert.equal(host.migrate(flow('1.0.1', listed(steps({ workers: 1 }), 3))).type, 'unaffected');
  });
});

describe('a run whose steps are renamed', () => {
  const older = flow(
    '1.0.0',
    scope('', [call('write', 'try/write'), call('send', 'try/send', $('write'), { needs: ['write'] })], $('send')),
  );
  const renamed = (map: Migration['map'], assume: Migration['assume'] = {}): Flow =>
    flow(
      '2.0.0',
      scope(
        '',
        [
          call('tone', 'try/tone'),
          call('draft', 'try/write', lit(null), { needs: ['tone'] }),
          call('send', 'try/send', obj({ text: $('draft'), tone: $('tone') }), { needs: ['draft', 'tone'] }),
        ],
        $('send'),
      ),
      [{ from: '^1.0.0', map, assume }],
    );
  const echo: Behaviour = (uses, input) => ({ ok: { uses, input: input as never } });
  const at = (done: readonly string[], startNext = false): ModelHost => {
    const host = new ModelHost(older, { behave: echo });
    for (const node of done) {
      host.start(`root/0:${node}:1`);
      host.end(`root/0:${node}:1`);
    }
    if (startNext) host.start([...host.waiting.keys()][0] ?? '');
    return host;
  };

  it('keeps what they gave under their new names, and runs what is new', () => {
    const host = at(['write']);
    assert.equal(host.migrate(renamed({ write: 'draft' })).type, 'migratable');
    assert.equal(host.root().open.get(0)?.steps.get('draft')?.type, 'succeeded');
    const started = host.finish().journal.flatMap(({ event }) => (event.type === 'attempt.started' ? [event.node] : []));
    assert.deepEqual(started, ['write', 'tone', 'send']);
  });

  it('is given what is assumed of a new step that it is past', () => {
    const host = at(['write'], true);
    const plan = host.migrate(renamed({ write: 'draft' }, { tone: { lit: 'calm' } }));
    assert.deepEqual(plan.type === 'migratable' && plan.assumed.get(ROOT), [{ item: 0, node: 'tone', output: { v: 'calm' } }]);
    const started = host
      .finish()
      .journal.flatMap(({ event }) => (event.type === 'attempt.started' ? [`${event.node} ${event.attempt}`] : []));
    assert.deepEqual(started, ['write 1', 'send 1', 'send 2']);
    assert.deepEqual((host.outcome()?.output as { input: { tone: string } }).input.tone, 'calm');
  });

  it('is blocked where something that has begun would have to wait for a new step', () => {
    const plan = at(['write'], true).migrate(renamed({ write: 'draft' }));
    assert.deepEqual(plan, { type: 'blocked', reasons: ['send has begun, and waits for tone now: give `assume` an output for it'] });
  });

  it('is blocked where a step that is gone is being tried, and forgets one that is done', () => {
    assert.deepEqual(at([], true).migrate(renamed({ write: null })), { type: 'blocked', reasons: ['write is being tried, and is gone'] });
    const host = at(['write']);
    assert.equal(host.migrate(renamed({ write: null })).type, 'migratable');
    assert.equal(host.root().open.get(0)?.steps.has('write'), false);
  });

  it('is blocked where nothing says what becomes of a step that it knows', () => {
    const plan = at(['write']).migrate(renamed({}));
    assert.deepEqual(plan.type === 'blocked' && plan.reasons, [
      'write is not in the new definition, and `migrate` does not say what becomes of it',
    ]);
  });

  it('stays where it is when no `from` covers its version, or it is of a later one', () => {
    const elsewhere = { ...renamed({}), migrate: [{ from: '^1.5.0', map: {}, assume: {} }] };
    assert.equal(at([]).migrate(elsewhere).type, 'pinned');
    assert.deepEqual(at([]).migrate({ ...older, version: '0.9.0', hash: 'sha256:past' }), {
      type: 'pinned',
      reason: 'it is of version 1.0.0 already',
    });
  });

  it('shows what it did before under the names that its steps have now', () => {
    const host = at(['write']);
    host.migrate(renamed({ write: 'draft' }));
    const amendments = amendmentsOf(host.finish().journal);
    const nodes = host.journal.flatMap((recorded) => {
      const event = amend(amendments, recorded)?.event;
      return event?.type === 'attempt.succeeded' ? [event.node] : [];
    });
    assert.deepEqual(nodes, ['draft', 'tone', 'send']);
  });
});

describe('a run of items', () => {
  const inside = (name: string, body: string): Node =>
    scope('', [scope(name, [call(`${name}/${body}`, 'try/x', $('item'))], $(body), { each: each('[1, 2, 3]') })], $(`${name}.ok.size()`));

  it('renames steps inside of items that are under way', () => {
    const host = new ModelHost(flow('1.0.0', inside('all', 'work')), { behave: () => ({ ok: 1 }) });
    host.turn();
    const newer = flow('2.0.0', inside('all', 'labour'), [{ from: '^1.0.0', map: { 'all/work': 'all/labour' }, assume: {} }]);
    assert.equal(host.migrate(newer).type, 'migratable');
    assert.deepEqual(host.finish().outcome()?.output, 3);
  });

  it('is blocked where the `each` itself has another path and items are under way', () => {
    const host = new ModelHost(flow('1.0.0', inside('all', 'work')), { behave: () => ({ ok: 1 }) });
    host.turn();
    const plan = host.migrate(flow('2.0.0', inside('each', 'work'), [{ from: '^1.0.0', map: { all: 'each' }, assume: {} }]));
    assert.deepEqual(plan, { type: 'blocked', reasons: ['items of all are under way, and it has another path'] });
  });

  it('is blocked where its items would read what they were not given', () => {
    const reading = (captures: string[]): Node =>
      scope(
        '',
        [
          value('word', lit('w')),
          scope('all', [call('all/x', 'try/x', $(captures[0] ?? 'item'))], $('x'), { needs: ['word'], each: each('[1, 2]', { captures }) }),
        ],
        $('all.ok.size()'),
      );
    const host = new ModelHost(flow('1.0.0', reading([])), { behave: () => ({ ok: 1 }) });
    const plan = host.migrate(flow('2.0.0', reading(['word']), [{ from: '^1.0.0', map: {}, assume: {} }]));
    assert.deepEqual(plan, { type: 'blocked', reasons: ['items of all began without word, which its steps read now'] });
  });

  it('in a state keeps the visits and outputs of its states under their new names', () => {
    const machine = (name: string): Node =>
      scope(
        '',
        [
          states('talk', [
            call(`talk/${name}`, 'try/x', lit(1), { max: 5, next: [to(name, 'visits < 3'), to('end')] }),
            value('talk/end', $(name)),
          ]),
        ],
        $('talk'),
      );
    const host = new ModelHost(flow('1.0.0', machine('ask')), { behave: (_uses, _input, { attempt }) => ({ ok: attempt }) });
    host.turn();
    host.turn();
    const newer = flow('2.0.0', machine('query'), [{ from: '^1.0.0', map: { 'talk/ask': 'talk/query' }, assume: {} }]);
    assert.equal(host.migrate(newer).type, 'migratable');
    const entered = host.finish().journal.flatMap(({ event }) => (event.type === 'state.entered' ? [`${event.state} ${event.visit}`] : []));
    assert.deepEqual(entered, ['ask 1', 'ask 2', 'query 3', 'end 1']);
    assert.equal(host.outcome()?.status, 'succeeded');
  });
});

describe('a run that has a signal', () => {
  it('which does not fit a wait does not fit it under its new name either', () => {
    const waits = (version: string, name: string, migrate: readonly Migration[] = []): Flow =>
      flow(version, scope('', [wait(name, event('paid'))], $(name)), migrate);
    const host = new ModelHost(waits('1.0.0', 'a'));
    host.signal('1', 'paid', 'nonsense', ['a']);
    const plan = host.migrate(waits('2.0.0', 'b', [{ from: '^1.0.0', map: { a: 'b' }, assume: {} }]));
    assert.deepEqual([plan.type, host.finish().outcome()], ['migratable', null]);
    host.signal('2', 'paid', 'sense');
    assert.equal(host.outcome()?.output, 'sense');
  });
});

describe('a run that undoes what it did', () => {
  it('is blocked until that is done, or moved with all that can still be undone', () => {
    fc.assert(
      fc.property(saga, fc.nat(60), (one, turns) => {
        const host = playSaga({ ...one, crashes: [], cancelAt: null }, 0, {}, (live, turn) => {
          if (turn !== turns) return;
          const isUndoing = [...live.actors.values()].some(({ open }) =>
            [...open.values()].some(({ steps }) => [...steps.values()].some(({ type }) => type === 'undoing')),
          );
          const plan = live.migrate({ ...live.flow, version: '1.0.1', hash: 'sha256:newer' });
          assert.equal(plan.type, isUndoing ? 'blocked' : 'migratable');
        });
        assertUndone(host);
      }),
      { numRuns: 150 },
    );
  });
});
