/** What the agents of a run did, and how they are to work from now on. */

import { reportAgents } from '@scriptorium/agents';
import type { AgentReport } from '@scriptorium/agents';
import type { Host } from '@scriptorium/core';
import { modelsIn, readAgentSetting } from '../configuration/agent-setting.ts';
import { agentTables } from '../showing/agent-table.ts';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { earlierEvents, runTreeOf } from '../showing/run-tree.ts';

export async function showAgents(context: Context, name: string): Promise<ExitCode> {
  const { run, report } = await withStore(context, async ({ host }) => {
    const { run } = await host.describe(name);
    return { run, report: await agentReportOf(host, run) };
  });
  const isEmpty = report.agents.length === 0 && report.scores.length === 0;
  putResult(context, { version: 2, run, ...report }, () => (isEmpty ? 'no agent has done anything in this run\n' : agentTables(report)));
  return exitCodes.ok;
}

/** With the runs that its steps wait for. */
export async function agentReportOf(host: Host, run: string): Promise<AgentReport> {
  const { events, flows } = await runTreeOf(host, run);
  const runs = new Set(flows.keys());
  return reportAgents([...(await earlierEvents(host, events, runs)), ...events], runs, flows);
}

export async function setAgents(context: Context, name: string, written: readonly string[]): Promise<ExitCode> {
  if (written.length === 0)
    throw new CommandError(exitCodes.usage, 'nothing to change', 'Write <agent>.<setting>=<value>, such as writer.model=opus.');
  const settings = Object.fromEntries(
    written.map((text) => readAgentSetting(text.startsWith('agents.') ? text : `agents.${text}`, context.cwd)),
  );
  await context.requireModels(modelsIn(settings));
  const run = await withStore(context, async ({ host }) => {
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
