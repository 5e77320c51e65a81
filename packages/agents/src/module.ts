/** The handlers of agents, as an engine loads them. */

import type { Context, HandlerModule } from '@scriptorium/core';
import { fetchOf } from '@scriptorium/cassettes';
import { createAgent } from './agent/agent.ts';
import type { Model } from './models/model.ts';
import { createModels } from './models/models.ts';
import type { ModelEntry } from './models/entry.ts';
import type { OpenToolbox } from './tools/toolbox.ts';

export interface AgentOptions {
  readonly env: Context['env'];
  /** By the names that flows use. */
  readonly models: { readonly [name: string]: ModelEntry };
  /** Models that are part of the program. */
  readonly own: readonly Model[];
}

/** What is recorded to, or answered from: `record:<path>` or `replay:<path>`. */
export const CASSETTE_VARIABLE = 'SCRIPTORIUM_CASSETTE';

export function agentModule({ env, models, own }: AgentOptions): HandlerModule {
  const fetching = fetchOf(env[CASSETTE_VARIABLE], fetch);
  const agent = createAgent({ models: createModels({ env, entries: models, own, fetch: fetching }), openToolbox: noTools, flows: [] });
  return { url: import.meta.url, handlers: [agent] };
}

/** Without grants there is nothing to take. */
const noTools: OpenToolbox = () =>
  Promise.resolve({ specs: [], take: () => Promise.reject(new Error('there are no tools')), close: () => Promise.resolve() });
