/** An MCP server over HTTP on a loopback socket, for tests; it keeps the headers that it was asked with. */

import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpServer } from '@modelcontextprotocol/server';

export interface McpService {
  readonly url: string;
  readonly asked: readonly IncomingHttpHeaders[];
  readonly close: () => void;
}

/** `serverOf` is asked anew for every request, so that what it offers may change. */
export async function startMcpService(serverOf: () => McpServer): Promise<McpService> {
  const handler = createMcpHandler(serverOf);
  const asked: IncomingHttpHeaders[] = [];
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push(request.headers);
      const { method = 'GET', url = '/' } = request;
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
      const body = method === 'GET' ? {} : { body: Buffer.concat(parts) };
      void handler.fetch(new Request(`http://localhost${url}`, { method, headers, ...body })).then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
      });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    asked,
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
}
