/** The story workflow with a scripted model over real HTTP, quick enough for tests. */

import type { TestContext } from 'node:test';
import type { Flow, Handler, Host, JsonObject, RunSummary } from '@scriptorium/core';
import { agentModule, offlineModel } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked, ModelServer } from '@scriptorium/agents/model-server';
import { coreHandlers } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { handlers as storyHandlers } from '@scriptorium/stories';
import { agentOf, usualAnswer } from '@scriptorium/stories/scripted-agents';
import type { Agent } from '@scriptorium/stories/scripted-agents';
import { defaultsOf, storyFlow } from '@scriptorium/stories/story-flow';
import type { Change } from '@scriptorium/stories/story-flow';
import { createKit, finish, startIn } from '../engine/kit.ts';
import type { Kit } from '../engine/kit.ts';

export type Script = (agent: Agent, asked: Asked, number: number) => Act | null;

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
export async function createStoryKit(t: TestContext, script: Script, changes: readonly Change[] = []): Promise<StoryKit> {
  const kit = createKit(t);
  let drafts = 0;
  const server = await startModelServer((asked, number) => {
    const agent = agentOf(asked);
    if (agent === 'writer') drafts += 1;
    return script(agent, asked, number) ?? usualAnswer(agent, String(drafts));
  });
  t.after(() => server.close());
  const entry = { provider: 'compatible', url: server.url, price: { input: 1, output: 10 } } as const;
  const models = { good: { ...entry, model: 'good' }, other: { ...entry, model: 'other' } };
  const handlers = [...agentModule({ env: {}, models, own: [offlineModel] }).handlers, ...storyHandlers];
  const flow = storyFlow([...coreHandlers, ...handlers], [['delay: 2s', 'delay: 1ms'], ...changes]);
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
