/** An MCP server for tests, over standard input and output when it is the program itself, or behind `createMcpHandler`. */

import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

/** One tool that adds, told of as `description` says, and one that fails. */
export function adder(description: string): McpServer {
  const server = new McpServer({ name: 'adder', version: '1.0.0' });
  server.registerTool('add', { description, inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }));
  server.registerTool('fail', { description: 'Fails.' }, () => ({ isError: true, content: [{ type: 'text', text: 'it is broken' }] }));
  return server;
}

if (process.argv[1] === import.meta.filename) serveStdio(() => adder(process.env['DESCRIPTION'] ?? 'Adds.'));
