/** `run`: checks a flow and its input, starts it, and shows it to its end. */

import { parseRate, partsOf } from '@scriptorium/core';
import { agentNamed, agentSettingsOf, isOfAgent, readAgentSetting } from '../configuration/agent-setting.ts';
import { namedAgents } from '../configuration/named-agents.ts';
import type { Flow, HandlerModule, Json, LimitChange, Node, PlannedStep, RunOptions, SecretSource, StartRequest } from '@scriptorium/core';
import type { Connection } from '@scriptorium/engine';
import { configName } from '../configuration/config-file.ts';
import { COMMAND_LINE, entriesOf, profileOf, settingsOf, settled, withCommandLine, withDemands } from '../configuration/configuration.ts';
import type { Configuration, Layer } from '../configuration/configuration.ts';
import type { Values } from '../configuration/setting.ts';
import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { compileNamed, requireFlow } from '../flow-files/flow-file.ts';
import { followRun, putOutcome } from '../showing/following.ts';
import { completeInput, givenInputs, hasInput } from '../configuration/input.ts';
import { shortName } from '../progress/lines.ts';
import { table } from '../terminal.ts';

export interface RunFlags {
  readonly test?: boolean;
  readonly dryRun?: boolean;
  readonly fresh?: boolean;
  readonly priority?: number;
  readonly set: readonly string[];
  readonly workers: readonly WorkersFlag[];
}

/** `8` for the items in flight, `clean=8` for the pool of one stage. */
export interface WorkersFlag {
  readonly stage: string | null;
  readonly count: number;
}

export interface PreparedRun {
  readonly request: StartRequest;
  /** Where its handlers are. */
  readonly modules: readonly HandlerModule[];
  /** What its pools are set to when it starts. */
  readonly limits: ReadonlyMap<string, LimitChange>;
}

export async function run(context: Context, name: string, values: readonly string[], flags: RunFlags): Promise<ExitCode> {
  const prepared = await prepareRun(context, name, values, flags);
  await requireAgents(context, prepared.request, flags);
  return flags.dryRun === true
    ? planRun(context, prepared.request)
    : withHost(context, (connection) => startAndFollow(context, connection, prepared));
}

/** Everything that can be wrong before the engine is asked. */
export async function prepareRun(context: Context, name: string, values: readonly string[], flags: RunFlags): Promise<PreparedRun> {
  const { terminal, cwd, by } = context;
  const compiled = await compileNamed(name, cwd, profileOf(context.configuration, flags.test));
  const flow = requireFlow(compiled, terminal.err);
  const given = withCommandLine(withDemands(context.configuration, ...demandsOf(flow, flags)), givenByFlags(flow, values, flags, cwd));
  const inputs = [...entriesOf(given, 'inputs')].filter(([name, { layer }]) => layer === COMMAND_LINE || hasInput(flow, name));
  const input = completeInput(flow, inputs);
  const options = optionsOf(given, compiled.modules, flags);
  return { request: { flow, called: compiled.called, input, options, by }, modules: compiled.modules, limits: limitsOf(flow, given) };
}

/** An agent that is not there and a model that cannot be asked would be missed in the midst of the run. */
export async function requireAgents(context: Context, request: StartRequest, { set }: Pick<RunFlags, 'set'>): Promise<void> {
  const { flow, called = {}, input, options } = request;
  const settings = options.settings ?? {};
  const agents = [
    ...namedAgents(flow, input, settings),
    ...Object.values(called).flatMap((definition) => namedAgents(definition, null, settings)),
  ];
  const names = agents.map(({ name }) => name);
  const unknown = set
    .filter(isOfAgent)
    .map(agentNamed)
    .find((name) => !names.includes(name));
  const known = [...new Set(names)].join(', ');
  if (unknown !== undefined && !names.includes(null))
    throw new CommandError(
      exitCodes.usage,
      `${flow.name} has no agent '${unknown}'`,
      known === '' ? 'No step of it is done by an agent.' : `Its agents: ${known}.`,
    );
  await context.requireModels(agents.map(({ models }) => models));
}

async function startAndFollow(context: Context, connection: Connection, { request, limits }: PreparedRun): Promise<ExitCode> {
  const { host } = connection;
  const run = await host.start(request);
  for (const [pool, change] of limits) await host.setLimit(pool, change, request.by);
  context.terminal.err(`run ${run}\n`);
  return putOutcome(context, await followRun(context, connection, run));
}

/** Test runs are strict unless told otherwise; a profile of the flow may tell. */
function demandsOf(flow: Flow, { test }: RunFlags): readonly Layer[] {
  const layer = (name: string, values: object): Layer => ({
    name,
    values: new Map(Object.entries(values).map(([key, value]: [string, Json]) => [key, { value, place: name, base: '' }])),
  });
  return [...(test === true ? [layer('--test', { mode: 'strict' })] : []), layer(`the profile of ${flow.name}`, flow.run ?? {})];
}

