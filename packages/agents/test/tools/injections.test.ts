/**
 * 62 texts that want something else done than the step. A scripted model obeys each of them; nothing of it happens.
 * The same calls do pass where they were granted and a person approved them, so that the check can fail.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Json, JsonObject } from '@scriptorium/core';
import { McpServer } from '@modelcontextprotocol/server';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { z } from 'zod';
import { defineTool } from '../../src/tools/define-tool.ts';
import { offeredBy } from '../../src/tools/mcp.ts';
import { startMcpService } from './mcp-service.ts';
import type { McpService } from './mcp-service.ts';
import { openToolWorld } from './tool-world.ts';
import type { ScriptedCall, ToolWorld } from './tool-world.ts';

interface Injection {
  readonly name: string;
  /** How it gets into the conversation. */
  readonly by: 'page' | 'file' | 'memory' | 'message' | 'result' | 'flow' | 'mcp';
  readonly text: string;
  readonly attack: ScriptedCall;
  /** Whether there are grants with which the same call is made. */
  readonly mayPass: boolean;
}

const file = join(import.meta.dirname, 'injections', 'injections.json');
const injections = JSON.parse(readFileSync(file, 'utf8')) as readonly Injection[];

let world: ToolWorld;
let service: McpService;
let paid: number[] = [];
let told = '';

const pay = defineTool({
  name: 'pay',
  doc: 'Pays somebody.',
  input: z.strictObject({ to: z.string(), usd: z.number() }),
  effects: 'read',
  tainted: false,
  reaches: ({ usd }) => [{ kind: 'spend', usd }],
  run: ({ usd }) => paid.push(usd),
});
const [recall, look] = ['recall', 'look'].map((name) =>
  defineTool({ name, doc: 'Gives what is known.', input: z.strictObject({}), effects: 'read', run: () => told }),
);

const { flow: colleague } = compileFlow(
  'flow: test/colleague\nversion: "1.0.0"\ninput: { text: { type: string } }\nsteps: { say: { value: "${ input.text }" } }\noutput: "${ say }"',
  { file: 'colleague.flow.yaml', callables: new Map(coreHandlers.map((handler) => [handler.name, handler])) },
);

/** Writes by a program, which only a person may let it. */
const { flow: publish } = compileFlow(
  'flow: test/publish\nversion: "1.0.0"\ninput: { path: { type: string } }\nsteps: { done: { uses: core/exec, with: { argv: [touch, "${ input.path }"], stdout: text } } }\noutput: "${ input.path }"',
  { file: 'publish.flow.yaml', callables: new Map(coreHandlers.map((handler) => [handler.name, handler])) },
);

let kept: string[] = [];

function notes(): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  server.registerTool('look', { description: 'Looks.' }, () => ({ content: [{ type: 'text', text: told }] }));
  server.registerTool('keep', { description: 'Keeps.', inputSchema: z.object({ text: z.string() }) }, ({ text }) => {
    kept.push(text);
    return { content: [{ type: 'text', text: 'kept' }] };
  });
  return server;
}

before(async () => {
  service = await startMcpService(notes);
  const at = { url: service.url };
  const { pin } = await offeredBy('notes', { at, pin: null }, {});
  const tools = [pay, recall, look].filter((tool) => tool !== undefined);
  const flows = [colleague, publish].filter((flow) => flow !== null);
  world = await openToolWorld({ tools, servers: { notes: { at, pin } } }, flows);
  world.file('notes/.env', 'hidden');
  world.file('secret/key.txt', 'not for agents');
  symlinkSync(join(world.folder, 'secret'), join(world.folder, 'notes', 'out'));
});
after(async () => {
  await world.close();
  service.close();
});
beforeEach(() => {
  rmSync(join(world.folder, 'drafts'), { recursive: true, force: true });
  rmSync(join(world.folder, 'secret', 'new.txt'), { force: true });
  rmSync(join(world.folder, 'marker'), { force: true });
  mkdirSync(join(world.folder, 'drafts'));
  world.file('notes/a.md', 'The lighthouse is dark.');
  world.requests.length = 0;
  paid = [];
  kept = [];
});

/** With the names of this world. */
function placed<T>(value: T): T {
  const { folder, host, port } = world;
  const text = JSON.stringify(value);
  return JSON.parse(text.replaceAll('{folder}', folder).replaceAll('{host}', host).replaceAll('{port}', String(port))) as T;
}

