/** The story workflow with a scripted model over real HTTP, quick enough for tests. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Flow, Handler, Host, JsonObject, RunSummary } from '@scriptorium/core';
import { agentModule, offlineModel } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked, ModelServer } from '@scriptorium/agents/model-server';
import { coreHandlers } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { handlers as storyHandlers, storiesFlow } from '@scriptorium/stories';
import { createKit, finish, startIn } from '../engine/kit.ts';
import type { Kit } from '../engine/kit.ts';

/** By what its instructions begin with. */
const beginnings = {
  'You invent': 'concept',
  'You plot': 'plot',
  'You know': 'character',
  'You build': 'world',
  'You write': 'writer',
  'You read': 'continuity',
  'You judge': 'critic',
  'You find': 'research',
  'You edit': 'editor',
} as const;

export type Agent = (typeof beginnings)[keyof typeof beginnings];

export function agentOf({ messages }: Asked): Agent {
  const text = String(messages[0]?.content);
  const found = Object.entries(beginnings).find(([beginning]) => text.startsWith(beginning));
  if (found === undefined) throw new Error(`nobody's instructions: ${text}`);
  return found[1];
}

export type Script = (agent: Agent, asked: Asked, number: number) => Act | null;

/** A score of the same for every dimension. */
export function judged(score: number, next: string): Act {
  const dimensions = [
    'structure',
    'coherence',
    'genre',
    'character',
    'pacing',
    'theme',
    'dialogue',
    'setting',
    'emotion',
    'originality',
    'technique',
  ];
  return { json: { scores: Object.fromEntries(dimensions.map((name) => [name, score])), notes: ['More salt.'], next } };
}

const one = { title: 'Salt', premise: 'p', protagonist: 'Ann', conflict: 'c', setting: 's', themes: ['t'], hook: 'h' };
const chapter = { title: 'One', purpose: 'p', conflict: 'c', place: 'the quay', people: ['Ann'], thread: 1 };

/** What an agent answers where a test says nothing else: a story of one chapter, accepted at once. */
function usual(agent: Agent, drafts: number): Act {
  switch (agent) {
    case 'concept':
      return { json: { concepts: [one, one, one], choice: 0 } };
    case 'plot':
      return { json: { framework: 'three_acts', beats: ['b'], cast: ['Ann', 'Bo'], chapters: [chapter] } };
    case 'character':
      return { json: { name: 'Ann', profile: 'p', voice: 'v' } };
    case 'world':
      return { json: { places: ['the quay'], rules: [], history: 'h' } };
    case 'writer':
      return { json: { text: `Ann stood on the quay.\n\nThis is draft ${drafts}.`, memory: ['Ann stood.'] } };
    case 'continuity':
      return { json: { contradictions: [] } };
    case 'critic':
      return judged(9, 'keep');
    case 'research':
      return { json: { facts: ['Salt is old.'] } };
    case 'editor':
      return { json: { edits: [{ before: 'stood', after: 'waited' }] } };
  }
}

export interface StoryKit {
  readonly kit: Kit;
  readonly server: ModelServer;
  readonly flow: Flow;
  readonly handlers: readonly Handler[];
  readonly open: () => Promise<Engine>;
  readonly start: (host: Host, input?: JsonObject) => Promise<string>;
  readonly tell: (input?: JsonObject) => Promise<RunSummary>;
  /** How often each agent was asked. */
  readonly counts: () => { readonly [agent in Agent]?: number };
}

/** `changes` are made in the text of the flow: what waits by the clock there is short here. */
export async function createStoryKit(
  t: TestContext,
  script: Script,
  changes: readonly (readonly [string, string])[] = [],
): Promise<StoryKit> {
  const kit = createKit(t);
  let drafts = 0;
  const server = await startModelServer((asked, number) => {
    const agent = agentOf(asked);
    if (agent === 'writer') drafts += 1;
    return script(agent, asked, number) ?? usual(agent, drafts);
  });
  t.after(() => server.close());
  const entry = { provider: 'compatible', url: server.url, price: { input: 1, output: 10 } } as const;
  const models = { good: { ...entry, model: 'good' }, other: { ...entry, model: 'other' } };
  const handlers = [...agentModule({ env: {}, models, own: [offlineModel] }).handlers, ...storyHandlers];
  const flow = storyFlow([['delay: 2s', 'delay: 1ms'], ...changes], handlers);
  const open = (): Promise<Engine> => kit.open({ handlers });
  const start = (host: Host, input: JsonObject = {}): Promise<string> =>
    startIn(host, kit, flow, { ...defaultsOf(flow), premise: 'Salt.', model: ['good'], approvals: 'none', ...input });
  const tell = async (input: JsonObject = {}): Promise<RunSummary> => {
    const engine = await open();
    return finish(engine, await start(engine, input));
  };
  const counts = (): { readonly [agent in Agent]?: number } =>
    server.asked.map(agentOf).reduce<{ [agent in Agent]?: number }>((all, agent) => ({ ...all, [agent]: (all[agent] ?? 0) + 1 }), {});
  return { kit, server, flow, handlers, open, start, tell, counts };
}

export function defaultsOf({ input }: Flow): JsonObject {
  const properties = (typeof input === 'boolean' ? {} : (input['properties'] ?? {})) as { readonly [name: string]: JsonObject };
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])),
  );
}

function storyFlow(changes: readonly (readonly [string, string])[], handlers: readonly Handler[]): Flow {
  let source = readFileSync(storiesFlow.file, 'utf8');
  for (const [from, to] of changes) {
    if (!source.includes(from)) throw new Error(`the flow has no '${from}'`);
    source = source.replaceAll(from, to);
  }
  const callables = new Map([...coreHandlers, ...handlers].map((handler) => [handler.name, handler]));
  const read = (path: string): { readonly file: string; readonly source: string } => ({
    file: path,
    source: readFileSync(join(dirname(storiesFlow.file), path), 'utf8'),
  });
  const { flow, diagnostics } = compileFlow(source, { file: 'stories.flow.yaml', callables, read });
  if (flow === null) throw new Error(diagnostics.map(({ line, code, message }) => `${line} ${code}: ${message}`).join('\n'));
  return flow;
}
