/**
 * A service that speaks the protocols of OpenAI (Responses), Anthropic (Messages) and Google (Generate Content) over real
 * HTTP, streamed: as much of each as a text needs. As OpenAI does, it refuses a strict schema that leaves anything open.
 */

import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProtocolServer {
  /** Where the service is, without a path. */
  readonly origin: string;
  readonly asked: readonly { readonly path: string; readonly body: Body }[];
  readonly close: () => Promise<void>;
}

export type Body = { readonly [name: string]: unknown };

export async function startProtocolServer(answer: (body: Body) => string): Promise<ProtocolServer> {
  const asked: { readonly path: string; readonly body: Body }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Body;
      const path = request.url ?? '';
      asked.push({ path, body });
      if (path.endsWith('/responses')) return asOpenAi(response, body, answer(body));
      return path.includes('/messages') ? asAnthropic(response, answer(body)) : asGoogle(response, answer(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function asOpenAi(response: ServerResponse, { text }: Body, answer: string): void {
  const { format } = (text ?? {}) as { readonly format?: { readonly type: string; readonly strict?: boolean; readonly schema?: object } };
  const problem = format?.strict === true ? strictProblem(format.schema, '()') : null;
  if (problem !== null) {
    response.writeHead(400, { 'content-type': 'application/json' });
    const message = `Invalid schema for response_format 'response': ${problem}`;
    return void response.end(
      JSON.stringify({ error: { message, type: 'invalid_request_error', param: 'text.format.schema', code: 'invalid_json_schema' } }),
    );
  }
  const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [] };
  const usage = {
    input_tokens: 10,
    output_tokens: 5,
    total_tokens: 15,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
  events(response, [
    { type: 'response.created', response: { id: 'r', created_at: 0, model: 'm' } },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: answer },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { id: 'r', created_at: 0, model: 'm', usage } },
  ]);
}

function asAnthropic(response: ServerResponse, answer: string): void {
  events(response, [
    {
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        usage: { input_tokens: 10, output_tokens: 0 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: answer } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ]);
}

function asGoogle(response: ServerResponse, answer: string): void {
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
  events(response, [
    { candidates: [{ content: { role: 'model', parts: [{ text: answer }] }, finishReason: 'STOP', index: 0 }], usageMetadata },
  ]);
}

function events(response: ServerResponse, all: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const one of all) response.write(`${'type' in one ? `event: ${String(one.type)}\n` : ''}data: ${JSON.stringify(one)}\n\n`);
  response.end();
}

const KEYWORDS = [
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'description',
  'format',
  'pattern',
  '$schema',
];
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems'];

/** What OpenAI says of a schema that a strict answer cannot be held to; null for nothing. */
function strictProblem(schema: unknown, at: string): string | null {
  const {
    type,
    properties = {},
    required = [],
    additionalProperties,
    items,
    anyOf,
    ...rest
  } = schema as {
    readonly type?: unknown;
    readonly properties?: { readonly [name: string]: unknown };
    readonly required?: readonly string[];
    readonly additionalProperties?: unknown;
    readonly items?: unknown;
    readonly anyOf?: readonly unknown[];
  };
  const beyond = Object.keys(rest).find((keyword) => !KEYWORDS.includes(keyword) && !NUMBERS.includes(keyword));
  if (beyond !== undefined) return `In context=${at}, '${beyond}' is not permitted.`;
  if (at === '()' && type !== 'object') return `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(type)}"'.`;
  if (anyOf !== undefined) return first(anyOf.map((one, index) => strictProblem(one, `${at}.anyOf.${index}`)));
  if (type === undefined) return `In context=${at}, schema must have a 'type' key.`;
  if (type === 'array') return items === undefined ? `In context=${at}, array schema missing items.` : strictProblem(items, `${at}.items`);
  if (type !== 'object') return null;
  if (additionalProperties !== false) return `In context=${at}, 'additionalProperties' is required to be supplied and to be false.`;
  const missing = Object.keys(properties).find((name) => !required.includes(name));
  if (missing !== undefined)
    return `In context=${at}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  return first(Object.entries(properties).map(([name, property]) => strictProblem(property, `${at}.properties.${name}`)));
}

function first(problems: readonly (string | null)[]): string | null {
  return problems.find((problem) => problem !== null) ?? null;
}
