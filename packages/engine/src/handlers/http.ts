/**
 * `core/http`: one request to a service.
 *
 * 1. Only hosts that are listed are reached, and every redirect is looked at like the first request; see `web-access.ts`.
 * 2. No connection is shared with an earlier call, so none outlives the check of its address.
 * 3. Credentials go no further than the origin they were given for.
 */

import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as plainRequest, validateHeaderName, validateHeaderValue } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { CASSETTE_VARIABLE, CassetteError, fetchOf, redaction, secretsIn } from '@scriptorium/cassettes';
import { defineHandler, StepError } from '@scriptorium/core';
import type { Context, Handler, Json, JsonObject } from '@scriptorium/core';
import { excerptOf, excerptSchema } from './excerpt.ts';
import type { Excerpt } from './excerpt.ts';
import { ALLOW_VARIABLE, blocked, hostOf, webAccess } from './web-access.ts';
import type { WebAccess } from './web-access.ts';

interface HttpInput {
  readonly url: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly json?: Json;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly hosts?: readonly string[];
  readonly excerpt?: number;
}

const MAX_REDIRECTS = 5;
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 600_000;
/** Of an answer that is an error, what is shown. */
const MAX_SHOWN = 500;
/** The connection is the handler's own business. */
const ownHeaders = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'keep-alive', 'expect', 'te', 'trailer'],
  ...['proxy-authorization', 'proxy-connection', 'accept-encoding'],
]);
const credentials = new Set(['authorization', 'cookie', 'x-api-key']);
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Answers with all addresses of a name. */
export type Lookup = (host: string, found: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

const byTheSystem: Lookup = (host, found) => systemLookup(host, { all: true }, found);

export function createHttpHandler(lookup: Lookup = byTheSystem): Handler {
  return defineHandler<HttpInput>({
    name: 'core/http',
    version: '1.0.0',
    doc: `Calls a service over HTTP. Only hosts that ${ALLOW_VARIABLE} lists are reached; JSON answers come as \`json\`, others as \`text\`.`,
    effects: 'write',
    input: {
      type: 'object',
      required: ['url'],
      additionalProperties: false,
      properties: {
        url: { type: 'string', minLength: 1, maxLength: 8_192 },
        method: { enum: methods, default: 'GET' },
        headers: { type: 'object', maxProperties: 100, additionalProperties: { type: 'string', maxLength: 8_192 } },
        json: { description: 'The body, sent as JSON.' },
        body: { type: 'string', description: 'The body, sent as it is.' },
        timeoutMs: { type: 'integer', minimum: 1, maximum: MAX_TIMEOUT_MS, default: DEFAULT_TIMEOUT_MS },
        hosts: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', minLength: 1, maxLength: 300 },
          description: `Those of the hosts in ${ALLOW_VARIABLE} that this call may reach, redirects included; all of them unless given.`,
        },
        excerpt: excerptSchema,
      },
    },
    output: {
      type: 'object',
      required: ['status', 'headers', 'json', 'text'],
      properties: {
        status: { type: 'integer' },
        headers: { type: 'object', additionalProperties: { type: 'string' } },
        json: {},
        text: { type: ['string', 'null'] },
        characters: { type: 'integer' },
      },
      additionalProperties: false,
    },
    errors: {
      'http.blocked': 'The host, its address or the URL is not one that steps may call.',
      'http.status': 'The service refused the request; `details.status` is its answer.',
      'http.redirects': 'The service led on more often than is followed.',
      'http.too_large': 'The answer is larger than is read.',
    },
    run: (input, context) => call(input, context, lookup),
  });
}

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
}

