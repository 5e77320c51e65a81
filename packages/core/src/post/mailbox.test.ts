import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextMessage, overdue, takenBy } from './given-out.ts';
import { decodeMailbox, encodeMailbox } from './mailbox-text.ts';
import { afterLoss, evolveMailbox, isFull, KNOWN_MESSAGES, noMailbox, plainMailbox, settledMessage, settledMessages } from './mailbox.ts';
import type { HeldMessage, MailboxState } from './mailbox.ts';
import type { MessageHeader, PostEvent } from './message.ts';

const box = 'writer';

function sent(id: string, more: Partial<MessageHeader> = {}): PostEvent {
  const plain = { type: 'notification', from: 'a', to: box, correlation: id, causation: null, priority: 5, deadline: null } as const;
  return { type: 'message.sent', mailbox: box, header: { ...plain, id, key: null, topic: null, ...more }, body: { v: id }, by: 'test' };
}

function taken(id: string, key = `taker of ${id}`): PostEvent {
  return { type: 'message.taken', mailbox: box, id, taker: { run: 'r', step: 's', key } };
}

function settled(id: string): PostEvent {
  return { type: 'message.settled', mailbox: box, id, outcome: 'answered', reason: null, reply: null, by: 'test' };
}

function fold(events: readonly PostEvent[], from: MailboxState = noMailbox(box)): MailboxState {
  return events.reduce((state, event) => evolveMailbox(state, event, state.seq + 1, state.seq + 1), from);
}

const idOf = (state: MailboxState): string | null => nextMessage(state)?.header.id ?? null;

describe('a mailbox', () => {
  it('gives out the most urgent first, and of those the first that was sent', () => {
    const state = fold([sent('a'), sent('b', { priority: 9 }), sent('c', { priority: 9 })]);
    assert.equal(idOf(state), 'b');
    assert.equal(idOf(fold([taken('b')], state)), 'c');
  });

  it('keeps the order of one key, however urgent the later ones are, and of a dead one the rest goes on', () => {
    const state = fold([sent('a', { key: 'k' }), sent('b', { key: 'k', priority: 10 }), sent('c')]);
    assert.equal(idOf(state), 'a');
    assert.equal(idOf(fold([taken('a')], state)), 'c');
    assert.equal(idOf(fold([taken('a'), settled('a')], state)), 'b');
    assert.equal(idOf(fold([taken('a'), { type: 'message.died', mailbox: box, id: 'a', reason: 'x' }], state)), 'b');
  });

  it('knows a message that is sent again, also when it has settled', () => {
    const state = fold([sent('a'), taken('a'), settled('a'), sent('a')]);
    assert.deepEqual([state.held.size, settledMessages(state).length], [0, 1]);
  });

  it('remembers the latest that have settled, and forgets the others', () => {
    const many = Array.from({ length: KNOWN_MESSAGES + 5 }, (_, index) => String(index));
    const state = fold(many.flatMap((id) => [sent(id), settled(id)]));
    assert.ok(settledMessages(state).length > KNOWN_MESSAGES - 256 && settledMessages(state).length <= KNOWN_MESSAGES);
    assert.deepEqual([settledMessage(state, '4'), settledMessage(state, '600')?.header.id], [undefined, '600']);
  });

  it('tells what is overdue, and when the next one is', () => {
    const state = fold([sent('a', { deadline: 10 }), sent('b', { deadline: 30 }), sent('c', { deadline: 20 }), sent('d')]);
    assert.deepEqual(overdue(state, 10), { ids: ['a'], next: 20 });
  });

  it('is as text what it was, with the order of its messages', () => {
    const many = Array.from({ length: 600 }, (_, index) => String(index));
    const state = fold([...many.map((id) => sent(id)), taken('3'), settled('3'), taken('4')]);
    const read = decodeMailbox(encodeMailbox(state));
    assert.ok(read !== null);
    assert.deepEqual(
      [read.seq, [...read.held], settledMessages(read), nextMessage(read)?.header.id],
      [603, [...state.held], settledMessages(state), '0'],
    );
    assert.equal(decodeMailbox(encodeMailbox(state).replace('"version":1', '"version":0')), null);
  });

  it('holds what it promises, whatever happens', () => {
    for (let seed = 1; seed <= 200; seed += 1) play(seed);
  });
});

