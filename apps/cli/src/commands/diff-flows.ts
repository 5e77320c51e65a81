/** `diff` of definitions: what differs, what that asks of the version, and what it means for runs that are under way. */

import { compareFlows } from '@scriptorium/core';
import type { Flow, FlowChange, FlowDifference, Json } from '@scriptorium/core';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { compileNamed, isFlowName, requireFlow } from '../flow-files/flow-file.ts';
import { plural } from '../showing/quantity.ts';
import { oneLine, table } from '../terminal.ts';

const MAX_VALUE = 60;

/** Either name may be a run's, which stands for the definition that it goes by. */
export async function diffFlows(context: Context, nameA: string, nameB: string): Promise<ExitCode> {
  const [a, b] = [await flowOf(context, nameA), await flowOf(context, nameB)];
  const difference = compareFlows(a, b);
  const sides = { a: identityOf(a), b: identityOf(b) };
  putResult(context, { version: 1, ...sides, ...difference }, () => differenceText(a, b, difference, context.command));
  return difference.problems.length === 0 ? exitCodes.ok : exitCodes.usage;
}

async function flowOf(context: Context, name: string): Promise<Flow> {
  if (isFlowName(name, context.cwd)) return requireFlow(await compileNamed(name, context.cwd), context.terminal.err);
  return withStore(context, async ({ host }) => host.definition((await host.describe(name)).run));
}

function identityOf({ name, version, hash }: Flow): object {
  return { name, version, hash };
}

function differenceText(a: Flow, b: Flow, { changes, bump, least, problems }: FlowDifference, command: string): string {
  const head = [a, b].map(({ name, version, hash }, index) => `${'ab'[index]}  ${name} ${version}  ${hash.slice(0, 19)}\n`).join('');
  if (bump === null) return `${head}\nThe same definition.\n`;
  const rows = changes.map((change) => [change.bump, change.path === '' ? '(flow)' : change.path, change.what, valuesOf(change)]);
  const verdict =
    bump === 'major'
      ? `${plural(changes.length, 'change')}: a major one; at least version ${least}, and \`migrate\` for runs that are under way.`
      : `${plural(changes.length, 'change')}: a ${bump} one; at least version ${least}. Runs that are under way may adopt it.`;
  const complaints = problems.map((problem) => `  ✗ ${problem}\n`).join('');
  return `${head}\n${table([['kind', 'step', 'what', 'a → b'], ...rows])}\n${verdict}\n${complaints === '' ? `See what it means for runs: \`${command} migrate <flow> --dry-run\`.\n` : complaints}`;
}

function valuesOf({ before, after }: FlowChange): string {
  return before === undefined && after === undefined ? '' : `${show(before)} → ${show(after)}`;
}

function show(value: Json | undefined): string {
  if (value === undefined) return '–';
  const text = oneLine(JSON.stringify(value));
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