async function call(input: HttpInput, { env, signal, step }: Context, lookup: Lookup): Promise<Json> {
  const access = webAccess(env[ALLOW_VARIABLE]);
  const narrower = input.hosts === undefined ? null : webAccess(input.hosts.join(' '), "Add it to the step's `hosts`.");
  const timeoutMs = input.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const late = AbortSignal.timeout(timeoutMs);
  const ended = AbortSignal.any([signal, late]);
  let sent = firstRequest(input, step.idempotencyKey);
  try {
    for (let redirects = 0; ; redirects += 1) {
      access.requireUrl(sent.url);
      narrower?.requireUrl(sent.url);
      const answer = await reach(sent, env, () => send(sent, access, lookup, ended), ended);
      const next = redirectOf(sent, answer);
      if (next === null) {
        const body = await bodyOf(answer, ended);
        return input.excerpt === undefined
          ? outputOf(answer, body)
          : shortened(answer, excerptOf(body, input.excerpt, redaction(secretsIn(env))));
      }
      await answer.close();
      if (redirects === MAX_REDIRECTS) throw new StepError('http.redirects', `${input.url} led on more than ${MAX_REDIRECTS} times`);
      sent = next;
    }
  } catch (error) {
    if (late.aborted && !signal.aborted) throw new StepError('timeout', `${sent.url.host} did not answer within ${timeoutMs} ms`);
    if (error instanceof StepError || signal.aborted) throw error;
    if (error instanceof CassetteError) throw new StepError('fatal', error.message, { fix: error.fix });
    throw new StepError('io', `${sent.url.host} could not be reached: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: AsyncIterable<Uint8Array>;
  /** Of what is not read. */
  readonly close: () => Promise<void>;
}

/** Where the engine has a cassette, what is answered is recorded to it, or comes from it and nobody is asked. */
async function reach(
  { url, method, headers, body }: Sent,
  env: Context['env'],
  direct: () => Promise<IncomingMessage>,
  signal: AbortSignal,
): Promise<Answer> {
  const setting = env[CASSETTE_VARIABLE] ?? '';
  if (setting === '') return answerOf(await direct());
  const taped = fetchOf(setting, async () => responseOf(await direct()), { secrets: secretsIn(env) });
  const response = await taped(url.href, { method, headers, signal, ...(body === undefined ? {} : { body }) });
  const read = response.body ?? new Blob([]).stream();
  return { status: response.status, headers: Object.fromEntries(response.headers), body: read, close: () => read.cancel() };
}

function answerOf(message: IncomingMessage): Answer {
  return { status: message.statusCode ?? 0, headers: headersOf(message), body: message, close: async () => void message.destroy() };
}

/** As `fetch` answers. */
function responseOf(message: IncomingMessage): Response {
  const { statusCode: status = 0 } = message;
  // By the standard these have no body, not even an empty one.
  const isEmpty = [204, 205, 304].includes(status);
  if (isEmpty) message.destroy();
  const body = isEmpty ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers: headersOf(message) });
}

function headersOf({ headers }: IncomingMessage): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function firstRequest({ url, method = 'GET', headers = {}, json, body }: HttpInput, idempotencyKey: string): Sent {
  if (json !== undefined && body !== undefined) throw new StepError('contract.input', 'a request has `json` or `body`, not both');
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    given[name.toLowerCase()] = value;
    requireHeader(name, value);
  }
  const reads = method === 'GET' || method === 'HEAD';
  const more = {
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    // By which a service can tell that it has had the request already.
    ...(reads ? {} : { 'idempotency-key': idempotencyKey }),
  };
  return { url: urlOf(url), method, headers: { accept: '*/*', ...more, ...given }, body: json === undefined ? body : JSON.stringify(json) };
}

function urlOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new StepError('contract.input', `'${text.slice(0, MAX_SHOWN)}' is no URL`, { fix: 'Write all of it: https://host/path' });
}

function requireHeader(name: string, value: string): void {
  const problem = ownHeaders.has(name.toLowerCase()) ? 'is for the connection itself' : headerProblem(name, value);
  if (problem !== null) throw new StepError('contract.input', `the header '${name.slice(0, 100)}' ${problem}`);
}

function headerProblem(name: string, value: string): string | null {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return null;
  } catch {
    return 'has characters that no header may have';
  }
}

function send({ url, method, headers, body }: Sent, access: WebAccess, lookup: Lookup, signal: AbortSignal): Promise<IncomingMessage> {
  const host = hostOf(url);
  // Addresses are connected to without being looked up.
  if (isIP(host) !== 0 && !access.allowsAddress(host)) throw refusedAddress(host, host);
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length = bytes === undefined ? {} : { 'content-length': String(bytes.length) };
  const options = {
    method,
    headers: { ...headers, ...length, 'accept-encoding': 'identity' },
    agent: false,
    signal: signal,
    lookup: guardedLookup(host, access, lookup),
  } as const satisfies RequestOptions;
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? secureRequest(url, options) : plainRequest(url, options);
    request.on('response', resolve).on('error', reject).end(bytes);
  });
}

/** One address that is refused is enough: names that lead to several are how a check is got around. */
function guardedLookup(host: string, access: WebAccess, lookup: Lookup): NonNullable<RequestOptions['lookup']> {
  return (_, options, found) => {
    lookup(host, (error, addresses) => {
      const refused = addresses?.find(({ address }) => !access.allowsAddress(address));
      const [first] = addresses ?? [];
      if (error !== null) found(error, []);
      else if (refused !== undefined) found(refusedAddress(host, refused.address), []);
      else if (first === undefined) found(new Error(`${host} has no address`), []);
      else if (options.all === true) found(null, [...addresses]);
      else found(null, first.address, first.family);
    });
  };
}

function refusedAddress(host: string, address: string): StepError {
  return blocked(
    `${host === address ? host : `${host} leads to ${address}, which`} is not an address of the public internet`,
    `If it is meant, add the address to \`http_allow\` in scriptorium.config.yaml, or to ${ALLOW_VARIABLE} in the environment of the engine.`,
  );
}

/** The request that the answer leads to; null for an answer that is the last. */
function redirectOf({ url, method, headers, body }: Sent, { status, headers: { location } }: Answer): Sent | null {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null;
  if (!URL.canParse(location, url.href)) throw blocked(`${url.host} leads to something that is no URL`);
  const next = new URL(location, url);
  if (url.protocol === 'https:' && next.protocol === 'http:') throw blocked(`${url.host} leads from https to http`);
  const kept = next.origin === url.origin ? headers : without(headers, (name) => credentials.has(name));
  const again = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
  if (again) return { url: next, method, headers: kept, body };
  return { url: next, method: 'GET', headers: without(kept, (name) => name.startsWith('content-')), body: undefined };
}

function without(headers: Sent['headers'], drop: (name: string) => boolean): Sent['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name)));
}

async function bodyOf({ body, close }: Answer, signal: AbortSignal): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (signal.aborted) break;
    if (bytes > MAX_BODY_BYTES) {
      await close();
      throw new StepError('http.too_large', `the answer has more than ${MAX_BODY_BYTES} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function outputOf(answer: Answer, text: string): JsonObject {
  requireGood(answer, text);
  const { status, headers } = answer;
  const isJson = /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '');
  if (!isJson || text === '') return { status, headers, json: null, text };
  try {
    return { status, headers, json: JSON.parse(text) as Json, text: null };
  } catch {
    throw new StepError('contract.output', 'the answer says that it is JSON, and is not');
  }
}

/** Without headers the same page is the same value, however often it is asked for. */
function shortened(answer: Answer, { text, characters }: Excerpt): JsonObject {
  if (characters === undefined) return { ...outputOf(answer, text), headers: {} };
  requireGood(answer, text);
  return { status: answer.status, headers: {}, json: null, text, characters };
}

function requireGood({ status, headers }: Answer, text: string): void {
  if (status >= 400) throw refusal(status, headers['retry-after'], text);
}

function refusal(status: number, retryAfter: string | undefined, text: string): StepError {
  const code = status === 429 ? 'rate_limited' : status >= 502 && status <= 504 ? 'overloaded' : status >= 500 ? 'io' : 'http.status';
  const retryAfterMs = waitOf(retryAfter);
  const more = retryAfterMs === null ? {} : { retryAfterMs };
  return new StepError(code, `the service answered ${status}`, {
    details: { status, text: text.slice(0, MAX_SHOWN).toWellFormed() },
    ...more,
  });
}

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
function waitOf(retryAfter: string | undefined): number | null {
  if (retryAfter === undefined) return null;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