function givenByFlags(flow: Flow, values: readonly string[], { set, workers }: RunFlags, base: string): Values {
  const items = workers.findLast(({ stage }) => stage === null);
  const sets = items === undefined ? set : [...set, workersInput(flow, items.count)];
  const pools = workers.flatMap(({ stage, count }): [string, Json][] =>
    stage === null ? [] : [[`limits.${poolOfStage(flow, stage)}.concurrent`, count]],
  );
  const [agents, others] = [sets.filter(isOfAgent), sets.filter((one) => !isOfAgent(one))];
  const inputs = Object.entries(givenInputs(flow, values, others)).map(([name, value]): [string, Json] => [`inputs.${name}`, value]);
  return new Map(
    [...inputs, ...pools, ...agents.map((text) => readAgentSetting(text, base))].map(([key, value]) => [
      key,
      { value, place: COMMAND_LINE, base },
    ]),
  );
}

/** A pool goes by its name and by the last part of it. */
function limitsOf(flow: Flow, configuration: Configuration): ReadonlyMap<string, LimitChange> {
  const changes = Object.keys(flow.limits).map((pool): [string, LimitChange] => {
    const valueOf = (field: string): Json | undefined =>
      settled(configuration, `limits.${pool}.${field}`, `limits.${shortName(pool)}.${field}`)?.value;
    const concurrent = valueOf('concurrent');
    const [rate, tokens] = [parseRate(String(valueOf('rate'))), parseRate(String(valueOf('tokens')))];
    const change: LimitChange = {
      ...(concurrent === undefined ? {} : { concurrent: concurrent as number }),
      ...(rate === undefined ? {} : { rate }),
      ...(tokens === undefined ? {} : { tokens }),
    };
    return [pool, change];
  });
  return new Map(changes.filter(([, change]) => Object.keys(change).length > 0));
}

function optionsOf(
  configuration: Configuration,
  modules: readonly HandlerModule[],
  { test, dryRun, fresh, priority }: RunFlags,
): RunOptions {
  const { mode, limit, out } = settingsOf(configuration);
  const secrets = [...entriesOf(configuration, 'secrets')].map(([name, { value }]): [string, SecretSource] => [
    name,
    value as SecretSource,
  ]);
  const agents = agentSettingsOf(configuration);
  if (out === null)
    throw new CommandError(exitCodes.usage, 'it is not said where the outputs go', `Add --out <dir>, or \`out: <dir>\` to ${configName}.`);
  return {
    mode,
    test: test === true,
    dryRun: dryRun === true,
    limit,
    out,
    report: true,
    fresh: fresh === true,
    ...(priority === undefined ? {} : { priority }),
    modules: modules.map(({ url }) => url),
    ...(secrets.length === 0 ? {} : { secrets: Object.fromEntries(secrets) }),
    ...(Object.keys(agents).length === 0 ? {} : { settings: agents }),
  };
}

function workersInput(flow: Flow, count: number): string {
  if (hasInput(flow, 'workers')) return `workers=${count}`;
  throw new CommandError(
    exitCodes.usage,
    `${flow.name} has no input 'workers'`,
    'Name a stage: --workers <stage>=<n>, or set the input that its `each` reads with --set.',
  );
}

/** The pool behind `--workers <stage>=<n>`. */
function poolOfStage(flow: Flow, stage: string): string {
  const nodes = allNodes(flow.root).filter((node) => node.id === stage || shortName(node.id) === stage);
  const pool = nodes.find((node) => node.limit !== undefined)?.limit;
  if (pool !== undefined) return pool;
  const limited = allNodes(flow.root).filter((node) => node.limit !== undefined && !node.id.includes('/catch.'));
  const known =
    limited.length === 0 ? 'no step of it has a limit' : `steps with a limit: ${limited.map((node) => shortName(node.id)).join(', ')}`;
  throw new CommandError(
    exitCodes.usage,
    nodes.length === 0 ? `${flow.name} has no step '${stage}'` : `the step '${stage}' of ${flow.name} has no limit to change`,
    `Use one of them (${known}), or --workers <n> for the items in flight.`,
  );
}

function allNodes(node: Node): readonly Node[] {
  return [node, ...partsOf(node).flatMap(allNodes)];
}

async function planRun(context: Context, request: StartRequest): Promise<ExitCode> {
  const counts = { run: 0, reuse: 0, skip: 0, unknown: 0 };
  const { out } = context.terminal;
  let page: PlannedStep[] = [];
  let first = true;
  const put = (): void => {
    if (context.json) for (const step of page) out(`${JSON.stringify(step)}\n`);
    else out(planTable(page, first));
    first = false;
    page = [];
  };
  for await (const step of context.plan(request)) {
    counts[step.action] += 1;
    page.push(step);
    if (page.length >= 500) put();
  }
  put();
  const total = counts.run + counts.reuse + counts.skip + counts.unknown;
  context.terminal.err(
    `${total} steps: ${counts.run} would run, ${counts.reuse} would be reused, ${counts.skip} would be skipped, ${counts.unknown} depend on results. Nothing was written.\n`,
  );
  return exitCodes.ok;
}

function planTable(steps: readonly PlannedStep[], heading: boolean): string {
  const rows = steps.map(({ key, step, action, reason }) => [key ?? '', step, action, reason]);
  return table([...(heading ? [['item', 'step', 'action', 'reason']] : []), ...rows]);
}
