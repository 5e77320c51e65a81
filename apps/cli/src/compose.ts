/** The composition root: the one place where a host, its contracts and the process meet. */

import { agentModule, offlineModel, serverOf } from '@scriptorium/agents';
import type { McpEntry, ModelEntry } from '@scriptorium/agents';
import type { HandlerModule, PlannedStep, StartRequest } from '@scriptorium/core';
import { ALLOW_VARIABLE, connect, dryRun, RESERVE_BYTES } from '@scriptorium/engine';
import type { Connection, EngineOptions } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { entriesOf } from './configuration/configuration.ts';
import type { Context } from './context.ts';
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

function modulesOf({ env, configuration }: Context): readonly HandlerModule[] {
  const models = Object.fromEntries(
    [...entriesOf(configuration, 'models')].map(([name, { value }]) => [name, value as unknown as ModelEntry]),
  );
  const servers = Object.fromEntries(
    [...entriesOf(configuration, 'mcp')].map(([name, { value }]) => [name, serverOf(value as unknown as McpEntry, env)]),
  );
  return [agentModule({ env, models, own: [offlineModel], tools: { tools: [], servers } })];
}

export function storeOptions({ settings }: Context): NonNullable<EngineOptions['store']> {
  return { allowNetwork: settings.networkHome === 'allow', reserveBytes: settings.reserve === 'none' ? 0 : RESERVE_BYTES };
}

/** What an engine reads in its environment, where the configuration says it. */
function engineEnv({ env, settings: { httpAllow } }: Context): Context['env'] {
  return httpAllow === null ? env : { ...env, [ALLOW_VARIABLE]: httpAllow };
}
