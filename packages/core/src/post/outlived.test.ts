import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodeMailbox } from './mailbox-text.ts';
import { evolveMailbox, KNOWN_MESSAGES, noMailbox, plainMailbox } from './mailbox.ts';
import type { MailboxState } from './mailbox.ts';
import type { PostEvent } from './message.ts';
import { followingMailbox } from './outlived.ts';

const mailbox = 'desk';
type Facts = readonly { readonly seq: number; readonly event: PostEvent }[];

function sent(id: string): PostEvent {
  const plain = { type: 'notification', from: 'a', to: mailbox, correlation: id, causation: null, priority: 5, deadline: null } as const;
  return { type: 'message.sent', mailbox, header: { ...plain, id, key: null, topic: null }, body: { v: id }, by: 'test' };
}

/** Facts at random, many of which do not apply: messages that are sent again before and after they are forgotten, and settle twice. */
function historyOf(seed: number, count: number): Facts {
  let chance = seed;
  const below = (most: number): number => {
    chance = (chance * 48_271) % 2_147_483_647;
    return chance % most;
  };
  const events: PostEvent[] = [{ type: 'mailbox.opened', mailbox, settings: { ...plainMailbox, capacity: 20 }, by: 'test' }];
  const recent: string[] = [];
  while (events.length < count) {
    const old = recent[below(Math.max(1, recent.length))] ?? '0';
    const id = below(8) === 0 ? old : String(events.length);
    const taker = { run: 'r', step: 's', key: `${id} ${events.length}` };
    const settled: PostEvent = { type: 'message.settled', mailbox, id, outcome: 'answered', reason: null, reply: null, by: 'test' };
    events.push(sent(id), { type: 'message.taken', mailbox, id, taker });
    if (below(5) === 0) events.push({ type: 'message.released', mailbox, id, reason: 'x' });
    if (below(300) === 0) events.push({ type: 'message.died', mailbox, id, reason: 'x' });
    else if (below(300) > 0) events.push(settled);
    if (below(20) === 0) events.push(settled);
    recent.push(id);
  }
  return events.map((event, index) => ({ seq: index + 1, event }));
}

function outlivedIn(facts: Facts): ReadonlySet<number> {
  const follow = followingMailbox();
  return new Set(facts.flatMap(({ seq, event }) => follow(event, seq)));
}

function fold(facts: Facts, from: MailboxState = noMailbox(mailbox)): MailboxState {
  return facts.reduce((state, { seq, event }) => evolveMailbox(state, event, seq, seq), from);
}

it('without the facts of messages that it has forgotten a mailbox comes to the same state, and goes on to the same ones', () => {
  const all = historyOf(1, 20_000);
  const [early, later] = [all.slice(0, 17_000), all.slice(17_000)];
  const outlived = outlivedIn(early);
  const kept = early.filter(({ seq }) => !outlived.has(seq));
  assert.ok(outlived.size > 1_000 && kept.length < 4 * KNOWN_MESSAGES, `${outlived.size} of ${early.length} facts went`);
  const [whole, rest] = [fold(early), fold(kept)];
  assert.equal(encodeMailbox(rest), encodeMailbox(whole));
  assert.equal(encodeMailbox(fold(later, rest)), encodeMailbox(fold(later, whole)));
  assert.equal(kept.at(-1)?.seq, early.at(-1)?.seq);
  // What was left can be looked through once more, and later facts with it.
  const both = [...kept, ...later];
  const again = outlivedIn(both);
  assert.ok(again.size > 0);
  assert.equal(encodeMailbox(fold(both.filter(({ seq }) => !again.has(seq)))), encodeMailbox(fold(all)));
});

it('of messages that are still known no fact goes', () => {
  const facts = historyOf(3, 3 * KNOWN_MESSAGES);
  assert.equal(outlivedIn(facts).size, 0);
});
