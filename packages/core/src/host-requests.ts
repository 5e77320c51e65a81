/**
 * What the methods of a {@link Host} take, as JSON Schema: one for each parameter, by its name and in order. A parameter that may be
 * left out allows null. Every door of a host checks by these before anything happens; a `description` says what to do
 * about a value that does not fit.
 */

import { MAX_PRIORITY } from './events.ts';
import { MAX_MESSAGE_PRIORITY } from './post/message.ts';
import type { Host } from './host.ts';
import type { JsonObject, Schema } from './json.ts';

/** What can be asked of a host from outside: everything but to end it. */
export type HostMethod = Exclude<keyof Host, 'drain' | 'stop'>;

/** So long the name of a run, a step, an item or a pool may be, and of whoever asks. */
const MAX_NAME = 1_024;
/** So long the path of a file may be, in characters. */
const MAX_PATH = 8_192;
/** So long a reason may be. */
const MAX_REASON = 10_000;
/** So long a start may wait for its turn: a day. */
const MAX_WAIT_MS = 86_400_000;
/** So many rows one call may ask for. */
const MAX_ROWS = 1_000_000;

const name = { type: 'string', maxLength: MAX_NAME } as const;
const mailbox: Schema = {
  type: 'string',
  pattern: '^[a-z][A-Za-z0-9_./-]{0,199}$',
  description: 'Name it by a small letter and then letters, digits, and . _ / -, as in writer or team/editor.',
};
const by: Schema = { type: 'string', minLength: 1, maxLength: MAX_NAME };
const instant = { type: 'integer', minimum: 0 } as const;
const rows = { type: 'integer', minimum: 0, maximum: MAX_ROWS } as const;
const truth: Schema = { type: 'boolean' };
const data: Schema = true;
const object = { type: 'object' } as const;

/** Definitions come from a compiler, whole: of them only what identifies them is looked at. */
const definition: Schema = {
  type: 'object',
  required: ['ir', 'name', 'version', 'hash', 'input', 'limits', 'root'],
  properties: { ir: { const: 1 }, name, version: name, hash: name, limits: object, root: object },
};

/** Also null, for what may be left out. */
function optional(schema: { readonly type: string } & JsonObject): Schema {
  return { ...schema, type: [schema.type, 'null'] };
}

/** An object of these properties and no others; those that may be absent end in `?`. */
function closed(properties: { readonly [name: string]: Schema }): { readonly type: 'object' } & JsonObject {
  const named = Object.entries(properties).map(([key, schema]) => [key.replace('?', ''), schema] as const);
  return {
    type: 'object',
    required: Object.keys(properties).filter((key) => !key.endsWith('?')),
    properties: Object.fromEntries(named),
    additionalProperties: false,
  };
}

const settings: Schema = {
  type: 'object',
  maxProperties: 1_000,
  propertyNames: { pattern: '^[a-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+){1,4}(\\[.{1,512}\\]\\.[A-Za-z0-9_-]+)?$', maxLength: MAX_NAME },
};

const runOptions: Schema = closed({
  mode: { enum: ['strict', 'flexible', 'best_effort'] },
  test: truth,
  dryRun: truth,
  limit: optional({ type: 'integer', minimum: 0 }),
  out: { type: 'string', minLength: 1, maxLength: MAX_PATH },
  fresh: truth,
  'priority?': { type: 'integer', minimum: 1, maximum: MAX_PRIORITY },
  modules: { type: 'array', items: { type: 'string', maxLength: MAX_PATH }, maxItems: 1_024 },
  'secrets?': object,
  'settings?': settings,
  'report?': truth,
});

const start: Schema = closed({
  flow: definition,
  input: object,
  options: runOptions,
  'called?': object,
  by,
  'withinMs?': { type: 'integer', minimum: 0, maximum: MAX_WAIT_MS },
});

const limitChange: Schema = {
  ...closed({
    'concurrent?': { type: 'integer', minimum: 1, maximum: 1_000_000 },
    'rate?': closed({ n: { type: 'number', exclusiveMinimum: 0 }, per: { type: 'integer', minimum: 1 } }),
    'tokens?': closed({ n: { type: 'number', exclusiveMinimum: 0 }, per: { type: 'integer', minimum: 1 } }),
  }),
  minProperties: 1,
};

const filter = closed({ 'status?': name, 'flow?': name, 'parent?': name, 'children?': truth, 'limit?': rows });

const selection = closed({ 'step?': name, 'item?': name, 'error?': name });

export const hostRequests: { readonly [method in HostMethod]: { readonly [parameter: string]: Schema } } = {
  start: { request: start },
  plan: { request: start },
  list: { filter: optional(filter) },
  describe: { run: name },
  events: { run: name, after: optional(instant), limit: optional(rows), actor: optional(name) },
  definition: { run: name },
  called: { run: name },
  configure: { run: name, settings, by },
  listen: { run: name, options: optional(closed({ 'signal?': data })) },
  watch: { run: name, options: optional(closed({ 'everyMs?': { type: 'number', minimum: 0 }, 'signal?': data })) },
  pause: { run: name, by },
  resume: { run: name, by },
  cancel: { run: name, by, reason: { type: 'string', maxLength: MAX_REASON } },
  resumeAll: { request: closed({ 'flow?': name, by }) },
  migrate: {
    request: closed({ flow: definition, modules: { type: 'array', items: { type: 'string' } }, 'run?': name, dryRun: truth, by }),
  },
  fork: {
    request: closed({
      run: name,
      step: optional(name),
      input: optional(object),
      outputs: object,
      'settings?': settings,
      'only?': selection,
      by,
    }),
  },
  rollback: { request: closed({ run: name, to: { type: ['string', 'integer'], maxLength: MAX_NAME, minimum: 0 }, by }) },
  report: { run: name },
  checkpoints: { run: name },
  waits: { run: optional(name), limit: optional(rows) },
  answer: {
    run: name,
    request: closed({ step: optional(name), item: optional(name), answer: data, as: optional(name), id: optional(name), by }),
  },
  signal: { run: name, request: closed({ name, payload: data, id: optional(name), by }) },
  value: {
    ref: {
      type: 'string',
      pattern: '^sha256:[0-9a-f]{64}$',
      description: 'Give a whole reference, sha256: and 64 digits, as `scriptorium message` and `scriptorium report --json` show it.',
    },
  },
  mailboxes: {},
  messages: { filter: optional(closed({ 'mailbox?': name, 'status?': name, 'limit?': rows })) },
  message: { id: name, mailbox: optional(name) },
  send: {
    request: closed({
      to: mailbox,
      topic: truth,
      payload: data,
      key: optional(name),
      priority: { type: 'integer', minimum: 1, maximum: MAX_MESSAGE_PRIORITY },
      id: optional(name),
      by,
    }),
  },
  redeliver: {
    request: closed({ mailbox: name, ids: optional({ type: 'array', items: { type: 'string' }, maxItems: MAX_ROWS }), by }),
  },
  limits: {},
  setLimit: { pool: name, change: limitChange, by },
  closeBreaker: { pool: name, by },
  artifact: { name: { type: 'string', maxLength: MAX_PATH } },
  artifacts: { run: name },
  deadLetters: {
    filter: optional(closed({ 'run?': name, 'step?': name, 'item?': name, 'error?': name, 'input?': truth })),
  },
  results: { run: name, step: name },
};
