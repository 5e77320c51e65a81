/** The composition root: the one place where a host, its contracts and the process meet. */

import { agentModule, modelsOf, offlineModel, serverOf } from '@scriptorium/agents';
import type { AgentOptions, McpEntry, ModelEntry } from '@scriptorium/agents';
import type { HandlerModule, PlannedStep, StartRequest, StepError } from '@scriptorium/core';
import { ALLOW_VARIABLE, connect, dryRun, RESERVE_BYTES } from '@scriptorium/engine';
import type { Connection, EngineOptions } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { entriesOf } from './configuration/configuration.ts';
import type { Context } from './context.ts';
import { CommandError, exitCodes } from './exit-code.ts';
import { retentionOf } from './configuration/retention.ts';

/** Flows bring the modules of their handlers along; those of agents are everybody's. */
export function openConnection(context: Context): Promise<Connection> {
  const { home, settings } = context;
  const store = storeOptions(context);
  const { isolation } = settings;
  const retention = retentionOf(context.configuration);
  return connect({
    home,
    modules: modulesOf(context),
    contracts: createContracts(),
    env: engineEnv(context),
    store,
    isolation,
    ...(retention === null ? {} : { retention }),
  });
}

/** What a request would do; leaves nothing behind, not even a store. */
export function planWithoutTrace(context: Context, request: StartRequest): AsyncIterable<PlannedStep> {
  return dryRun({ home: context.home, modules: modulesOf(context), contracts: createContracts(), env: engineEnv(context) }, request);
}

/** Refuses what would ask none but models that cannot be asked, before it costs anything. */
export function requireModels(context: Context, asked: readonly (readonly string[])[]): void {
  const models = modelsOf(modelOptions(context));
  const problemOf = (name: string): StepError | null => {
    try {
      return models.find(name) && null;
    } catch (error) {
      return error as StepError;
    }
  };
  for (const names of asked) {
    const problems = names.map(problemOf);
    const [first = null] = problems;
    if (first !== null && problems.every((problem) => problem !== null))
      throw new CommandError(exitCodes.refused, first.message, first.fix);
  }
}

function modelOptions({ env, configuration }: Context): Pick<AgentOptions, 'env' | 'models' | 'own'> {
  const entries = [...entriesOf(configuration, 'models')].map(([name, { value }]) => [name, value as unknown as ModelEntry] as const);
  return { env, models: Object.fromEntries(entries), own: [offlineModel] };
}

function modulesOf(context: Context): readonly HandlerModule[] {
  const { env, configuration } = context;
  const servers = Object.fromEntries(
    [...entriesOf(configuration, 'mcp')].map(([name, { value }]) => [name, serverOf(value as unknown as McpEntry, env)]),
  );
  return [agentModule({ ...modelOptions(context), tools: { tools: [], servers } })];
}

export function storeOptions({ settings }: Context): NonNullable<EngineOptions['store']> {
  return { allowNetwork: settings.networkHome === 'allow', reserveBytes: settings.reserve === 'none' ? 0 : RESERVE_BYTES };
}

/** What an engine reads in its environment, where the configuration says it. */
function engineEnv({ env, settings: { httpAllow } }: Context): Context['env'] {
  return httpAllow === null ? env : { ...env, [ALLOW_VARIABLE]: httpAllow };
}
