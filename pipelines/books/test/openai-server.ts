/**
 * A service that speaks the chat completions protocol over real HTTP, with the ways in which such services fail. It
 * keeps a journal of what it was asked and when, and counts how many calls were open at once.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Behaviour =
  /** Answers what `answer` gives, or this content. */
  | { readonly type: 'answer'; readonly content?: string; readonly delayMs?: number }
  | { readonly type: 'status'; readonly status: number; readonly retryAfter?: string; readonly message?: string; readonly code?: string }
  /** Sends headers and half of a body, then nothing. */
  | { readonly type: 'stall' }
  /** Closes the connection. */
  | { readonly type: 'hang-up' }
  /** Sends this text as the whole body. */
  | { readonly type: 'body'; readonly text: string };

export interface Call {
  /** Milliseconds since the server started. */
  readonly at: number;
  readonly status: number;
  readonly key: string;
  readonly body: ChatRequest;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly json_schema?: { readonly name?: string } };
}

export interface OpenAiServer {
  readonly baseUrl: string;
  readonly calls: readonly Call[];
  readonly maxConcurrent: () => number;
  readonly close: () => Promise<void>;
}

export interface ServerOptions {
  /** By the number of the call, from 0; the default answers. */
  readonly behave?: (call: number, request: ChatRequest) => Behaviour;
  /** Content of an answer; the default answers the judge of this pipeline: every title matches, every unit is a main chapter. */
  readonly answer?: (request: ChatRequest) => string;
  /** More calls than this in one second are answered 429. */
  readonly callsPerSecond?: number;
}

export async function startOpenAiServer(options: ServerOptions = {}): Promise<OpenAiServer> {
  const started = performance.now();
  const calls: Call[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    open += 1;
    most = Math.max(most, open);
    response.on('close', () => (open -= 1));
    void received(request).then((body) => {
      const at = performance.now() - started;
      const recent = calls.filter((call) => call.at > at - 1000 && call.status === 200).length;
      const limited = options.callsPerSecond !== undefined && recent >= options.callsPerSecond;
      const behaviour: Behaviour = limited
        ? { type: 'status', status: 429, retryAfter: '1' }
        : (options.behave?.(calls.length, body) ?? { type: 'answer' });
      calls.push({
        at,
        status: behaviour.type === 'status' ? behaviour.status : 200,
        key: (request.headers.authorization ?? '').replace(/^Bearer /, ''),
        body,
      });
      respond(response, behaviour, options.answer ?? agreeable, body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${String(port)}/v1`,
    calls,
    maxConcurrent: () => most,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

async function received(request: IncomingMessage): Promise<ChatRequest> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as ChatRequest;
}

function respond(response: ServerResponse, behaviour: Behaviour, answer: (request: ChatRequest) => string, request: ChatRequest): void {
  const headers = { 'content-type': 'application/json' };
  switch (behaviour.type) {
    case 'status':
      response.writeHead(behaviour.status, {
        ...headers,
        ...(behaviour.retryAfter === undefined ? {} : { 'retry-after': behaviour.retryAfter }),
      });
      response.end(JSON.stringify({ error: { message: behaviour.message ?? 'refused', code: behaviour.code ?? null } }));
      return;
    case 'stall':
      response.writeHead(200, headers);
      response.write('{"choices": [');
      return;
    case 'hang-up':
      response.destroy();
      return;
    case 'body':
      response.writeHead(200, headers);
      response.end(behaviour.text);
      return;
    case 'answer':
      setTimeout(() => {
        response.writeHead(200, headers);
        response.end(completion(behaviour.content ?? answer(request), request));
      }, behaviour.delayMs ?? 0);
  }
}

function completion(content: string, request: ChatRequest): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: request.model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  });
}

/** The ids that the judge asked about. */
export function askedUnits(request: ChatRequest): string[] {
  const prompt = request.messages.find((message) => message.role === 'user')?.content ?? '';
  return [...prompt.matchAll(/"id": "([^"]+)"/g)].map((match) => match[1] ?? '');
}

function agreeable(request: ChatRequest): string {
  const roles = request.response_format?.json_schema?.name === 'unit_roles';
  return JSON.stringify({
    results: askedUnits(request).map((unit) => (roles ? { unit, role: 'main_chapter' } : { unit, verdict: 'match', comment: '' })),
  });
}
