/** `report`: what a run's report says, and where it lies. */

import type { AgentReport } from '@scriptorium/agents';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { placesOf } from '../showing/run-places.ts';
import { summaryText } from '../showing/summary.ts';
import { agentTables } from '../showing/agent-table.ts';
import { agentReportOf } from './agents.ts';

export async function report(context: Context, run: string): Promise<ExitCode> {
  const { terminal } = context;
  const { summary, agents } = await withStore(context, async ({ host }) => {
    const known = await host.describe(run);
    const isAtRest = known.endedAt !== null || known.status === 'interrupted' || known.status === 'parked';
    if (isAtRest && !existsSync(placesOf(known).report)) await host.report(known.run);
    return { summary: known, agents: await agentReportOf(host, known.run) };
  });
  const places = placesOf(summary);
  if (!existsSync(places.report))
    throw new CommandError(
      exitCodes.notFound,
      `run ${summary.run} has no report yet`,
      `It is written when the run ends; until then see \`scriptorium status ${summary.run}\`.`,
    );
  if (context.json) terminal.out(withAgents(await readFile(places.report, 'utf8'), agents));
  else {
    const tables = agentTables(agents, '  ');
    terminal.out(`${summaryText(summary, context)}  trace    ${places.trace}\n${tables === '' ? '' : `\n${tables}`}`);
  }
  return exitCodes.ok;
}

/** The report as it was written; with what agents did, where it does not say that itself. */
function withAgents(report: string, agents: AgentReport): string {
  if (report.includes('\n  "agents": ') || (agents.agents.length === 0 && agents.scores.length === 0)) return report;
  return `${report.trimEnd().replace(/\n?\}$/, '')},\n  "agents": ${JSON.stringify(agents)}\n}\n`;
}
