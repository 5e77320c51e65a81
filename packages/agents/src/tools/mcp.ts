/**
 * MCP servers as sources of tools: programs that are spoken to over their standard input, and services over HTTP.
 *
 * 1. What a server says of its tools is read by the model like an instruction, so somebody has to have read it before:
 *    the configuration names the hash of it, and with any other nothing of the server is used.
 * 2. That is looked at anew for every connection, and there is one for every attempt that needs it, but none where a
 *    cassette answers.
 * 3. What the tools give is data, and came from outside. Whether they write, the step says: what the server says of
 *    that counts for nothing.
 */

import { createHash } from 'node:crypto';
import { CASSETTE_VARIABLE, CassetteError, fetchOf, secretsIn } from '@scriptorium/cassettes';
import type { Fetch } from '@scriptorium/cassettes';
import type { CallToolResult, Client, Tool as Offered, Transport } from '@modelcontextprotocol/client';
import { StepError } from '@scriptorium/core';
import type { Json, JsonObject, Schema } from '@scriptorium/core';
import { canonicalJson } from '@scriptorium/flow';
import type { Grant } from './granting.ts';
import type { LocalTool } from './tool.ts';

export interface McpServer {
  /** The program and its arguments, or where the service is. */
  readonly at: { readonly command: readonly string[]; readonly env?: readonly string[] } | McpService;
  /** `sha256:<hex>` by {@link pinOf} of what was read and found good; null refuses everything, and tells the hash. */
  readonly pin: string | null;
}

interface McpService {
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
}

export interface McpConnection {
  readonly tools: readonly LocalTool[];
  readonly close: () => Promise<void>;
}

const CONNECT_MS = 20_000;
const CALL_MS = 120_000;
const MAX_DOC = 4_000;

type Env = { readonly [name: string]: string | undefined };

