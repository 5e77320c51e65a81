/**
 * The steps of messages: `core/send` and `core/publish` say something, `core/request` waits for what becomes of it,
 * `core/receive` takes what there is, and `core/reply` says what became of that. The id of a message is the idempotency
 * key of the step that sends it, so that it is one message however often the step is tried.
 */

import {
  defineHandler,
  GoOn,
  HostError,
  MAX_MESSAGE_PRIORITY,
  messageTypes,
  NORMAL_MESSAGE_PRIORITY,
  parseDuration,
  parseInstant,
  StepError,
} from '@scriptorium/core';
import type { Context, Handler, Instant, Json, JsonObject, MessageHeader, MessageType, PartResult, Schema, Taker } from '@scriptorium/core';
import { AWAIT_POST, awaitPost } from './await-post.ts';
import type { Awaited } from './await-post.ts';
import type { Draft, Post, Received } from './post.ts';

/** A message as steps see it. */
export interface ShownMessage extends JsonObject {
  readonly id: string;
  readonly type: MessageType;
  readonly from: string;
  readonly to: string;
  readonly payload: Json;
  readonly correlation: string;
  readonly causation: string | null;
  readonly priority: number;
  /** ISO 8601. */
  readonly deadline: string | null;
  readonly key: string | null;
  readonly topic: string | null;
  readonly context: Json;
}

interface SendInput {
  /** Of what nobody is asked to answer; a request is one. */
  readonly type?: 'notification' | 'error';
  readonly payload: Json;
  readonly from?: string;
  readonly key?: string | null;
  readonly priority?: number;
  /** Instead of a deadline: how long from now. */
  readonly within?: string;
  readonly deadline?: string | null;
  readonly correlation?: string;
  readonly causation?: string | null;
  readonly context?: Json;
}

interface ReceiveInput {
  readonly mailbox: string;
  readonly accepts?: Schema;
  readonly topics?: readonly string[];
  readonly capacity?: number;
  readonly deliveries?: number;
  readonly within?: string;
}

interface ReplyInput {
  readonly message: ShownMessage;
  readonly payload?: Json;
  readonly outcome?: 'answered' | 'refused' | 'returned';
  readonly reason?: string;
}

/** How long somebody waits who says nothing of it. */
const REQUEST_WITHIN = '1d';

/** The note of how long a step waits. */
const UNTIL = 'until';
const WAITED = 'waited';

const name: Schema = { type: 'string', pattern: '^[a-z][A-Za-z0-9_./-]{0,199}$' };
const text: Schema = { type: 'string', minLength: 1, maxLength: 1_024 };
const optionalText: Schema = { type: ['string', 'null'], maxLength: 1_024 };
const priority: Schema = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_MESSAGE_PRIORITY,
  description: 'the most urgent is 10; 5 unless given',
};
const within: Schema = { type: 'string', description: 'how long it counts, as in 2h' };

/** JSON Schema of a message. */
export const messageSchema: Schema = {
  type: 'object',
  title: 'Message',
  required: ['id', 'type', 'from', 'to', 'payload', 'correlation', 'causation', 'priority', 'deadline', 'key', 'topic', 'context'],
  properties: {
    id: text,
    type: { enum: [...messageTypes] },
    from: text,
    to: text,
    payload: true,
    correlation: text,
    causation: optionalText,
    priority,
    deadline: optionalText,
    key: optionalText,
    topic: optionalText,
    context: true,
  },
};

const sending: JsonObject = {
  payload: { description: 'what it says: what the receiver accepts' },
  from: { ...text, description: 'who says it; the step unless given' },
  key: { ...optionalText, description: 'messages with one key are worked on one after the other' },
  priority,
  within,
  deadline: { ...optionalText, description: 'an instant, in place of `within`' },
  correlation: text,
  causation: optionalText,
  context: { description: 'what the receiver has to know for it' },
};

const errors = {
  'message.refused': 'The receiver refused, or does not accept such a payload.',
  'message.returned': 'The receiver handed the work back, with what was done and why not more.',
  'message.undelivered': 'Nobody came to an end with it, or somebody discarded it.',
};

/** Of what waits for nothing. */
const type: Schema = {
  enum: ['notification', 'error'],
  description: 'error, where it says that something went wrong; notification unless given',
};

function sender(to: 'to' | 'topic', output: Schema, doc: string, handlerName: string, run: Handler['run']): Handler {
  return defineHandler({
    name: handlerName,
    version: '1.0.0',
    doc,
    effects: 'write',
    idempotent: true,
    input: {
      type: 'object',
      required: [to, 'payload'],
      properties: { [to]: name, ...sending, ...(handlerName === 'core/request' ? {} : { type }) },
      additionalProperties: false,
    },
    output,
    errors: handlerName === 'core/request' ? errors : { 'message.refused': errors['message.refused'] },
    ...(handlerName === 'core/request' ? { flows: [awaitPost] } : {}),
    run: run as (input: Json, context: Context) => Json,
  });
}

