import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeState, foldActor, ROOT } from '@scriptorium/core';
import type { Event, Recorded } from '@scriptorium/core';
import { foldFrom } from './actor-fold.ts';
import type { Snapshot } from './snapshot-rows.ts';

const started = {
  type: 'run.started',
  flow: { name: 'f', version: '1.0.0', hash: 'f' },
  input: {},
  options: { mode: 'flexible', test: false, dryRun: false, limit: null, out: 'out', fresh: false, modules: [] },
  by: 'me',
} as unknown as Event;
const received = (n: number): Event => ({ type: 'signal.received', id: `s${n}`, name: 'paid', payload: { v: n }, by: 'me', unfit: [] });

/** More events than are read at once. */
const events = [started, ...Array.from({ length: 2_345 }, (_, n) => received(n))];

function record(own: readonly Event[]): readonly Recorded[] {
  return own.map((event, index) => ({ run: 'r', actor: ROOT, seq: index + 1, gseq: index + 1, at: 10 * index, event }));
}

/** `keptAt`: the number of the event after which a snapshot was taken, if one was. */
function fold(own: readonly Recorded[], keptAt: number | null): ReturnType<typeof foldFrom> & { readonly mostAtOnce: number } {
  let mostAtOnce = 0;
  const state = keptAt === null ? null : foldActor(own.slice(0, keptAt));
  const kept: Snapshot | null = state === null ? null : { run: 'r', actor: ROOT, seq: state.seq, body: Buffer.from(encodeState(state)) };
  const folded = foldFrom(
    {
      readActor: (_run, _actor, after = 0, limit = Infinity) => {
        const page = own.filter(({ seq }) => seq > after).slice(0, limit);
        mostAtOnce = Math.max(mostAtOnce, page.length);
        return page;
      },
      snapshot: () => kept,
    },
    'r',
    ROOT,
  );
  return { ...folded, mostAtOnce };
}

describe('the state of an actor from its journal', () => {
  it('is the fold of all its events, of which a thousand are in memory at once, wherever it was kept', () => {
    const own = record(events);
    const whole = { state: foldActor(own), seq: own.length, at: own.at(-1)?.at };
    for (const keptAt of [null, 1_346, own.length]) {
      const { mostAtOnce, ...folded } = fold(own, keptAt);
      assert.deepEqual(folded, whole);
      assert.ok(mostAtOnce <= 1_000, `${mostAtOnce} at once`);
    }
  });

  it('counts what was taken back for nothing, before and after the state that was kept', () => {
    const rolledBack = { type: 'actor.rolled_back', to: 1_500 } as unknown as Event;
    const own = record([...events, rolledBack, received(9_999)]);
    const whole = { state: foldActor(own), seq: own.length, at: own.at(-1)?.at };
    for (const keptAt of [1_200, 2_000]) {
      const { mostAtOnce: _, ...folded } = fold(own, keptAt);
      assert.deepEqual(folded, whole);
    }
  });

  it('of which nothing is recorded is none', () => {
    const { mostAtOnce: _, ...folded } = fold([], null);
    assert.deepEqual(folded, { state: null, seq: 0, at: 0 });
  });
});
