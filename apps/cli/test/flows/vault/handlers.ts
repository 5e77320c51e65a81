/** Handlers that do with a secret whatever they should not. */

import { hash } from 'node:crypto';
import { defineHandler, StepError, type Handler, type Json } from '@scriptorium/core';

interface Leak {
  readonly key: string;
  readonly how: string;
}

const leaks: { readonly [how: string]: (key: string) => unknown } = {
  raw: (key) => key,
  json: (key) => JSON.stringify(JSON.stringify({ key })),
  url: (key) => `https://example.invalid/?key=${encodeURIComponent(key)}`,
  base64: (key) => Buffer.from(`user:${key}`).toString('base64'),
  base64url: (key) => Buffer.from(`x${key}`).toString('base64url'),
  hex: (key) => Buffer.from(key).toString('hex').toUpperCase(),
};

const input = { type: 'object', required: ['key', 'how'], properties: { key: { type: 'string' }, how: { type: 'string' } } };
const codes = { refused: 'It was refused.' };

function leak(name: string, runs: 'async' | 'thread', run: Handler['run']): Handler {
  return defineHandler({
    name: `vault/${name}`,
    version: '1.0.0',
    doc: name,
    input,
    output: true,
    effects: 'none',
    errors: codes,
    runs,
    run: run as never,
  });
}

const fingerprint = ({ key }: Leak): Json => ({ fingerprint: hash('sha256', key).slice(0, 12) });

const logging: Handler['run'] = ({ key, how }: Leak, context: Parameters<Handler['run']>[1]) => {
  const text = String(leaks[how]?.(key));
  context.log('warn', `sending ${text}`, { text, [text]: [text] });
  return fingerprint({ key, how });
};

const throwing: Handler['run'] = ({ key, how }: Leak) => {
  const text = String(leaks[how]?.(key));
  const cause = new Error(`inner ${text}`);
  if (how === 'raw')
    throw new StepError('refused', `refused with ${text}`, {
      fix: `use another than ${text}`,
      details: { text, deep: [{ [text]: text }] },
      cause,
    });
  throw new Error(`unexpected ${text}`, { cause });
};

const returning: Handler['run'] = ({ key, how }: Leak) => ({ deep: [{ text: String(leaks[how]?.(key)) }] });

const writing: Handler['run'] = async ({ key, how }: Leak, context: Parameters<Handler['run']>[1]) => ({
  ...(await context.outputs.write('leak.txt', Buffer.from(`before ${String(leaks[how]?.(key))} after`))),
});

export const handlers: readonly Handler[] = [
  { ...leak('do', 'async', logging), effects: 'write' },
  leak('log', 'async', logging),
  leak('log-thread', 'thread', logging),
  leak('throw', 'async', throwing),
  leak('throw-thread', 'thread', throwing),
  leak('return', 'async', returning),
  leak('return-thread', 'thread', returning),
  leak('write', 'async', writing),
];