export function createPostHandlers(post: () => Post, now: () => Instant): readonly Handler[] {
  const send = sender(
    'to',
    messageSchema,
    'Puts a message into a mailbox, and does not wait for anything.',
    'core/send',
    (input: SendInput & { readonly to: string }, context: Context) => {
      const draft = draftOf(input, input.to, input.type ?? 'notification', context, deadlineOf(input, context, now()));
      sendOnce(() => post().send(draft, whoIs(context)));
      return shownDraft(draft);
    },
  );
  const publish = sender(
    'topic',
    { type: 'object', required: ['id', 'mailboxes'], properties: { id: text, mailboxes: { type: 'array', items: text } } },
    'Puts a message into all mailboxes that have subscribed to a topic.',
    'core/publish',
    (input: SendInput & { readonly topic: string }, context: Context) => {
      const draft = draftOf(input, input.topic, input.type ?? 'notification', context, deadlineOf(input, context, now()));
      return { id: draft.id, mailboxes: sendOnce(() => post().publish(input.topic, draft, whoIs(context))) };
    },
  );
  const request = sender(
    'to',
    messageSchema,
    'Asks whoever has a mailbox, and waits for the answer.',
    'core/request',
    (input: SendInput & { readonly to: string }, context: Context) => ask(post(), input, context, now()),
  );
  return [send, publish, request, receiver(post, now), replier(post)];
}

async function ask(post: Post, input: SendInput & { readonly to: string }, context: Context, now: Instant): Promise<Json | GoOn> {
  const { idempotencyKey: id } = context.step;
  const deadline = deadlineOf({ within: REQUEST_WITHIN, ...input }, context, now);
  const draft = draftOf(input, input.to, 'request', context, deadline);
  if (context.notes[UNTIL] === undefined) await context.note(UNTIL, deadline);
  sendOnce(() => post.send(draft, whoIs(context)));
  const fate = post.fateOf(input.to, id);
  if (fate.type === 'open') return waitFor({ mailbox: input.to, id, taker: takerOf(context), until: '' }, context);
  if (fate.type === 'dead') throw new StepError('message.undelivered', `nobody came to an end with it: ${fate.reason}`);
  const { outcome, reason, reply, by } = fate;
  const error = { ...fate.header, ...answerTo(fate.header, by), type: 'error' } as const;
  const answer = shown(error, { payload: { outcome, reason, done: reply }, context: null });
  const details = { message: id, by, payload: reply, answer };
  switch (outcome) {
    case 'answered':
      return { ...shown({ ...fate.header, ...answerTo(fate.header, by) }, { payload: reply, context: null }) };
    case 'refused':
      throw new StepError('message.refused', `${input.to} refused: ${reason ?? 'no reason was given'}`, { details });
    case 'returned':
      throw new StepError('message.returned', `${input.to} handed it back: ${reason ?? 'no reason was given'}`, { details });
    case 'expired':
      throw new StepError('timeout', `${input.to} has not answered in time`);
    case 'discarded':
      throw new StepError('message.undelivered', `it was discarded: ${reason ?? 'no reason was given'}`);
  }
}

function answerTo({ id, from, to }: MessageHeader, by: string): Partial<MessageHeader> {
  return { id: `${id}:answer`, type: 'response', from: by === '' ? to : by, to: from, causation: id, deadline: null };
}

function receiver(post: () => Post, now: () => Instant): Handler {
  return defineHandler<ReceiveInput>({
    name: 'core/receive',
    version: '1.0.0',
    doc: 'Accepts the next message of a mailbox, and waits for one where there is none.',
    effects: 'write',
    idempotent: true,
    input: {
      type: 'object',
      required: ['mailbox'],
      properties: {
        mailbox: name,
        accepts: { type: ['object', 'boolean'], description: 'JSON Schema of the payload; what is not that is refused' },
        topics: { type: 'array', maxItems: 100, items: name, description: 'what is published there comes here, too' },
        capacity: { type: 'integer', minimum: 1, maximum: 10_000, description: 'messages that it holds; 1,000 unless given' },
        deliveries: { type: 'integer', minimum: 1, maximum: 100, description: 'after so many a message is dead; 3 unless given' },
        within,
      },
      additionalProperties: false,
    },
    output: messageSchema,
    flows: [awaitPost],
    run: async ({ mailbox, within: patience, ...settings }, context) => {
      const taker = takerOf(context);
      post().open(mailbox, settings, whoIs(context));
      post().finish(mailbox, taker);
      const received = post().take(mailbox, taker);
      if (received !== null) return { ...shown(received.header, received.body) };
      const waited = context.notes[WAITED] as PartResult | undefined;
      if (waited?.status === 'succeeded' && waited.output === false)
        throw new StepError('timeout', `nothing came into the mailbox ${mailbox} within ${patience}`);
      const until = (context.notes[UNTIL] ?? untilOf(patience, now())) as string;
      if (context.notes[UNTIL] === undefined) await context.note(UNTIL, until);
      return waitFor({ mailbox, id: '', taker, until }, context);
    },
  });
}

