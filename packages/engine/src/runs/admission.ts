/** What must hold before anything of a run exists, and calling handlers outside of any run. */

import { HostError, NORMAL_PRIORITY } from '@scriptorium/core';
import type { Command, Context, Json, StartRequest } from '@scriptorium/core';
import type { Contracts } from '../calls/contracts.ts';
import { requireFlows } from './flow-calls.ts';
import type { Invoker } from '../calls/invoke.ts';
import { refuseOutputRoot } from '../outputs/output-place.ts';
import type { PlanningPorts } from './planning.ts';
import type { Registry } from '../calls/registry.ts';
import { requireSecrets, secretUse } from '../calls/secrets.ts';
import { Stop } from '../calls/stop.ts';

export interface AdmissionPorts {
  readonly registry: Registry;
  readonly contracts: Contracts;
  readonly env: Context['env'];
}

/** Loads the handlers that a request brings along; raises `invalid` for what cannot run. */
export async function admit(request: StartRequest, ports: AdmissionPorts): Promise<void> {
  const refused = refuseOutputRoot(request.options.out);
  if (refused !== null) throw new HostError('invalid', refused);
  await ports.registry.load(request.options.modules);
  const { called = {} } = request;
  for (const flow of [request.flow, ...Object.values(called)]) {
    requireFlows(flow, called);
    ports.registry.require(flow);
    requireSecrets(flow, request.options, ports.env);
  }
  const [first] = ports.contracts.compile(request.flow.input)(request.input);
  if (first === undefined) return;
  const message = `the input of ${request.flow.name} is wrong at ${first.path || '/'}: ${first.message}`;
  throw new HostError('invalid', message, "Compare it with the flow's `input`.");
}

export function planningPorts({
  registry,
  journal,
  invoker,
}: Pick<PlanningPorts, 'registry' | 'journal'> & { readonly invoker: Invoker }): PlanningPorts {
  return { registry, journal, call: (dispatch, request) => callOutside(request, invoker, dispatch) };
}

/** Only handlers that read are called like this. */
async function callOutside(request: StartRequest, invoker: Invoker, dispatch: Extract<Command, { k: 'dispatch' }>): Promise<Json> {
  const { out, mode, test } = request.options;
  const { uses, input, node, attempt, timeoutMs } = dispatch;
  const run = { id: 'plan', batch: 'plan', mode, test };
  const step = { path: node, attempt, idempotencyKey: `plan:${node}`, returns: true, outside: [] } as const;
  const place = { out, test, stage: node, batch: 'plan', dryRun: true } as const;
  const secrets = secretUse(request.flow, request.options, node);
  const invocation = {
    uses,
    input,
    run,
    step,
    notes: {},
    settings: request.options.settings ?? {},
    place,
    secrets,
    timeoutMs,
    priority: NORMAL_PRIORITY,
    onLog: () => undefined,
    onSpend: () => undefined,
  };
  return (await invoker.invoke(invocation, new Stop())).output;
}
