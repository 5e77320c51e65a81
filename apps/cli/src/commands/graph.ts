/** `graph`: a definition, or a run as it stands, as Mermaid, DOT or SVG. */

import { historyOf, stepFigures } from '@scriptorium/advisor';
import type { StepFigure } from '@scriptorium/advisor';
import { HostError, ROOT } from '@scriptorium/core';
import type { Flow } from '@scriptorium/core';
import { dotOf, graphOf, mermaidOf } from '@scriptorium/flow';
import type { Graph, NodeStatus, Statuses } from '@scriptorium/flow';
import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { profileOf } from '../configuration/configuration.ts';
import { compileNamed, isFlowName, requireFlow } from '../flow-files/flow-file.ts';
import { eventsOf } from '../showing/run-events.ts';

export interface GraphFlags {
  readonly format: 'mermaid' | 'dot' | 'svg';
}

/** Runs with more items are drawn from their counts alone: reading all that happened in them would take long. */
const MAX_ITEMS = 2_000;

export async function graph(context: Context, name: string, { format }: GraphFlags): Promise<ExitCode> {
  const { terminal, cwd, configuration } = context;
  const { flow, statuses } = isFlowName(name, cwd)
    ? { flow: requireFlow(await compileNamed(name, cwd, profileOf(configuration)), terminal.err), statuses: new Map() }
    : await runGraph(context, name);
  const drawn = graphOf(flow, statuses);
  const text = await printers[format](drawn);
  terminal.out(context.json ? `${JSON.stringify({ version: 1, format, text, graph: drawn }, null, 2)}\n` : text);
  return exitCodes.ok;
}

const printers: { readonly [format in GraphFlags['format']]: (graph: Graph) => string | Promise<string> } = {
  mermaid: mermaidOf,
  dot: dotOf,
  // The library that lays it out is loaded for this alone.
  svg: async (graph) => (await import('@scriptorium/flow/graph-svg')).svgOf(graph),
};

async function runGraph(context: Context, name: string): Promise<{ readonly flow: Flow; readonly statuses: Statuses }> {
  if (profileOf(context.configuration).profile !== undefined)
    throw new CommandError(exitCodes.usage, `'${name}' is a run, which has its profile already`, 'Leave --profile out, or name a flow.');
  return withStore(context, async ({ host }) => {
    const summary = await host.describe(name);
    const flow = await host.definition(summary.run);
    const events = await eventsOf(host, summary.run, summary.progress.items.total > MAX_ITEMS ? ROOT : undefined);
    const figures = stepFigures(flow, summary, historyOf(events));
    return { flow, statuses: new Map([...figures].map(([id, figure]) => [id, statusOf(figure)])) };
  }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new CommandError(
      exitCodes.notFound,
      `there is neither a flow nor a run '${name}'`,
      'Name a registered flow (books), a flow file, or a run of `scriptorium list`.',
    );
  });
}

function isNotFound(error: unknown): boolean {
  return error instanceof HostError && error.code === 'not_found';
}

function statusOf({ state, count }: StepFigure): NodeStatus {
  if (count === null) return { state, count: '' };
  const others = (['failed', 'skipped', 'cancelled'] as const)
    .filter((other) => count[other] > 0)
    .map((other) => `, ${count[other]} ${other}`);
  return { state, count: `${count.succeeded}/${count.total}${others.join('')}` };
}