function replier(post: () => Post): Handler {
  return defineHandler<ReplyInput>({
    name: 'core/reply',
    version: '1.0.0',
    doc: 'Says what became of a message: it is answered, refused, or handed back with what was done of it.',
    effects: 'write',
    idempotent: true,
    input: {
      type: 'object',
      required: ['message'],
      properties: {
        message: messageSchema,
        payload: { description: 'the answer, or what was done' },
        outcome: { enum: ['answered', 'refused', 'returned'], description: 'answered unless given' },
        reason: { type: 'string', maxLength: 10_000 },
      },
      additionalProperties: false,
    },
    output: {
      type: 'object',
      required: ['settled'],
      properties: { settled: { type: 'boolean', description: 'false where it came too late' } },
      additionalProperties: false,
    },
    run: ({ message: { id, to }, payload = null, outcome = 'answered', reason }, context) => {
      const settled = post().settle({ mailbox: to, id, outcome, reason: reason ?? null, reply: payload, by: context.step.path });
      if (!settled) context.log('info', `nobody waits for what becomes of ${id} any more`);
      return { settled };
    },
  });
}

function waitFor(awaited: Awaited, { notes }: Context): GoOn {
  const waited = notes[WAITED] as PartResult | undefined;
  if (waited !== undefined && waited.status !== 'succeeded')
    throw new StepError('io', `the post could not be waited for: ${waited.error.message}`);
  return new GoOn({}, { as: WAITED, flow: AWAIT_POST, input: awaited as unknown as Json });
}

function takerOf({ run, step }: Context): Taker {
  return { run: run.id, step: step.path, key: step.idempotencyKey };
}

function whoIs({ run, step }: Context): string {
  return `${run.id} ${step.path}`;
}

function draftOf(input: SendInput, to: string, type: MessageType, { step }: Context, deadline: Instant | null): Draft {
  const { payload, from = step.path, key = null, priority: urgency = NORMAL_MESSAGE_PRIORITY, context = null } = input;
  const { idempotencyKey: id } = step;
  const { correlation = id, causation = null } = input;
  return { id, type, from, to, correlation, causation, priority: urgency, deadline, key, body: { payload, context } };
}

/** Counted from the first attempt. */
function deadlineOf({ within: given, deadline }: SendInput, { notes }: Context, now: Instant): Instant | null {
  const noted = notes[UNTIL];
  if (noted !== undefined) return noted as Instant;
  if (deadline !== undefined && deadline !== null) {
    const instant = parseInstant(deadline);
    if (instant === undefined)
      throw new StepError('contract.input', `\`deadline: ${deadline}\` is no instant such as 2026-12-24T18:00:00Z`);
    return instant;
  }
  return given === undefined ? null : now + lengthOf(given);
}

function untilOf(within: string | undefined, now: Instant): string {
  return within === undefined ? '' : isoOf(now + lengthOf(within));
}

function lengthOf(within: string): number {
  const length = parseDuration(within);
  if (length === undefined) throw new StepError('contract.input', `\`within: ${within}\` is no duration such as 2h`);
  return length;
}

/** What the host refuses is a failure of the step: of a full mailbox one that may be tried again. */
function sendOnce<T>(send: () => T): T {
  try {
    return send();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const more = {
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
    throw new StepError(error.code === 'overloaded' ? 'overloaded' : 'message.refused', error.message, more);
  }
}

function shownDraft({ body, ...header }: Draft): ShownMessage {
  return shown({ ...header, topic: null }, body);
}

function shown(header: MessageHeader, { payload, context }: Received['body']): ShownMessage {
  const { id, type, from, to, correlation, causation, priority: urgency, deadline, key, topic } = header;
  const ends = deadline === null ? null : isoOf(deadline);
  return { id, type, from, to, payload, correlation, causation, priority: urgency, deadline: ends, key, topic, context };
}

function isoOf(instant: Instant): string {
  return new Date(instant).toISOString();
}
