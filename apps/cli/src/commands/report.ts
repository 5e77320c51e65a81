/** `report`: what a run's report says, and where it lies. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { placesOf } from '../run-places.ts';
import { summaryText } from '../summary.ts';

export async function report(context: Context, run: string): Promise<ExitCode> {
  const { terminal } = context;
  const summary = await withHost(context, async ({ host }) => {
    const known = await host.describe(run);
    const isAtRest = known.endedAt !== null || known.status === 'interrupted' || known.status === 'parked';
    if (isAtRest && !existsSync(placesOf(known).report)) await host.report(known.run);
    return known;
  });
  const places = placesOf(summary);
  if (!existsSync(places.report))
    throw new CommandError(
      exitCodes.notFound,
      `run ${summary.run} has no report yet`,
      `It is written when the run ends; until then see \`scriptorium status ${summary.run}\`.`,
    );
  if (context.json) terminal.out(await readFile(places.report, 'utf8'));
  else terminal.out(`${summaryText(summary, context)}  trace    ${places.trace}\n`);
  return exitCodes.ok;
}
