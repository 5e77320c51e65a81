import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { $, call, each, event, flow, obj, scope, value, wait } from '../test/ir.ts';
import { ModelHost } from '../test/model-host.ts';
import { playSaga, saga } from '../test/sagas.ts';
import { forkHere, turnBack } from '../test/turning-back.ts';
import { decodeState, encodeState, evolveProgress, foldActor, foldOn, PROGRESS_VERSION, startProgress, STATE_VERSION } from './index.ts';
import type { ActorState, Flow, ProgressView, Recorded } from './index.ts';

/** A flow of chunks whose items wait for signals, and the same with a step that has another name. */
const waitingFlow = (name: string): Flow => ({
  ...flow(
    [
      value('list', { lit: [1, 2, 3, 4] }),
      scope(
        'all',
        [
          call('all/first', 'first', $('item'), { retry: [{ errors: [], max: 2, delay: 5, factor: 1, cap: 5 }] }),
          wait(`all/${name}`, event('paid', { match: 'event.order == first', reads: ['first'] }), { needs: ['first'] }),
        ],
        obj({ first: $('first') }),
        { needs: ['list'], each: each('list', { workers: 3 }) },
      ),
    ],
    $('all.ok.size()'),
  ),
  hash: name,
});

/** For every actor of the journal and every place in its events: the fold from a state kept there is the fold of all. */
function assertNeutral(journal: readonly Recorded[]): number {
  let used = 0;
  for (const own of Map.groupBy(journal, ({ actor }) => actor).values()) {
    const whole = foldActor(own);
    for (let place = 1; place <= own.length; place += 1) {
      const state = foldActor(own.slice(0, place));
      if (state === null) continue;
      const kept = decodeState(encodeState(state));
      assert.deepEqual(kept, state);
      const rest = own.slice(place);
      const folded = foldOn(kept ?? state, rest);
      const turnsBack = rest.some(({ event: { type, ...more } }) => type.endsWith('rolled_back') && 'to' in more && more.to < state.seq);
      assert.equal(folded === null, turnsBack);
      if (folded === null) continue;
      used += 1;
      assert.deepEqual(folded, whole);
    }
  }
  return used;
}

describe('a state that was kept and the events after it', () => {
  it('are all events, wherever it was kept, in runs that fail, race, undo, loop, are taken back or forked', () => {
    let used = 0;
    const turns = fc.array(fc.record({ at: fc.nat(60), share: fc.double({ min: 0, max: 1, noNaN: true }), forks: fc.boolean() }), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(saga, turns, (one, turnings) => {
        const host = playSaga({ ...one, crashes: [], cancelAt: null }, 20, {}, (playing, turn) => {
          for (const { at, share, forks } of turnings) if (at === turn) (forks ? forkHere : turnBack)(playing, share);
        });
        used += assertNeutral(host.journal);
      }),
      { numRuns: 40 },
    );
    assert.ok(used > 1_000, `${used} states`);
  });

  it('are all events in runs that wait for signals, are migrated and taken back', () => {
    const stories = fc.record({ seed: fc.nat(), moves: fc.array(fc.constantFrom('turn', 'signal', 'back', 'migrate'), { maxLength: 60 }) });
    fc.assert(
      fc.property(stories, ({ seed, moves }) => {
        const host = new ModelHost(waitingFlow('pay'), { seed, behave: (_, input) => ({ ok: input as number }) });
        for (const [index, move] of moves.entries()) {
          if (move === 'turn') host.turn();
          else if (move === 'signal') host.signal(`s${index}`, 'paid', { order: index % 5 });
          else if (move === 'back' && host.root().status !== 'settled') turnBack(host, 0.8);
          else if (move === 'migrate' && host.root().status !== 'settled') host.migrate(waitingFlow(`pay${index}`));
        }
        assertNeutral(host.journal);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the text of a state', () => {
  const { journal } = new ModelHost(waitingFlow('pay'));
  const state = foldActor(journal.filter(({ actor }) => actor === 'root')) as ActorState;

  it('holds values apart that look like what it is made of', () => {
    const input = { $: 'map', of: [[1, 2]], deep: [{ $: 'set', of: [1] }, { $: null }] };
    const odd = { ...state, kind: { ...state.kind, input } } as ActorState;
    assert.deepEqual(decodeState(encodeState(odd)), odd);
  });

  it('is none when another version wrote it, or it is cut', () => {
    const text = encodeState(state);
    assert.equal(decodeState(text.replace(`"version":${STATE_VERSION}`, `"version":${STATE_VERSION + 1}`)), null);
    assert.equal(decodeState(text.slice(0, -1)), null);
    assert.equal(decodeState('null'), null);
  });

  it('is what this version has always made of the same events', () => {
    const kept = JSON.parse(readFileSync(new URL('../test/fixtures/kept-journal.json', import.meta.url), 'utf8')) as readonly Recorded[];
    const texts = [...Map.groupBy(kept, ({ run, actor }) => `${run} ${actor}`).values()].flatMap((own) =>
      own.map((_, index) => encodeState(foldActor(own.slice(0, index + 1)) as ActorState)),
    );
    const plain = (_: string, one: unknown): unknown => (one instanceof Map || one instanceof Set ? { entries: [...one] } : one);
    const views = kept
      .filter(({ run }) => run === 'w')
      .reduce<{ readonly view: ProgressView; readonly text: string }>(
        ({ view, text }, recorded) => ({ view: evolveProgress(view, recorded), text: text + JSON.stringify(view, plain) }),
        { view: startProgress(waitingFlow('pay2')), text: '' },
      );
    assert.deepEqual(
      [PROGRESS_VERSION, hash('sha256', views.text)],
      [6, 'ddf94aa2ad1a803100b37da865a3407dc588c60902ac23ffdedaa018da6c146f'],
      'the progress of the same events is another one: raise PROGRESS_VERSION, and write the new hash here',
    );
    assert.deepEqual(
      [STATE_VERSION, hash('sha256', texts.join('\n'))],
      [3, 'a8d8b5de31b0220de39bba0d3efe7745b90268b942ffbe8a777dffb02f60f433'],
      'evolve makes something else of the same events: raise STATE_VERSION, and write the new hash here',
    );
  });
});
