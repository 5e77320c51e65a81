/**
 * A world for tools in tests: the real engine, folders, a service on a real socket, and a scripted model that asks for
 * whatever its script says, one turn after the other, as an agent's loop would have it done.
 */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { defineHandler, GoOn } from '@scriptorium/core';
import type { CalledFlows, Flow, Handler, Json, JsonObject } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import type { ToolSources } from '../../src/tools/sources.ts';
import { toolFlows } from '../../src/tools/tool-flows.ts';
import { toolsOf } from '../../src/tools/toolbox.ts';
import type { NotedAnswer } from '../../src/tools/answers.ts';

export interface ScriptedCall {
  readonly tool: string;
  readonly input: Json;
  /** Given where it is not to be one of its own. */
  readonly id?: string;
}

export interface Scripted {
  readonly tools: Json;
  readonly turns: readonly (readonly ScriptedCall[])[];
  readonly tainted?: boolean;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What a person says to a question; null says nothing. */
export type Person = (ask: string) => Json;

export interface ToolWorld {
  readonly folder: string;
  /** `127.0.0.1:<port>`, where the service is; `localhost:<port>` leads there, too. */
  readonly host: string;
  readonly port: number;
  readonly requests: Request[];
  readonly pages: Map<string, string>;
  readonly file: (name: string, text: string) => void;
  /** Answers of all calls, in their order. */
  readonly play: (script: Scripted, person?: Person) => Promise<readonly NotedAnswer[]>;
  /** What people were asked in the last play. */
  readonly asked: string[];
  /** Ends the engine, and leaves its store. */
  readonly leave: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openToolWorld(
  sources: Partial<ToolSources> = {},
  flows: readonly Flow[] = [],
  called: CalledFlows = {},
): Promise<ToolWorld> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tools-')));
  const requests: Request[] = [];
  const pages = new Map<string, string>();
  const server = serviceOf(pages, requests);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = scriptedAgent({ tools: [], servers: {}, flows, ...sources }, flows);
  const engine = await openEngine({
    home: join(folder, '.store'),
    modules: [{ url: import.meta.url, handlers: [agent] }],
    contracts: createContracts(),
    env: { ...process.env, SCRIPTORIUM_HTTP_ALLOW: `127.0.0.1:${port} localhost:${port}`, SERVICE_TOKEN: 'canary-of-the-service' },
  });
  const { flow } = compileFlow(
    `flow: test/play\nversion: "1.0.0"\ninput: { script: {} }\nsteps: { play: { uses: test/agent, with: { script: "\${ input.script }" } } }\noutput: "\${ play }"`,
    {
      file: 'play.flow.yaml',
      callables: new Map([...coreHandlers, agent].map((handler) => [handler.name, handler])),
    },
  );
  const options = {
    mode: 'flexible',
    test: false,
    dryRun: false,
    limit: null,
    out: join(folder, '.out'),
    fresh: true,
    modules: [],
  } as const;
  const asked: string[] = [];
  return {
    folder,
    host: `127.0.0.1:${port}`,
    port,
    requests,
    pages,
    asked,
    file: (name, text) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    },
    play: async (script, person = () => null) => {
      asked.length = 0;
      if (flow === null) throw new Error('the flow of the test is broken');
      const run = await engine.start({ flow, called, input: { script: script as unknown as JsonObject }, options, by: 'test' });
      for (;;) {
        const { status, output, error } = await engine.describe(run);
        if (status === 'succeeded') return output as unknown as readonly NotedAnswer[];
        if (status === 'failed' || status === 'cancelled') throw new Error(`${error?.code}: ${error?.message}`);
        for (const wait of await engine.waits(run)) {
          if (wait.event === null || wait.ask === null || asked.includes(wait.ask)) continue;
          asked.push(wait.ask);
          const answer = person(wait.ask);
          if (answer !== null)
            await engine.answer(wait.run, { step: wait.step, item: wait.item, answer, as: null, id: null, by: 'person' });
        }
        await pause(2);
      }
    },
    leave: () => engine.stop(),
    close: async () => {
      await engine.abandon();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Says what its pages say; `/to?<url>` leads to another place. */
function serviceOf(pages: ReadonlyMap<string, string>, requests: Request[]): Server {
  return createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const { method = '', url: path = '' } = request;
      requests.push({ method, path, body });
      const to = /^\/to\?(.*)$/.exec(path)?.[1];
      if (to === undefined) response.end(pages.get(path) ?? 'fine');
      else response.writeHead(302, { location: decodeURIComponent(to) }).end();
    });
  });
}

/** Each attempt opens the toolbox anew, as after a crash. */
function scriptedAgent(sources: ToolSources, flows: readonly Flow[]): Handler {
  return defineHandler({
    name: 'test/agent',
    version: '1.0.0',
    doc: 'Has done what its script asks for.',
    input: { type: 'object', required: ['script'], properties: { script: {} } },
    output: true,
    effects: 'write',
    flows: [...toolFlows(), ...flows],
    run: async ({ script: { tools, turns, tainted = false } }: { readonly script: Scripted }, context) => {
      const box = await toolsOf(tools, sources, context);
      try {
        const answers: NotedAnswer[] = [];
        for (const [turn, calls] of turns.entries()) {
          for (const [index, { tool, input, id = `${turn}.${index}` }] of calls.entries()) {
            const taken = await box.take({ id, tool, input }, { tainted });
            if (taken.type === 'waiting') return new GoOn({}, taken.call);
            answers.push(taken.answer as NotedAnswer);
          }
        }
        return answers as unknown as Json;
      } finally {
        await box.close();
      }
    },
  });
}
