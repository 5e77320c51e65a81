/** `status`: one run as it is now. */

import type { BreakerStatus, Host } from '@scriptorium/core';
import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { waitLines } from '../showing/open-waits.ts';
import { progressLines } from '../progress/lines.ts';
import { breakerText } from '../progress/news.ts';
import { placesOf } from '../showing/run-places.ts';
import { runsBelow, runsBelowText } from '../showing/runs-below.ts';
import { summaryText } from '../showing/summary.ts';

/** The exit code says whether the run could be shown, not how it went. */
export async function status(context: Context, run: string): Promise<ExitCode> {
  const { terminal, now } = context;
  const { summary, open, below, waiting } = await withStore(context, async ({ host }) => {
    const described = await host.describe(run);
    const pools = described.endedAt === null ? await openPools(host, described.run) : [];
    return {
      summary: described,
      open: pools,
      below: await runsBelow(host, described.run),
      waiting: await waitLines(host, described, context),
    };
  });
  if (context.json)
    terminal.out(
      `${JSON.stringify({ ...summary, places: placesOf(summary), children: below.shown.map(({ run: child }) => child) }, null, 2)}\n`,
    );
  else {
    if (summary.endedAt === null)
      terminal.out(`${progressLines(summary, now(), Math.max(60, terminal.columns()), terminal.paint).slice(0, 2).join('\n')}\n\n`);
    for (const { pool, breaker } of open)
      terminal.out(terminal.paint('yellow', `! pool ${pool}: its breaker is ${breakerText(breaker, now())}\n`));
    for (const line of waiting) terminal.out(`${terminal.paint(line.startsWith(' ') ? 'cyan' : 'yellow', line)}\n`);
    terminal.out(summaryText(summary, context));
    terminal.out(runsBelowText(below));
    if (context.verbose) terminal.out(`  input    ${JSON.stringify(summary.input)}\n  options  ${JSON.stringify(summary.options)}\n`);
  }
  return exitCodes.ok;
}

/** The pools of the run's flow that let nothing through now, or next to nothing. */
async function openPools(host: Host, run: string): Promise<readonly { readonly pool: string; readonly breaker: BreakerStatus }[]> {
  const { limits } = await host.definition(run);
  const pools = (await host.limits()).filter(({ pool }) => pool in limits);
  return pools.flatMap(({ pool, breaker }) => (breaker === undefined || breaker.state === 'closed' ? [] : [{ pool, breaker }]));
}
