/**
 * `compare`: two models, prompts or inputs on the same items, side by side. The second run is a fork of the first with
 * what was changed: only what depends on that is done again.
 */

import { compareRuns } from '@scriptorium/advisor';
import type { Change, Comparison } from '@scriptorium/advisor';
import { compareCohort } from '@scriptorium/agents';
import type { Cohort, CohortItem, CohortRun, Pairing } from '@scriptorium/agents';
import type { Host, Json, JsonObject, RunSummary, Settings } from '@scriptorium/core';
import type { Connection } from '@scriptorium/engine';
import { isOfAgent, modelsIn, readAgentSetting } from '../configuration/agent-setting.ts';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodeOfRun, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRun } from '../showing/following.ts';
import { formatDuration, plural } from '../showing/quantity.ts';
import { earlierEvents, runTreeOf } from '../showing/run-tree.ts';
import { oneLine, table } from '../terminal.ts';
import { factsOf } from './diff.ts';
import { changedInput } from './fork.ts';

export interface CompareFlags {
  readonly set: readonly string[];
}

/** Lines of one kind that are shown; `--json` has all. */
const MAX_SHOWN = 20;
const MAX_VALUE = 60;

export async function compare(context: Context, name: string, other: string | undefined, { set }: CompareFlags): Promise<ExitCode> {
  if ((other === undefined) === (set.length === 0))
    throw new CommandError(
      exitCodes.usage,
      'it is not clear what is compared',
      'Name a second run, or say what is to be another: --set agents.<agent>.model=<name>, --set input.<name>=<value>.',
    );
  return withStore(context, async (connection) => {
    const { host } = connection;
    const first = await host.describe(name);
    if (first.endedAt === null)
      throw new CommandError(exitCodes.conflict, `run ${first.run} has not ended: it is ${first.status}`, 'Wait for it, and compare then.');
    const second = other === undefined ? await forkAndFollow(context, connection, first, set) : await host.describe(other);
    if (second === null) return exitCodes.interrupted;
    if (first.run === second.run)
      throw new CommandError(exitCodes.usage, `both names are of run ${first.run}`, 'Name two runs; `scriptorium list` shows them.');
    const [a, b] = [await cohortRunOf(host, first.run), await cohortRunOf(host, second.run)];
    const earlier = await earlierEvents(host, [...a.events, ...b.events], new Set([...a.flows.keys(), ...b.flows.keys()]));
    const cohort = compareCohort(a, b, earlier);
    const comparison = compareRuns(await factsOf(host, a.run), await factsOf(host, b.run));
    const settings = changedSettings(settingsAtEnd(a), settingsAtEnd(b));
    putResult(
      context,
      { version: 1, a: a.run, b: b.run, settings, ...cohort, items: withOutputs(cohort, comparison), outcome: comparison.outcome },
      () => wordsOf(cohort, comparison, settings),
    );
    return second.status === 'succeeded' ? exitCodes.ok : exitCodeOfRun(second);
  });
}

/** Null when it did not come to an end here. */
async function forkAndFollow(
  context: Context,
  connection: Connection,
  first: RunSummary,
  set: readonly string[],
): Promise<RunSummary | null> {
  const { host } = connection;
  // Inputs may be named as `run` names them, too.
  const inputs = set.filter((text) => !isOfAgent(text)).map((text) => text.replace(/^input\./, ''));
  const given = Object.fromEntries(set.filter(isOfAgent).map((text) => readAgentSetting(text, context.cwd)));
  await context.requireModels(modelsIn(given));
  const input = inputs.length === 0 ? null : changedInput(await host.definition(first.run), first.input, inputs, context.cwd);
  // What was changed while the first one went on holds for all of the second: one thing is to be another.
  const settings: Settings = { ...settingsAtEnd(await cohortRunOf(host, first.run)), ...given };
  const run = await host.fork({ run: first.run, step: null, input, outputs: {}, settings, by: context.by });
  context.terminal.err(`run ${run}, beside ${first.run}\n`);
  const { summary } = await followRun(context, connection, run);
  if (summary.endedAt !== null) return summary;
  context.terminal.err(`Once it has ended: ${context.command} compare ${first.run} ${run}\n`);
  return null;
}

async function cohortRunOf(host: Host, run: string): Promise<CohortRun> {
  const tree = await runTreeOf(host, run);
  const { items } = await factsOf(host, run);
  return { ...tree, keys: new Map([...items].map(([step, all]) => [step, all.map(({ key }) => key)])) };
}

/** Those that the run began with, and what was changed since. */
function settingsAtEnd({ run, events }: CohortRun): Settings {
  const given = events.flatMap(({ run: of, event }): Settings[] => {
    if (of !== run) return [];
    if (event.type === 'run.started') return [event.options.settings ?? {}];
    return (event.type === 'run.configured' || event.type === 'run.forked') && event.settings !== undefined ? [event.settings] : [];
  });
  return Object.fromEntries(Object.entries(Object.assign({}, ...given) as JsonObject).filter(([, value]) => value !== null));
}

function changedSettings(a: Settings, b: Settings): readonly Change[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((path): Change[] => {
    const [one, two] = [a[path], b[path]];
    if (JSON.stringify(one) === JSON.stringify(two)) return [];
    return [{ path, ...(one === undefined ? {} : { a: one }), ...(two === undefined ? {} : { b: two }) }];
  });
}

