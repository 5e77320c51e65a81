/** `run`: checks a flow and its input, starts it, and shows it to its end. */

import { resolve } from 'node:path';
import { childrenOf } from '@scriptorium/core';
import type { Flow, HandlerModule, Mode, Node, PlannedStep, RunOptions, StartRequest } from '@scriptorium/core';
import type { Connection } from '@scriptorium/engine';
import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { compileNamed, requireFlow } from '../flow-file.ts';
import { followRun, putOutcome } from '../following.ts';
import { readInput } from '../input.ts';
import type { ProgressMode } from '../progress/mode.ts';
import { shortName } from '../progress/lines.ts';
import { table } from '../terminal.ts';

export interface RunFlags {
  readonly out: string;
  readonly mode?: Mode;
  readonly test?: boolean;
  readonly dryRun?: boolean;
  readonly limit?: number;
  readonly fresh?: boolean;
  readonly set: readonly string[];
  readonly workers: readonly WorkersFlag[];
  readonly profile?: string;
  readonly progress: ProgressMode;
}

/** `8` for the items in flight, `clean=8` for the pool of one stage. */
export interface WorkersFlag {
  readonly stage: string | null;
  readonly count: number;
}

export async function run(context: Context, name: string, values: readonly string[], flags: RunFlags): Promise<ExitCode> {
  const request = await prepareRun(context, name, values, flags);
  return flags.dryRun === true
    ? planRun(context, request)
    : withHost(context, (connection) => startAndFollow(context, connection, request, flags));
}

/** Everything that can be wrong before the engine is asked. */
export async function prepareRun(context: Context, name: string, values: readonly string[], flags: RunFlags): Promise<StartRequest> {
  const { terminal, cwd, by } = context;
  const compiled = await compileNamed(name, cwd, { profile: flags.profile, preferred: flags.test === true ? 'test' : undefined });
  const flow = requireFlow(compiled, terminal.err);
  const items = flags.workers.findLast((flag) => flag.stage === null);
  const input = readInput(flow, values, items === undefined ? flags.set : [...flags.set, workersInput(flow, items.count)], cwd);
  for (const flag of flags.workers) if (flag.stage !== null) poolOfStage(flow, flag.stage);
  return { flow, input, options: optionsOf(flow, compiled.modules, cwd, flags), by };
}

async function startAndFollow(context: Context, connection: Connection, request: StartRequest, flags: RunFlags): Promise<ExitCode> {
  const { host } = connection;
  const run = await host.start(request);
  for (const { stage, count } of flags.workers) {
    if (stage !== null) await host.setLimit(poolOfStage(request.flow, stage), { concurrent: count }, request.by);
  }
  context.terminal.err(`run ${run}\n`);
  return putOutcome(context, await followRun(context, connection, run, flags.progress));
}

/** Flags win over what the flow's profile asks for; test runs are strict unless told otherwise. */
function optionsOf(flow: Flow, modules: readonly HandlerModule[], cwd: string, flags: RunFlags): RunOptions {
  const test = flags.test === true;
  return {
    mode: flags.mode ?? flow.run?.mode ?? (test ? 'strict' : 'flexible'),
    test,
    dryRun: flags.dryRun === true,
    limit: flags.limit ?? flow.run?.limit ?? null,
    out: resolve(cwd, flags.out),
    fresh: flags.fresh === true,
    modules: modules.map(({ url }) => url),
  };
}

function workersInput(flow: Flow, count: number): string {
  const properties = typeof flow.input === 'object' ? flow.input['properties'] : undefined;
  if (typeof properties === 'object' && properties !== null && 'workers' in properties) return `workers=${count}`;
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
  const children = [...childrenOf(node), ...node.catch.flatMap((entry) => entry.do ?? [])];
  return [node, ...children.flatMap(allNodes)];
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
