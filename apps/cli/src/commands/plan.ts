/** `plan`: what a run would do, take and cost, with how many workers; nothing is started. */

import { existsSync, readdirSync, statSync, statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { countSteps, MAX_EVENTS, MAX_RUNS, pastRunOf, planOfRun, sentenceOf } from '@scriptorium/advisor';
import type { Option, PastRun, PlanRequest, Range, RunPlan } from '@scriptorium/advisor';
import type { Limit, StartRequest } from '@scriptorium/core';
import { hasStore, withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { pathsIn } from '../configuration/input.ts';
import { formatBytes, formatDuration, plural } from '../showing/quantity.ts';
import { eventsOf } from '../showing/run-events.ts';
import type { SettingFlags } from '../program/flags.ts';
import { table } from '../terminal.ts';
import { runCommand } from './run-command.ts';
import { prepareRun } from './run.ts';
import type { PreparedRun, RunFlags } from './run.ts';

/** Most files and folders below an input that are measured; what lies beyond does not count. */
const MAX_FILES = 100_000;

export async function plan(context: Context, name: string, values: readonly string[], flags: RunFlags & SettingFlags): Promise<ExitCode> {
  const prepared = await prepareRun(context, name, values, flags);
  const { request } = prepared;
  const { flow, input, options } = request;
  const { past, pools } = await historyOf(context, prepared);
  const asked: PlanRequest = {
    flow,
    input,
    past,
    pools,
    handlers: new Map(prepared.modules.flatMap(({ handlers }) => handlers.map((handler) => [handler.name, handler]))),
    counts: await countSteps(context.plan(request)),
    processors: availableParallelism(),
    inputBytes: bytesOf(request),
    freeBytes: freeBelow(options.out),
    command: (change) => runCommand(flow, name, values, flags, change),
    trial: flags.test === true ? null : `${runCommand(flow, name, values, { ...flags, limit: 5 }, null)} --test`,
  };
  const made = planOfRun(asked);
  context.terminal.out(context.json ? `${JSON.stringify(made, null, 2)}\n` : planText(made, asked, context.command));
  if (made.disk === 'short' && made.storage !== null)
    throw new CommandError(
      exitCodes.refused,
      `the disk of ${options.out} has ${formatBytes(made.freeBytes)} free, and the run is estimated to write ${formatBytes(made.storage.expected)}`,
      'Free some of it, name another --out, or take fewer items with --limit.',
    );
  return exitCodes.ok;
}

/** Without a store there is none, and none is made. */
async function historyOf(
  context: Context,
  { request: { flow }, limits }: PreparedRun,
): Promise<{ readonly past: readonly PastRun[]; readonly pools: { readonly [pool: string]: Limit } }> {
  const declared = Object.entries(flow.limits).map(([pool, limit]): [string, Limit] => [pool, { ...limit, ...limits.get(pool) }]);
  if (!hasStore(context)) return { past: [], pools: Object.fromEntries(declared) };
  return withHost(context, async ({ host }) => {
    const past: PastRun[] = [];
    for (const summary of await host.list({ flow: flow.name, status: 'succeeded', limit: MAX_RUNS }))
      past.push(pastRunOf(await host.definition(summary.run), summary, await eventsOf(host, summary.run, undefined, MAX_EVENTS)));
    const live = new Map((await host.limits()).map(({ pool, limit }) => [pool, limit]));
    return {
      past,
      pools: Object.fromEntries(declared.map(([pool, limit]) => [pool, { ...limit, ...live.get(pool), ...limits.get(pool) }])),
    };
  });
}

/** Of the files that inputs name; null where none does. */
function bytesOf({ flow, input }: Pick<StartRequest, 'flow' | 'input'>): number | null {
  const paths = pathsIn(flow, input).filter((path) => existsSync(path));
  let bytes = 0;
  let left = MAX_FILES;
  for (let path = paths.pop(); path !== undefined && left > 0; path = paths.pop()) {
    left -= 1;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) for (const entry of readdirSync(path)) paths.push(join(path, entry));
    else bytes += stats?.size ?? 0;
  }
  return left === MAX_FILES ? null : bytes;
}

function freeBelow(out: string): number {
  let place = out;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}

function planText(plan: RunPlan, request: PlanRequest, command: string): string {
  const { flow, basis, items, storage, freeBytes, recommendations } = plan;
  const known = basis.runs.length === 0 ? basis.type : `from ${plural(basis.runs.length, 'earlier run')}`;
  const disk = storage === null ? 'not known' : `${between(storage, formatBytes)}, ${formatBytes(freeBytes)} free`;
  return [
    `${flow.name} ${flow.version}: ${items === null ? 'its items are not known before the run' : plural(items, 'item')} · ${known}\n`,
    stepTable(plan),
    `calls ${between(plan.calls, count)} · tokens ${between(plan.tokens, count)} · cost ${between(plan.usd, usd)} · storage ${disk}\n`,
    optionTable(plan, request),
    ...recommendations.map((advice) =>
      [
        `${command} ${advice.command}`,
        ...advice.because.map((reason) => `  ${reason}`),
        `  the run then takes ${between(advice.range, formatDuration)} in 8 of 10 cases; see ${advice.see}\n`,
      ].join('\n'),
    ),
  ].join('\n');
}

function stepTable({ steps }: RunPlan): string {
  return table([
    ['step', 'run', 'reuse', 'skip', 'unknown', 'calls', 'work', 'why'],
    ...steps.map((step) => [
      step.step,
      ...[step.run, step.reuse, step.skip, step.unknown].map(String),
      between(step.calls, count),
      between(step.work, formatDuration),
      step.why,
    ]),
  ]);
}

function optionTable({ options }: RunPlan, request: PlanRequest): string {
  return table([
    ['workers', 'time', 'cost', 'risk', 'what binds'],
    ...options.map((option) => [
      `${option.workers}${markOf(option)}`,
      between(option.ms, formatDuration),
      between(option.usd, usd),
      option.risk.level,
      sentenceOf(option.binding, option.workers, request),
    ]),
  ]);
}

function markOf({ is }: Option): string {
  return is === 'other' ? '' : ` (${is})`;
}

function between(range: Range | null, words: (amount: number) => string): string {
  if (range === null) return 'not known';
  const [low, high] = [words(range.low), words(range.high)];
  return low === high ? low : `${low} – ${high}`;
}

function count(amount: number): string {
  return String(Math.round(amount));
}

function usd(amount: number): string {
  return amount === 0 ? '0' : `${Number(amount.toPrecision(2))} USD`;
}