type ComparedItem = CohortItem & {
  readonly status: { readonly a: string | null; readonly b: string | null };
  readonly output: readonly Change[];
};

/** The items with how they ended and how their outputs differ. */
function withOutputs({ items }: Cohort, { items: { changed }, outcome }: Comparison): readonly ComparedItem[] {
  const byItem = new Map(changed.map((one) => [JSON.stringify([one.step, one.key]), one]));
  return items.map((item) => {
    const found = byItem.get(JSON.stringify([item.step, item.key]));
    if (item.step === null) return { ...item, status: { a: null, b: null }, output: outcome };
    return { ...item, status: { a: found?.a ?? null, b: found?.b ?? null }, output: found?.output ?? [] };
  });
}

function wordsOf(cohort: Cohort, comparison: Comparison, settings: readonly Change[]): string {
  const { a, b } = comparison;
  const { work, score, scores, usd, ms } = cohort;
  const rows = [
    ...(score === null || Object.keys(scores).length < 2 ? [] : [pairRow('all scores', score, points)]),
    ...Object.entries(scores).map(([name, one]) => pairRow(name, one, points)),
    ...(usd.count === 0 ? [] : [pairRow('cost of an item', usd, money), pairRow('models took', ms, formatDuration)]),
  ];
  return [
    `a  ${a}\nb  ${b}\n`,
    changeTable('changed', [...settings, ...comparison.input, ...comparison.flow]),
    `b made ${plural(work.b.attempts, 'attempt')} for ${money(work.b.usd)}, and took ${plural(work.b.reused, 'result')} over.\n`,
    rows.length === 0 ? 'No agent worked on an item of both, and nothing was judged.\n' : table([pairHeader, ...rows]),
    itemTable(withOutputs(cohort, comparison)),
    changeTable('outcome', comparison.outcome),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const pairHeader = ['', 'a', 'b', 'b better', 'same', 'b worse', 'chance', 'b − a, 95 %'];

function pairRow(name: string, one: Pairing, show: (value: number) => string): readonly string[] {
  const { meanA, meanB, better, same, worse, p, interval } = one;
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${show(Math.abs(value))}`;
  return [
    name,
    show(meanA),
    show(meanB),
    `${better}`,
    `${same}`,
    `${worse}`,
    p < 0.001 ? '<0.001' : p.toFixed(3),
    interval === null ? '–' : `${signed(interval[0])} … ${signed(interval[1])}`,
  ];
}

interface Column {
  readonly name: string;
  readonly of: (item: CohortItem['a']) => number | null | undefined;
  readonly show: (value: number) => string;
}

const columns: readonly Column[] = [
  { name: 'score', of: (side) => side?.score, show: points },
  { name: 'cost', of: (side) => side?.usd, show: money },
  { name: 'time', of: (side) => side?.ms, show: formatDuration },
];

/** What differs first; where nothing does, nothing. Of scores, cost and time, those that some item has. */
function itemTable(items: readonly ComparedItem[]): string {
  const differing = items.filter(({ output, a, b }) => output.length > 0 || a?.score !== b?.score);
  if (differing.length === 0) return '';
  const used = columns.filter(({ of }) => differing.some(({ a, b }) => (of(a) ?? 0) !== 0 || (of(b) ?? 0) !== 0));
  const rows = differing
    .slice(0, MAX_SHOWN)
    .map(({ step, key, a, b, output }) => [
      step === null ? '(run)' : `${step} ${oneLine(key ?? '')}`,
      ...used.flatMap(({ of, show }) => [a, b].map((side) => numberIn(of(side), show))),
      differences(output).slice(0, 2).join('; '),
    ]);
  const more = differing.length > MAX_SHOWN ? `… and ${differing.length - MAX_SHOWN} more, with --json\n` : '';
  return table([['item', ...used.flatMap(({ name }) => [`${name} a`, `${name} b`]), 'output'], ...rows]) + more;
}

function numberIn(value: number | null | undefined, show: (value: number) => string): string {
  return value === null || value === undefined ? '–' : show(value);
}

/** A file that is another one is one difference, whatever of its reference differs; values go before files. */
function differences(changes: readonly Change[]): readonly string[] {
  const files = new Set(changes.flatMap(({ path }) => (path.endsWith('.hash') ? [path.slice(0, -'.hash'.length)] : [])));
  const fileOf = (path: string): string => path.replace(/\.(?:hash|bytes|path)$/, '');
  const values = changes.filter(({ path }) => !files.has(fileOf(path)));
  const bytesOf = (file: string): string => {
    const found = changes.find(({ path }) => path === `${file}.bytes`);
    return found === undefined ? 'of as many bytes' : `${shown(found.a)} → ${shown(found.b)} bytes`;
  };
  return [
    ...values.map((change) => `${change.path}: ${shown(change.a)} → ${shown(change.b)}`),
    ...[...files].map((file) => `${file}: another file, ${bytesOf(file)}`),
  ];
}

function changeTable(title: string, changes: readonly Change[]): string {
  if (changes.length === 0) return '';
  return table([[title, 'a', 'b'], ...changes.slice(0, MAX_SHOWN).map(({ path, a, b }) => [path, shown(a), shown(b)])]);
}

function points(value: number): string {
  return value.toFixed(3);
}

function shown(value: Json | undefined): string {
  if (value === undefined) return '–';
  const text = oneLine(JSON.stringify(value));
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}

function money(usd: number): string {
  return `${usd.toFixed(4)} USD`;
}