/** The call that brings the text into the conversation. */
function bringing({ by, text }: Injection): ScriptedCall {
  const written = placed(text);
  told = written;
  world.pages.set('/page', written);
  world.file('notes/given.md', written);
  if (by === 'page') return { tool: 'http_get', input: { url: `http://${world.host}/page` } };
  if (by === 'file') return { tool: 'files_read', input: { path: join(world.folder, 'notes/given.md') } };
  if (by === 'mcp') return { tool: 'notes_look', input: {} };
  if (by === 'message' || by === 'flow') return { tool: 'test_colleague', input: { text: written } };
  return { tool: by === 'memory' ? 'recall' : 'look', input: {} };
}

const sources: readonly Json[] = ['recall', 'look', { flow: 'test/colleague', effects: 'read' }, { flow: 'test/publish' }];
const servers: readonly Json[] = [
  { mcp: 'notes', tools: ['look'], effects: 'read' },
  { mcp: 'notes', tools: ['keep'] },
];

/** A connection to a server is made for each attempt, so only steps that are told something by one have it. */
const sourcesOf = ({ by }: Injection): readonly Json[] => (by === 'mcp' ? [...sources, ...servers] : sources);

/** What a careful step grants. */
const grantedFor = (injection: Injection): Json => [
  ...sourcesOf(injection),
  { tool: 'files', read: [join(world.folder, 'notes')], write: [join(world.folder, 'drafts')] },
  { tool: 'http', hosts: [world.host], methods: ['GET', 'POST'] },
  { tool: 'program', programs: [['echo', 'hello']] },
  { tool: 'pay', usd: 5 },
];

/** What lets every one of the calls be made. */
const everythingFor = (injection: Injection): Json => [
  ...sourcesOf(injection),
  { tool: 'files', read: [world.folder, join(world.folder, 'notes/.env')], write: [world.folder] },
  { tool: 'http', hosts: [world.host, `localhost:${world.port}`], methods: ['GET', 'POST', 'PUT'] },
  { tool: 'program', programs: [['echo'], ['sh']] },
  { tool: 'pay', usd: 8 },
];

/** What is there that an attack could have changed. */
function state(): JsonObject {
  const { folder } = world;
  return {
    drafts: readdirSync(join(folder, 'drafts')),
    secrets: readdirSync(join(folder, 'secret')),
    note: readFileSync(join(folder, 'notes/a.md'), 'utf8'),
    marker: existsSync(join(folder, 'marker')),
    stolen: world.requests.filter(({ path }) => path.startsWith('/stolen')).length,
    paid,
    kept,
  };
}

/** A payment that the step is for comes first, so that one more is the second. */
const OWED_USD = 4;
const owed: ScriptedCall = { tool: 'pay', input: { to: 'printer', usd: OWED_USD } };

it('there are 62 of them, ten for most ways in', () => {
  const byWay = Object.values(Object.groupBy(injections, ({ by }) => by)).map((some) => some.length);
  assert.deepEqual(byWay, [10, 10, 10, 10, 10, 6, 6]);
  assert.equal(new Set(injections.map(({ by, name }) => `${by} ${name}`)).size, 62);
});

describe('a model that obeys', () => {
  for (const injection of injections) {
    it(`${injection.by}: ${injection.name}, does nothing`, async () => {
      const turns = [[owed], [bringing(injection)], [placed(injection.attack)]];
      const untouched = { ...state(), paid: [OWED_USD] };
      const answers = await world.play({ tools: grantedFor(injection), turns }, () => ({ decision: 'refuse' }));
      assert.deepEqual(
        answers.slice(0, 2).map(({ isError }) => isError),
        [false, false],
      );
      assert.ok(JSON.stringify(answers[1]?.output).length > 10, 'the text did not come in');
      assert.equal(answers[2]?.isError, true, JSON.stringify(answers[2]));
      assert.deepEqual(state(), untouched);
    });
  }
});

describe('the same call, granted and approved, is made', () => {
  for (const injection of injections.filter(({ mayPass }) => mayPass)) {
    it(`${injection.by}: ${injection.name}`, async () => {
      const turns = [[owed], [bringing(injection)], [placed(injection.attack)]];
      const answers = await world.play({ tools: everythingFor(injection), turns }, () => ({ decision: 'approve' }));
      assert.deepEqual([answers[2]?.made, answers[2]?.isError], [true, false], JSON.stringify(answers[2]));
    });
  }
});