it('a mailbox of several pages gives out what one looked through message by message would', () => {
  let chance = 3;
  const below = (most: number): number => {
    chance = (chance * 48_271) % 2_147_483_647;
    return chance % most;
  };
  const messages = Array.from({ length: 700 }, (_, index) => {
    const key = below(2) === 0 ? null : `k${below(40)}`;
    return sent(String(index), { key, priority: 1 + below(10), deadline: below(900) });
  });
  let state = fold(messages);
  for (let turn = 0; turn < 600; turn += 1) {
    const next = nextMessage(state);
    assert.equal(next, plainNext(state));
    if (next === null) break;
    const { id } = next.header;
    state = fold([taken(id, `taker ${id}`)], state);
    assert.equal(takenBy(state, `taker ${id}`)?.header.id, id);
    if (below(4) > 0) state = fold([below(5) === 0 ? { type: 'message.died', mailbox: box, id, reason: 'x' } : settled(id)], state);
  }
  const deadlines = [...state.held.values()].map(({ header: { deadline } }) => deadline ?? 0);
  const { ids, next } = overdue(state, 300);
  assert.deepEqual([ids.length, next], [deadlines.filter((at) => at <= 300).length, Math.min(...deadlines.filter((at) => at > 300))]);
});

/** A thousand facts at random, some of which do not apply; a list of what is to be true beside. */
function play(seed: number): void {
  let chance = seed;
  const below = (most: number): number => {
    chance = (chance * 48_271) % 2_147_483_647;
    return chance % most;
  };
  let state = fold([{ type: 'mailbox.opened', mailbox: box, settings: { ...plainMailbox, capacity: 20, deliveries: 2 }, by: 'test' }]);
  const begun = new Map<string, string[]>();
  let ids = 0;
  for (let turn = 0; turn < 200; turn += 1) {
    const next = nextMessage(state);
    const held = [...state.held.values()];
    const some = held[below(Math.max(1, held.length))];
    const act = below(6);
    if (act <= 1 && !isFull(state)) {
      ids += 1;
      const key = below(3) === 0 ? null : `k${below(3)}`;
      state = fold([sent(String(ids), { key, priority: 1 + below(10) })], state);
    } else if (act === 2 && next !== null) {
      state = fold([taken(next.header.id, `taker ${turn}`)], state);
      const { key, id } = next.header;
      if (key !== null && next.deliveries === 0) begun.set(key, [...(begun.get(key) ?? []), id]);
      assert.equal(takenBy(state, `taker ${turn}`)?.header.id, id);
    } else if (act === 3 && some?.at.type === 'taken') state = fold([settled(some.header.id)], state);
    else if (act === 4 && some?.at.type === 'taken') state = fold([afterLoss(state, some, 'gone')], state);
    else if (some !== undefined)
      state = fold([taken(some.header.id, 'nobody'), sent(some.header.id)].slice(some.at.type === 'queued' ? 1 : 0), state);
    check(state, begun);
  }
}

/** Said plainly: every message is looked at. */
function plainNext(state: MailboxState): HeldMessage | null {
  const busy = new Set<string>();
  let next: HeldMessage | null = null;
  for (const message of state.held.values()) {
    const { key, priority } = message.header;
    if (message.at.type === 'dead' || (key !== null && busy.has(key))) continue;
    if (key !== null) busy.add(key);
    if (message.at.type === 'queued' && (next === null || priority > next.header.priority)) next = message;
  }
  return next;
}

function check(state: MailboxState, begun: ReadonlyMap<string, readonly string[]>): void {
  const busy = [...state.held.values()].filter(({ at }) => at.type === 'taken').flatMap(({ header }) => header.key ?? []);
  assert.equal(nextMessage(state), plainNext(state));
  assert.equal(new Set(busy).size, busy.length, 'two of one key are worked on');
  assert.ok(state.held.size <= 20 && [...state.held.values()].every(({ deliveries }) => deliveries <= 2));
  assert.ok([...state.held.keys()].every((id) => settledMessage(state, id) === undefined));
  for (const order of begun.values())
    assert.deepEqual(
      order,
      order.toSorted((a, b) => Number(a) - Number(b)),
    );
}
