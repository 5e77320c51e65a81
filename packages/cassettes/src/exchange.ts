/** One exchange as a cassette holds it: what was asked, in one canonical form, and what came back. */

import { createHash } from 'node:crypto';
import { CassetteError } from './error.ts';
import { mark, pathOf, type Redact } from './redaction.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface AskedRequest {
  readonly method: string;
  /** Path and query, without the host. */
  readonly path: string;
  /** The parsed body where it is JSON, its text elsewhere; null without one. */
  readonly body: Json;
}

export interface Piece {
  /** Milliseconds after the headers, or after the piece before. */
  readonly ms: number;
  readonly text: string;
}

export type Answer =
  | {
      readonly type: 'answer';
      readonly status: number;
      /** Only those that say what the body is, where to ask instead, and when to ask again. */
      readonly headers: { readonly [name: string]: string };
      /** Milliseconds until the headers came. */
      readonly ms: number;
      readonly pieces: readonly Piece[];
    }
  /** No answer came: the connection was refused or broke. */
  | { readonly type: 'failure'; readonly message: string; readonly code: string | null };

export interface Exchange {
  readonly key: string;
  readonly request: AskedRequest;
  readonly answer: Answer;
}

/** Bytes of one body that are kept; beyond it nothing of the exchange is. */
export const maxBodyBytes: number = 16 * 1024 * 1024;

const keptHeaders: readonly string[] = ['content-type', 'location', 'retry-after', 'retry-after-ms'];

/** The headers of an answer that a cassette keeps: no cookies, no accounts, no ids of requests. */
export function headersOf(headers: Headers, redact: Redact): { readonly [name: string]: string } {
  return Object.fromEntries([...headers].flatMap(([name, value]) => (keptHeaders.includes(name) ? [[name, redact(value)]] : [])));
}

/**
 * The canonical request: secrets replaced, parameters and keys sorted, headers left out, so that the same question to
 * the same path is the same whoever asks it, with whichever key, of whichever host.
 *
 * @throws CassetteError `cassette.request` for a body that is too large or no text.
 */
export async function canonicalRequest(request: Request, redact: Redact): Promise<AskedRequest> {
  const bytes = request.body === null ? null : new Uint8Array(await request.clone().arrayBuffer());
  if (bytes !== null && bytes.byteLength > maxBodyBytes)
    throw new CassetteError(
      'cassette.request',
      `a request to ${pathOf(new URL(request.url), redact)} has ${bytes.byteLength} bytes, a cassette takes ${maxBodyBytes}`,
      'Ask for less at once, or without a cassette.',
    );
  return {
    method: request.method,
    path: pathOf(new URL(request.url), redact),
    body: bytes === null ? null : bodyOf(redact(textOf(bytes))),
  };
}

/** Where a secret stood, whoever took it out: what asks may redact what it was told, and a replay tells it with the secret gone. */
const redacted = /\[redacted\]|\*\*\*(?:\w+\*\*\*)?/g;

export function keyOf(request: AskedRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([request.method, request.path, sorted(request.body)]).replaceAll(redacted, mark))
    .digest('hex')
    .slice(0, 32);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CassetteError('cassette.request', 'the body of a request is no UTF-8 text', 'Only text and JSON can be recorded.');
  }
}

function bodyOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function sorted(value: Json): Json {
  if (isList(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
