/** `diff`: what is different between two runs; definitions are for {@link diffFlows}. */

import { compareRuns } from '@scriptorium/advisor';
import type { Change, Comparison, RunFacts, StageFigures } from '@scriptorium/advisor';
import { childrenOf } from '@scriptorium/core';
import type { ArtifactInfo, Flow, Host, ItemOutcome, Json, Node } from '@scriptorium/core';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { isFlowName } from '../flow-files/flow-file.ts';
import { formatDuration, formatUsage, plural } from '../showing/quantity.ts';
import { oneLine, table } from '../terminal.ts';
import { diffFlows } from './diff-flows.ts';

/** Lines of one kind that are shown; `--json` has all. */
const MAX_SHOWN = 20;
const MAX_VALUE = 60;

export async function diff(context: Context, runA: string, runB: string): Promise<ExitCode> {
  if (isFlowName(runA, context.cwd) || isFlowName(runB, context.cwd)) return diffFlows(context, runA, runB);
  const comparison = await withStore(context, async ({ host }) => {
    const [a, b] = [await factsOf(host, runA), await factsOf(host, runB)];
    if (a.summary.run === b.summary.run)
      throw new CommandError(exitCodes.usage, `both names are of run ${a.summary.run}`, 'Name two runs; `scriptorium list` shows them.');
    return compareRuns(a, b);
  });
  putResult(context, comparison, () => comparisonText(comparison));
  return exitCodes.ok;
}

/** What is compared of a run. */
export async function factsOf(host: Host, name: string): Promise<RunFacts> {
  const summary = await host.describe(name);
  const flow: Flow = await host.definition(summary.run);
  const items = new Map<string, readonly ItemOutcome[]>();
  for (const { id } of outermost(flow.root)) items.set(id, await collected(host.results(summary.run, id)));
  const artifacts: readonly ArtifactInfo[] = await collected(host.artifacts(summary.run));
  return { summary, items, artifacts };
}

function outermost(node: Node): readonly Node[] {
  if (node.each !== undefined) return [node];
  return childrenOf(node).flatMap(outermost);
}

async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function comparisonText(comparison: Comparison): string {
  const { a, b, same, items, artifacts } = comparison;
  return [
    `a  ${a}\nb  ${b}\n`,
    same
      ? 'The same: definition, input, items and files.\n'
      : `${plural(items.changed.length, 'item')} of ${items.compared} and ${plural(artifacts.changed.length, 'file')} of ${artifacts.same + artifacts.changed.length} differ.\n`,
    changeTable('definition', comparison.flow),
    changeTable('input', comparison.input),
    changeTable('options', comparison.options),
    changeTable('outcome', comparison.outcome),
    itemTable(comparison),
    stageTable(comparison),
    usageTable(comparison),
    fileTable(comparison),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function changeTable(title: string, changes: readonly Change[]): string {
  if (changes.length === 0) return '';
  return table([[title, 'a', 'b'], ...changes.slice(0, MAX_SHOWN).map(({ path, a, b }) => [path, show(a), show(b)])]) + more(changes);
}

function itemTable({ items: { changed } }: Comparison): string {
  if (changed.length === 0) return '';
  const rows = changed.slice(0, MAX_SHOWN).map(({ step, key, a, b, output }) => [
    `${step} ${oneLine(key)}`,
    a ?? '–',
    b ?? '–',
    output
      .slice(0, 3)
      .map((change) => `${change.path}: ${show(change.a)} → ${show(change.b)}`)
      .join('; '),
  ]);
  return table([['item', 'a', 'b', 'output'], ...rows]) + more(changed);
}

function stageTable({ stages, durationMs }: Comparison): string {
  const time = (ms: number | null | undefined): string => (ms === null || ms === undefined ? '–' : formatDuration(ms));
  const counts = (figures: StageFigures | null): string =>
    figures === null ? '–' : `${figures.succeeded}/${figures.total}${figures.reused > 0 ? ` (${figures.reused} reused)` : ''}`;
  const rows = stages.map(({ stage, a, b }) => [
    stage,
    counts(a),
    counts(b),
    time(a?.p50Ms),
    time(b?.p50Ms),
    time(a?.totalMs),
    time(b?.totalMs),
  ]);
  return table([
    ['stage', 'done a', 'done b', 'p50 a', 'p50 b', 'work a', 'work b'],
    ...rows,
    ['whole run', '', '', '', '', time(durationMs.a), time(durationMs.b)],
  ]);
}

function usageTable({ used: { a, b } }: Comparison): string {
  const [one, two] = [formatUsage(a, null), formatUsage(b, null)];
  return one === '' && two === ''
    ? ''
    : table([
        ['', 'a', 'b'],
        ['used', one === '' ? '–' : one, two === '' ? '–' : two],
      ]);
}

function fileTable({ artifacts: { changed } }: Comparison): string {
  if (changed.length === 0) return '';
  const short = (hash: string | null): string => (hash === null ? '–' : hash.slice(0, 19));
  return table([['file', 'a', 'b'], ...changed.slice(0, MAX_SHOWN).map(({ name, a, b }) => [name, short(a), short(b)])]) + more(changed);
}

function more(list: readonly unknown[]): string {
  return list.length > MAX_SHOWN ? `… and ${list.length - MAX_SHOWN} more, with --json\n` : '';
}

function show(value: Json | undefined): string {
  if (value === undefined) return '–';
  const text = oneLine(JSON.stringify(value));
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
