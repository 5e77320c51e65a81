/** Mistakes in mailboxes, in who has which message, and in what those who wait are told. */

import type { Mutant } from './mutant.ts';

export const postMutants: readonly Omit<Mutant, 'level'>[] = [
  {
    name: 'messages of one key are worked on beside each other',
    file: 'post/given-out.ts',
    from: 'else if (!keyed.has(key)) keyed.set(key, message);',
    to: `else if (!keyed.has(key) && at.type === 'queued') keyed.set(key, message);`,
  },
  {
    name: 'the last of the urgent messages comes first',
    file: 'post/given-out.ts',
    from: 'other.header.priority > one.header.priority',
    to: 'other.header.priority >= one.header.priority',
  },
  {
    name: 'a message that has settled is forgotten',
    needs: ['do again'],
    file: 'post/mailbox.ts',
    from: 'return state.held.has(id) || settledMessage(state, id) !== undefined;',
    to: 'return state.held.has(id);',
  },
  {
    name: 'a mailbox holds one message too many',
    file: 'post/mailbox.ts',
    from: 'held.size >= settings.capacity',
    to: 'held.size > settings.capacity',
  },
  {
    name: 'a message is given out once too often',
    file: 'post/mailbox.ts',
    from: 'deliveries >= settings.deliveries',
    to: 'deliveries > settings.deliveries',
  },
  {
    name: 'a dead letter that is given out again has no deliveries left',
    needs: ['do redeliver'],
    file: 'post/mailbox.ts',
    from: `{ ...held, deliveries: 0, at: { type: 'queued' } }`,
    to: `{ ...held, at: { type: 'queued' } }`,
  },
  {
    name: 'what a failed run had is done',
    file: 'engine/src/post/leases.ts',
    from: `if (status === 'succeeded') finish(name, isOf);`,
    to: 'if (status !== null) finish(name, isOf);',
  },
  {
    name: 'the next engine does not know who has messages',
    needs: ['what'],
    file: 'engine/src/post/post.ts',
    from: 'leases.restore(ports.endOf);',
    to: '',
  },
  {
    name: 'the next engine does not look at the times of messages',
    needs: ['what', 'withinMs'],
    file: 'engine/src/post/post.ts',
    from: 'for (const { name } of boxes.all()) later(name);\n    },\n    close',
    to: '},\n    close',
  },
  {
    name: 'the time of a message is never over',
    needs: ['withinMs'],
    file: 'engine/src/post/post.ts',
    from: 'if (next !== null) ports.timers.set',
    to: 'if (next === 0) ports.timers.set',
  },
  {
    name: 'somebody who asks for more keeps what they had',
    file: 'engine/src/post/post-handlers.ts',
    from: 'post().finish(mailbox, taker);',
    to: '',
  },
  {
    name: 'what is published is put into full mailboxes',
    needs: ['do publish'],
    file: 'engine/src/post/post.ts',
    from: 'for (const box of fresh) requireRoom(box);',
    to: '',
  },
  {
    name: 'only who waits for messages is told',
    file: 'engine/src/post/post.ts',
    from: `: looks.isSettled(name, id)) tell`,
    to: `: looks.isSettled(name, '')) tell`,
  },
  {
    name: 'what is published reaches one mailbox after the other',
    needs: ['do publish'],
    file: 'engine/src/post/post.ts',
    from: 'boxes.commit(fresh.map(({ name }) => sent(name, draft, topic, by)));',
    to: 'for (const { name } of fresh) boxes.commit([sent(name, draft, topic, by)]);',
  },
  {
    name: 'a message is told of before it is written',
    needs: ['commit'],
    file: 'engine/src/post/boxes.ts',
    from: 'journal.commit({ events: entries, values: values.takeNew(), snapshots });',
    to: 'queueMicrotask(() => journal.commit({ events: entries, values: values.takeNew(), snapshots }));',
  },
];
