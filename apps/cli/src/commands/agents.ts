/** What the agents of a run did, and how they are to work from now on. */

import { reportAgents } from '@scriptorium/agents';
import type { AgentFigures, AgentReport } from '@scriptorium/agents';
import type { Host, Recorded } from '@scriptorium/core';
import { readAgentSetting } from '../agent-setting.ts';
import { putResult, withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { eventsOf } from '../run-events.ts';

export async function showAgents(context: Context, name: string): Promise<ExitCode> {
  const { run, report } = await withHost(context, async ({ host }) => {
    const { run } = await host.describe(name);
    return { run, report: await reportOf(host, run) };
  });
  putResult(context, { version: 1, run, ...report }, () => wordsOf(report));
  return exitCodes.ok;
}

/** With the runs that its steps wait for. */
async function reportOf(host: Host, run: string): Promise<AgentReport> {
  const events: Recorded[] = [];
  const runs = [run];
  for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
    events.push(...(await eventsOf(host, next)));
    runs.push(...(await host.list({ parent: next })).map((child) => child.run));
  }
  return reportAgents(events);
}

function wordsOf({ agents, failures }: AgentReport): string {
  if (agents.length === 0) return 'no agent has done anything in this run\n';
  const rows = agents.map(rowOf);
  const header = ['agent', 'model', 'calls', 'median', 'p90', 'tokens', 'cost', 'again', 'share'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const failed = failures.map(({ step, code, count }) => `${step}: ${code}, ${count} times`);
  return [line(header), ...rows.map(line), ...failed].map((text) => `${text}\n`).join('');
}

function rowOf({
  agent,
  model,
  calls,
  medianMs,
  p90Ms,
  inputTokens,
  outputTokens,
  usd,
  corrections,
  share,
}: AgentFigures): readonly string[] {
  const tokens = `${inputTokens} + ${outputTokens}`;
  return [
    agent,
    model,
    `${calls}`,
    `${medianMs} ms`,
    `${p90Ms} ms`,
    tokens,
    `${usd.toFixed(4)} USD`,
    `${corrections}`,
    `${Math.round(share * 100)} %`,
  ];
}

export async function setAgents(context: Context, name: string, written: readonly string[]): Promise<ExitCode> {
  if (written.length === 0)
    throw new CommandError(exitCodes.usage, 'nothing to change', 'Write <agent>.<setting>=<value>, such as writer.model=opus.');
  const settings = Object.fromEntries(written.map((text) => readAgentSetting(text.startsWith('agents.') ? text : `agents.${text}`)));
  const run = await withHost(context, async ({ host }) => {
    const { run } = await host.describe(name);
    await host.configure(run, settings, context.by);
    return run;
  });
  putResult(context, { run, settings }, () =>
    Object.entries(settings)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
      .join(''),
  );
  return exitCodes.ok;
}
