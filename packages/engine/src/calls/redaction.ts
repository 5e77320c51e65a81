/**
 * Keeps the values of secrets out of what a handler gives back. What a program reads is refused: a result or a file with
 * a secret in it fails. What people read is redacted: in errors and log lines stands `***NAME***`.
 *
 * A value is recognised as it is, escaped as JSON, encoded for URLs, as base64 and as hex, and so are its lines and words
 * where they are long enough. What a handler makes of it otherwise is not recognised.
 */

import { secretForms } from '@scriptorium/cassettes';
import { StepError } from '@scriptorium/core';
import type { Failure, Json } from '@scriptorium/core';
import { AttemptError } from './failures.ts';
import { guardJson } from './guard.ts';
import { attempted, textOf, UNREADABLE } from './thrown.ts';

export interface Secret {
  readonly name: string;
  readonly value: string;
}

export interface Redactor {
  /** Name of a secret in the data; null where there is none. */
  readonly find: (data: string | Uint8Array) => string | null;
  readonly text: (text: string) => string;
  readonly json: <T extends Json | undefined>(value: T) => T;
  /** The same error where there is no secret in it. */
  readonly error: (error: unknown) => unknown;
  /** Throws `contract.output` for data with a secret in it; `what` names it. */
  readonly refuse: (what: string, data: string | Uint8Array) => void;
}

interface Needle {
  readonly name: string;
  readonly text: string;
}

/** Shorter words of a secret may stand anywhere. */
const MIN_PART = 8;
/** Errors that are the cause of errors or gathered in them, and no more. */
const MAX_ERRORS = 20;

const idle: Redactor = { find: () => null, text: (text) => text, json: (value) => value, error: (error) => error, refuse: () => undefined };

export function createRedactor(secrets: readonly Secret[]): Redactor {
  if (secrets.length === 0) return idle;
  const needles = secrets.flatMap(needlesOf).toSorted((a, b) => b.text.length - a.text.length);
  const text = (given: string): string =>
    needles.reduce(
      (clean, needle) => (clean.includes(needle.text) ? clean.replaceAll(needle.text, () => `***${needle.name}***`) : clean),
      given,
    );
  const json = <T extends Json | undefined>(value: T): T => redactJson(value, text) as T;
  const find = (data: string | Uint8Array): string | null => {
    const bytes = typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return needles.find((needle) => bytes.includes(needle.text))?.name ?? null;
  };
  return {
    find,
    text,
    json,
    error: (error) => attempted(() => redactError(error, text, { errors: MAX_ERRORS }), new Error(UNREADABLE)),
    refuse: (what, data) => {
      const found = find(data);
      if (found !== null)
        throw new StepError('contract.output', `${text(what)} contains the secret ${found}`, {
          fix: 'Leave it out of what the handler gives back.',
        });
    },
  };
}

function needlesOf({ name, value }: Secret): readonly Needle[] {
  const parts = [value, ...value.split(/\s+/).filter((part) => part.length >= MIN_PART)];
  return [...new Set(parts.flatMap(secretForms))].map((text) => ({ name, text }));
}

function redactJson(value: Json | undefined, text: (text: string) => string): Json | undefined {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((item: Json) => redactJson(item, text) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]: [string, Json]) => [text(key), redactJson(inner, text) ?? null]));
}

/** An error is rebuilt with what is read of it later: name, message, stack, causes, and its own plain properties. */
function redactError(error: unknown, text: (text: string) => string, left: { errors: number }): unknown {
  if (error instanceof AttemptError) return new AttemptError(redactJson(error.failure as unknown as Json, text) as unknown as Failure);
  if (!(error instanceof Error)) return text(textOf(error));
  const plain = Object.entries(error).flatMap(([key, value]: [string, unknown]): [string, unknown][] =>
    guardJson(value) === null ? [[key, redactJson(value as Json, text)]] : [],
  );
  left.errors -= 1;
  const cause = left.errors > 0 && error.cause !== undefined ? { cause: redactError(error.cause, text, left) } : {};
  const { name, message, stack = '' } = error;
  const gathered = error instanceof AggregateError ? error.errors.slice(0, Math.max(left.errors, 0)) : null;
  const rebuilt =
    gathered === null
      ? new Error(text(message))
      : new AggregateError(
          gathered.map((one) => redactError(one, text, left)),
          text(message),
        );
  return Object.assign(rebuilt, Object.fromEntries(plain), { name: text(name), stack: text(stack) }, cause);
}