/** Raises `fatal` for a server that offers something else than was agreed on, `io` for one that does not answer. */
export async function connectMcp(
  name: string,
  server: McpServer,
  wanted: readonly string[],
  grant: Grant,
  env: Env,
): Promise<McpConnection> {
  const session = openSession(server, env);
  const ask = fetchOf(env[CASSETTE_VARIABLE], session.answer, { secrets: secretsIn(env) });
  try {
    const { tools } = await said<{ readonly tools: readonly Offered[] }>(ask, name, {});
    requirePin(name, server.pin, tools);
    return { tools: chosen(name, tools, wanted).map((tool) => toolOf(name, tool, grant, ask)), close: session.close };
  } catch (error) {
    await session.close();
    if (error instanceof StepError) throw error;
    throw new StepError('io', `the MCP server ${name} does not answer: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A tool and what it is given; without one, what there is is asked. */
interface Asked {
  readonly tool?: string;
  readonly given?: Json;
}

interface Session {
  /** Answers an {@link Asked} as a service would, so that a cassette holds it like all that is asked. */
  readonly answer: Fetch;
  readonly close: () => Promise<void>;
}

/** Connects when the first question comes: a replay asks none. */
function openSession(server: McpServer, env: Env): Session {
  let connection: Promise<Client> | null = null;
  return {
    answer: async (input, init) => {
      const request = new Request(input, init);
      const { tool, given } = (await request.json()) as Asked;
      const client = await (connection ??= connected(server, env));
      if (tool === undefined) return Response.json(await client.listTools(undefined, { cacheMode: 'refresh', timeout: CONNECT_MS }));
      const call = { name: tool, arguments: given as { [key: string]: unknown } };
      return Response.json(await client.callTool(call, { signal: request.signal, timeout: CALL_MS }));
    },
    close: async () => {
      const client = await connection?.catch(() => null);
      await client?.close().catch(() => undefined);
    },
  };
}

async function connected(server: McpServer, env: Env): Promise<Client> {
  // Loaded when it is needed: most runs speak to no server.
  const { Client } = await import('@modelcontextprotocol/client');
  const client = new Client({ name: 'scriptorium', version: '0.1.0' });
  try {
    await client.connect(await transportOf(server, env), { timeout: CONNECT_MS });
    return client;
  } catch (error) {
    await client.close().catch(() => undefined);
    throw error;
  }
}

async function said<T>(ask: Fetch, server: string, asked: Asked, signal: AbortSignal | null = null): Promise<T> {
  const url = `http://mcp.invalid/mcp:${encodeURIComponent(server)}`;
  try {
    const response = await ask(url, { method: 'POST', body: JSON.stringify(asked), signal });
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof CassetteError) throw new StepError('fatal', error.message, { fix: error.fix });
    throw error;
  }
}

/** What a server offers, for whoever reads it before it is pinned. Raises `io` for one that does not answer. */
export async function offeredBy(
  name: string,
  server: McpServer,
  env: Env,
): Promise<{
  readonly tools: readonly { readonly name: string; readonly description: string; readonly input: Json }[];
  readonly pin: string;
}> {
  const session = openSession(server, env);
  try {
    const { tools } = await said<{ readonly tools: readonly Offered[] }>(session.answer, name, {});
    const told = tools.map((tool) => ({ name: tool.name, description: tool.description ?? '', input: tool.inputSchema as Json }));
    return { tools: told, pin: pinOf(tools) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StepError('io', `the MCP server ${name} does not answer: ${message}`, { cause: error, fix: 'Check its command or address.' });
  } finally {
    await session.close();
  }
}

/** The hash of all that a model could be told of these tools. */
export function pinOf(tools: readonly Pick<Offered, 'name' | 'description' | 'inputSchema' | 'title' | 'annotations'>[]): string {
  const told = tools
    .map(({ name, title = null, description = null, inputSchema, annotations = null }) => ({
      name,
      title,
      description,
      inputSchema,
      annotations,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return `sha256:${createHash('sha256')
    .update(canonicalJson(told as unknown as Json))
    .digest('hex')}`;
}

function requirePin(name: string, pin: string | null, tools: readonly Offered[]): void {
  const found = pinOf(tools);
  if (found === pin) return;
  const names = tools.map((tool) => tool.name).join(', ');
  throw new StepError(
    'fatal',
    pin === null
      ? `what the MCP server ${name} says of its tools has not been agreed to: ${names}`
      : `the MCP server ${name} says something else of its tools than was agreed to: ${names}`,
    { fix: `Read the descriptions of its tools; if they are good, set its \`pin\` to ${found}.`, details: { pin: found } },
  );
}

async function transportOf({ at }: McpServer, env: Env): Promise<Transport> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
  if ('url' in at) return new StreamableHTTPClientTransport(new URL(at.url), { requestInit: { headers: { ...at.headers } } });
  const [command = '', ...args] = at.command;
  const named = Object.fromEntries((at.env ?? []).flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return new StdioClientTransport({ command, args, env: named, stderr: 'ignore' });
}

function chosen(name: string, tools: readonly Offered[], wanted: readonly string[]): readonly Offered[] {
  return wanted.map((one) => {
    const found = tools.find((tool) => tool.name === one);
    if (found !== undefined) return found;
    throw new StepError('fatal', `the MCP server ${name} has no tool ${one}: there is ${tools.map((tool) => tool.name).join(', ')}`);
  });
}

function toolOf(server: string, { name, description = '', inputSchema }: Offered, { effects, trusted }: Grant, ask: Fetch): LocalTool {
  return {
    name: `${server}_${name}`.replaceAll(/[^A-Za-z0-9_]+/g, '_').slice(0, 64),
    doc: description.slice(0, MAX_DOC),
    input: inputSchema as Schema,
    effects: effects ?? 'write',
    tainted: !trusted,
    reaches: () => [],
    run: async (input, { signal }) => told(await said<CallToolResult>(ask, server, { tool: name, given: input }, signal)),
  };
}

/** Text and structured content; of everything else, what it is. Raises `tool.failed` with what the tool said. */
function told({ content, structuredContent, isError }: CallToolResult): Json {
  const parts = content.map((part): string => (part.type === 'text' ? part.text : `[${part.type}]`));
  if (isError === true) throw new StepError('tool.failed', parts.join('\n'));
  const text = parts.join('\n');
  return structuredContent === undefined ? { text } : { text, structured: structuredContent as JsonObject };
}
