import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event, Recorded } from '@scriptorium/core';
import { recordedIn, rowsFor } from './event-rows.ts';
import type { JournalEvent } from './journal-event.ts';

type Given = Omit<Recorded<JournalEvent>, 'gseq'>;

const granted: Event = { type: 'chunk.granted', slots: 1 };

function given(actor: string, seq: number, { run = 'r', at = 5, event = granted }: Partial<Given> = {}): Given {
  return { run, actor, seq, at, event };
}

/** The numbers of the events of each row. */
function rowsOf(events: readonly Given[], after = 0): readonly (readonly number[])[] {
  const rows = rowsFor(events, after);
  const recorded = rows.flatMap(({ gseq, run, actor, seq, at, body, count }) => recordedIn([gseq, run, actor, seq, at, body, count]));
  assert.deepEqual(
    recorded,
    events.map((event, index) => ({ gseq: after + index + 1, ...event })),
    'all of it can be read again',
  );
  return rows.map(({ gseq, count }) => Array.from({ length: count }, (_, index) => gseq - count + 1 + index));
}

describe('a row holds', () => {
  it('what an actor did one after the other and at one time', () => {
    assert.deepEqual(rowsOf([given('a', 1), given('a', 2), given('a', 3)]), [[1, 2, 3]]);
    assert.deepEqual(rowsOf([given('a', 7), given('b', 1), given('b', 2), given('a', 8)], 40), [[41], [42, 43], [44]]);
  });

  it('nothing of another run or of another time', () => {
    assert.deepEqual(rowsOf([given('a', 1), given('a', 1, { run: 's' }), given('a', 2, { run: 's', at: 6 })]), [[1], [2], [3]]);
  });

  it('one fact about the engine itself', () => {
    const event = { type: 'limit.declared', pool: 'p', limit: {}, flow: 'f' } as const;
    assert.deepEqual(rowsOf([given('engine', 1, { run: '', event }), given('engine', 2, { run: '', event })]), [[1], [2]]);
  });

  it('no more than 128 events, and nothing after an event that fills it', () => {
    const many = Array.from({ length: 300 }, (_, index) => given('a', index + 1));
    assert.deepEqual(
      rowsOf(many).map(({ length }) => length),
      [128, 128, 44],
    );
    const event: Event = { type: 'run.cancelling', by: 'me', reason: 'x'.repeat(20_000) };
    assert.deepEqual(rowsOf(Array.from({ length: 5 }, (_, index) => given('a', index + 1, { event }))), [[1, 2], [3, 4], [5]]);
  });
});

it('of no events there are no rows', () => {
  assert.deepEqual(rowsFor([], 9), []);
});
