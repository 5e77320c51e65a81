/**
 * Speaks the chat completions protocol to any OpenAI-compatible service, for one JSON answer at a time. It tries once:
 * trying again is the engine's business, which does it durably.
 */

import { CassetteError, cassetteSetting, fetchOf } from '@scriptorium/cassettes';
import { StepError, type Json, type Schema } from '@scriptorium/core';

export interface ModelRequest {
  readonly env: { readonly [name: string]: string | undefined };
  readonly model: string;
  readonly system: string;
  readonly prompt: string;
  /** Of the answer, by name; services that do not enforce schemas are at least told. */
  readonly answer: { readonly name: string; readonly schema: Schema };
  /** Of the whole exchange; a service that stalls is given up then. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ModelAnswer {
  readonly value: Json;
  readonly tokens: { readonly input: number; readonly output: number };
}

/** The codes that {@link askModel} raises beside the common ones, for the `errors` of handlers that call it. */
export const modelErrors: { readonly [code: string]: string } = {
  'agent.unavailable': 'No key is set (OPENAI_API_KEY).',
  'agent.refused': 'The service refused the key.',
  'agent.rejected': 'The service rejected the request: an unknown model, a prompt too long.',
  'agent.exhausted': 'The account has no credit left.',
  'agent.unrecorded': 'The cassette (SCRIPTORIUM_CASSETTE) cannot be read, or has no such call.',
};

const defaultBaseUrl = 'https://api.openai.com/v1';

/** `record:<file>` or `replay:<file>`: calls are written to a cassette, or answered from one. */
const cassetteVariable = 'SCRIPTORIUM_CASSETTE';

function isReplayed(env: ModelRequest['env']): boolean {
  return cassetteSetting(env[cassetteVariable])?.mode === 'replay';
}

/** Whether a service can be asked at all: a key, or at least an address, which local services need alone; or a cassette answers. */
export function modelConfigured(env: ModelRequest['env']): boolean {
  return (env['OPENAI_API_KEY'] ?? '') !== '' || (env['OPENAI_BASE_URL'] ?? '') !== '' || isReplayed(env);
}

export function isDefaultService(env: ModelRequest['env']): boolean {
  return new URL(urlOf(env)).host === new URL(defaultBaseUrl).host;
}

/**
 * @throws StepError `rate_limited` and `overloaded` (with `retryAfterMs` where the service says it), `timeout`,
 * `contract.output` for an answer that is no JSON, `cancelled` when the signal was the reason, {@link modelErrors}.
 */
export async function askModel(request: ModelRequest): Promise<ModelAnswer> {
  if (!modelConfigured(request.env))
    throw new StepError('agent.unavailable', 'OPENAI_API_KEY is not set', {
      fix: 'Set OPENAI_API_KEY (and OPENAI_BASE_URL for another service than OpenAI).',
    });
  const deadline = AbortSignal.timeout(request.timeoutMs);
  try {
    const send = fetchOf(request.env[cassetteVariable], fetch, { secrets: [request.env['OPENAI_API_KEY'] ?? ''] });
    const response = await send(urlOf(request.env), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${request.env['OPENAI_API_KEY'] ?? ''}` },
      body: JSON.stringify(bodyOf(request)),
      signal: AbortSignal.any([request.signal, deadline]),
    });
    const text = await response.text();
    if (!response.ok) throw refusal(response, text, request.env);
    return answerIn(text);
  } catch (error) {
    if (error instanceof StepError) throw error;
    if (error instanceof CassetteError) throw new StepError('agent.unrecorded', error.message, { fix: error.fix, cause: error });
    if (request.signal.aborted) throw new StepError('cancelled', 'the call was cancelled', { cause: error });
    if (deadline.aborted)
      throw new StepError('timeout', `the service did not answer within ${String(request.timeoutMs)} ms`, { cause: error });
    throw new StepError('overloaded', `the service cannot be reached: ${causeOf(error)}`, {
      fix: 'Check OPENAI_BASE_URL and the network.',
      cause: error,
    });
  }
}

function urlOf(env: ModelRequest['env']): string {
  const base = env['OPENAI_BASE_URL'] ?? '';
  return `${(base === '' ? defaultBaseUrl : base).replace(/\/+$/, '')}/chat/completions`;
}

function bodyOf({ model, system, prompt, answer }: ModelRequest): Json {
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
    ],
    response_format: { type: 'json_schema', json_schema: { name: answer.name, strict: true, schema: answer.schema } },
  };
}

function refusal(response: Response, text: string, env: ModelRequest['env']): StepError {
  const { status } = response;
  const detail = `the service answered ${String(status)}: ${withoutKey(messageIn(text), env)}`;
  const retryAfterMs = retryAfter(response.headers.get('retry-after'));
  const later = retryAfterMs === null ? {} : { retryAfterMs };
  if (status === 429 && /insufficient_quota/.test(text))
    return new StepError('agent.exhausted', detail, { fix: 'Top up the account, or unset OPENAI_API_KEY to validate by rules.' });
  if (status === 429) return new StepError('rate_limited', detail, later);
  if (status >= 500) return new StepError('overloaded', detail, later);
  if (status === 401 || status === 403)
    return new StepError('agent.refused', detail, { fix: 'Check OPENAI_API_KEY and the rights of its account.' });
  return new StepError('agent.rejected', detail, { fix: 'Check the input `model` and OPENAI_BASE_URL.' });
}

/** Seconds or a date, as HTTP has it; null when absent or unreadable. */
function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, Math.round(seconds * 1000));
  const until = Date.parse(value);
  return Number.isNaN(until) ? null : Math.max(0, until - Date.now());
}

function messageIn(text: string): string {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return message.replace(/\s+/g, ' ').slice(0, 200);
}

/** Services like to quote the key that they refuse, whole or in part. */
function withoutKey(message: string, env: ModelRequest['env']): string {
  const key = env['OPENAI_API_KEY'] ?? '';
  return (key.length < 4 ? message : message.replaceAll(key, '[key]')).replace(/\b(sk|key)-[\w*.-]+/g, '[key]');
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function answerIn(text: string): ModelAnswer {
  const body = parsed(text, 'the answer');
  const choice = (
    body as { readonly choices?: readonly { readonly message?: { readonly content?: unknown }; readonly finish_reason?: unknown }[] } | null
  )?.choices?.[0];
  const content = choice?.message?.content;
  if (typeof content !== 'string') throw new StepError('contract.output', 'the answer has no message in it');
  if (choice?.finish_reason === 'length')
    throw new StepError('contract.output', 'the answer was cut off at the length limit', { fix: 'Ask about fewer chapters at once.' });
  const usage = (body as { readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } }).usage;
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  // Models that are only told of the schema like to fence their JSON.
  const value = parsed(content.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, ''), 'the message');
  return { value, tokens: { input: count(usage?.prompt_tokens), output: count(usage?.completion_tokens) } };
}

function parsed(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new StepError('contract.output', `${what} is no JSON: ${error instanceof Error ? error.message.slice(0, 120) : ''}`, {
      cause: error,
    });
  }
}
