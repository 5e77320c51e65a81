/**
 * A service that speaks OpenAI's chat completions over real HTTP, streamed, with the ways in which such services fail.
 * It keeps what it was asked, and how many calls were open at once.
 */

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown; readonly tool_calls?: readonly unknown[] }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly response_format?: unknown;
  readonly max_tokens?: number;
}

export type Act =
  | {
      readonly text?: string;
      readonly json?: unknown;
      readonly calls?: readonly { readonly tool: string; readonly input: unknown }[];
      readonly finish?: string;
      readonly usage?: { readonly input: number; readonly output: number; readonly cached?: number };
      /** Before the answer begins, and between its pieces. */
      readonly delayMs?: number;
      readonly pieceMs?: number;
    }
  | { readonly status: number; readonly headers?: { readonly [name: string]: string }; readonly message?: string }
  /** Begins to answer, and says nothing more. */
  | { readonly stalls: true }
  | { readonly hangsUp: true };

export interface ModelServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Calls whose connection was closed by the other side before they were answered. */
  readonly abandoned: () => number;
  readonly mostAtOnce: () => number;
  readonly close: () => Promise<void>;
}

/** `act` is given what is asked and the number of the call, from 1. */
export async function startModelServer(act: (asked: Asked, number: number) => Act | Promise<Act>): Promise<ModelServer> {
  const asked: Asked[] = [];
  let [open, most, abandoned] = [0, 0, 0];
  const server = createServer((request, response) => {
    open += 1;
    most = Math.max(most, open);
    response.on('close', () => {
      open -= 1;
      if (!response.writableFinished) abandoned += 1;
    });
    void received(request).then(async (body) => {
      asked.push(body);
      await perform(response, await act(body, asked.length), asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    abandoned: () => abandoned,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function received(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Asked;
}

async function perform(response: ServerResponse, act: Act, number: number): Promise<void> {
  if ('hangsUp' in act) return void response.destroy();
  if ('status' in act) {
    response.writeHead(act.status, { 'content-type': 'application/json', ...act.headers });
    return void response.end(JSON.stringify({ error: { message: act.message ?? `status ${act.status}` } }));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: object, finish: string | null = null, more: object = {}): void => {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    response.write(
      `data: ${JSON.stringify({ id: `call-${number}`, object: 'chat.completion.chunk', created: 0, model: 'm', choices, ...more })}\n\n`,
    );
  };
  if ('stalls' in act) return send({ role: 'assistant', content: 'Once' });
  const { json, calls = [], pieceMs = 0, delayMs = 0, usage = { input: 100, output: 20 } } = act;
  const text = act.text ?? (json === undefined ? '' : JSON.stringify(json));
  await pause(delayMs);
  send({ role: 'assistant', content: '' });
  for (const piece of text.match(/[\s\S]{1,40}/g) ?? []) {
    await pause(pieceMs);
    send({ content: piece });
  }
  for (const [index, { tool, input }] of calls.entries())
    send({
      tool_calls: [{ index, id: `c${number}-${index}`, type: 'function', function: { name: tool, arguments: JSON.stringify(input) } }],
    });
  send({}, act.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop'), {
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
    },
  });
  response.end('data: [DONE]\n\n');
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
