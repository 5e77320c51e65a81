/** The handlers of agents, as an engine loads them. */

import type { Context, Flow, HandlerModule } from '@scriptorium/core';
import { CASSETTE_VARIABLE, fetchOf, secretsIn } from '@scriptorium/cassettes';
import type { Fetch } from '@scriptorium/cassettes';
import { createAgent } from './agent/agent.ts';
import { createHandoff } from './handoff/handoff.ts';
import { agentSection } from './measuring/section.ts';
import type { Model, Models } from './models/model.ts';
import { createModels } from './models/models.ts';
import type { ModelEntry } from './models/entry.ts';
import { createJudge } from './scoring/judge.ts';
import { rulesScorer } from './scoring/rules.ts';
import { RESULT } from './tools/answers.ts';
import type { ToolSources } from './tools/sources.ts';
import { toolFlows } from './tools/tool-flows.ts';
import type { OpenToolbox, Toolbox, ToolboxContext } from './tools/toolbox.ts';

export interface AgentOptions {
  /** As steps name it; `core/agent` unless given. */
  readonly name?: string;
  readonly env: Context['env'];
  /** By the names that flows use. */
  readonly models: { readonly [name: string]: ModelEntry };
  /** Models that are part of the program. */
  readonly own: readonly Model[];
  /** Functions and MCP servers that steps may grant; none unless given. */
  readonly tools?: Omit<ToolSources, 'flows'>;
  /** Flows that steps may grant as tools. */
  readonly flows?: readonly Flow[];
}

export function agentModule({ name, env, models, own, tools, flows = [] }: AgentOptions): HandlerModule {
  const parts = {
    ...(name === undefined ? {} : { name }),
    models: modelsOf({ env, models, own }),
    openToolbox: openerOf({ tools: [], servers: {}, ...tools, flows }),
    functions: tools?.tools ?? [],
    get flows() {
      return [...toolFlows(), ...flows];
    },
  };
  return {
    url: import.meta.url,
    handlers: [createAgent(parts), ...(name === undefined ? [createJudge(parts), rulesScorer, createHandoff(parts)] : [])],
    section: agentSection,
  };
}

/** The models that its agents may name. */
export function modelsOf({ env, models, own }: Pick<AgentOptions, 'env' | 'models' | 'own'>): Models {
  const setting = env[CASSETTE_VARIABLE];
  // Opened when a model is called: a cassette that is none concerns nobody else.
  const fetching: Fetch = async (...request) => fetchOf(setting, fetch, { secrets: secretsIn(env) })(...request);
  return createModels({ env, entries: models, own, fetch: fetching, isReplay: setting?.startsWith('replay:') === true });
}

/** Most agents have no tools: what opens a toolbox is loaded for those that do. */
function openerOf(sources: ToolSources): OpenToolbox {
  return async (grants, context) => {
    if (Array.isArray(grants) && grants.length === 0) return noTools(context);
    const { toolsOf } = await import('./tools/toolbox.ts');
    return toolsOf(grants, sources, context);
  };
}

/** Without grants there is nothing to take, whatever the model asks for. */
function noTools({ note }: ToolboxContext): Toolbox {
  return {
    specs: [],
    take: async ({ id, tool }) => {
      const output = `refused: there is no tool ${JSON.stringify(tool.slice(0, 100))}`;
      const answer = { id, tool, output, isError: true, tainted: false };
      await note(`${RESULT}${id}`, answer);
      return { type: 'answered', answer };
    },
    close: () => Promise.resolve(),
  };
}
