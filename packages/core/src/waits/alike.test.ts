import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evolve } from '../index.ts';
import type { ActorState, Event, ItemState } from '../index.ts';

const started: Event = {
  type: 'chunk.started',
  parent: { actor: 'root', item: 0 },
  node: 'paid',
  chunk: 0,
  offset: 0,
  size: 8,
  page: 'sha256:0',
  env: {},
  slots: 8,
};
const begun = (item: number, ask?: string): Event => ({ type: 'wait.begun', item, node: 'paid', ...(ask === undefined ? {} : { ask }) });
const told = (item: number): Event => ({ type: 'wait.subscribed', item, node: 'paid' });

function chunkAfter(events: readonly (readonly [at: number, event: Event])[]): ActorState {
  let state: ActorState | null = null;
  for (const [index, [at, event]] of ([[0, started], ...events] as const).entries())
    state = evolve(state, { run: 'r', actor: 'root/0:paid:0', seq: index + 1, at, event });
  assert.ok(state !== null);
  return state;
}

describe('items that wait', () => {
  it('are one value where they are the same in everything', () => {
    const { open } = chunkAfter([
      [5, begun(0)],
      [5, begun(1)],
      [5, told(0)],
      [5, told(1)],
    ]);
    assert.equal(open.get(0), open.get(1));
  });

  it('are what they are where anything differs', () => {
    const { open } = chunkAfter([
      [5, begun(0)],
      [6, begun(1)],
      [6, begun(2, 'Go on?')],
      [6, begun(3)],
      [7, told(3)],
    ]);
    const [first, later, asked, subscribed] = [0, 1, 2, 3].map((item) => waitOf(open.get(item)));
    const plain = { type: 'waiting', at: 6, due: null, ask: null, subscribed: false, end: null };
    assert.deepEqual([first, later], [{ ...plain, at: 5 }, plain]);
    assert.deepEqual(
      [asked, subscribed],
      [
        { ...plain, ask: 'Go on?' },
        { ...plain, subscribed: true },
      ],
    );
  });

  it('go their own ways when one of them is over', () => {
    const { open } = chunkAfter([
      [5, begun(0)],
      [5, begun(1)],
      [9, { type: 'wait.over', item: 0, node: 'paid' }],
    ]);
    assert.deepEqual(
      [waitOf(open.get(0)), waitOf(open.get(1))].map((step) => step?.type === 'waiting' && step.end),
      [{ type: 'over' }, null],
    );
  });
});

function waitOf(item: ItemState | undefined): ReturnType<ItemState['steps']['get']> {
  return item?.steps.get('paid');
}
