/** `status`: one run as it is now. */

import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { progressLines } from '../progress/lines.ts';
import { placesOf } from '../run-places.ts';
import { summaryText } from '../summary.ts';

/** The exit code says whether the run could be shown, not how it went. */
export async function status(context: Context, run: string): Promise<ExitCode> {
  const { terminal, now } = context;
  const summary = await withHost(context, ({ host }) => host.describe(run));
  if (context.json) terminal.out(`${JSON.stringify({ ...summary, places: placesOf(summary) }, null, 2)}\n`);
  else {
    if (summary.endedAt === null)
      terminal.out(`${progressLines(summary, now(), Math.max(60, terminal.columns()), terminal.paint).slice(0, 2).join('\n')}\n\n`);
    terminal.out(summaryText(summary, context));
    if (context.verbose) terminal.out(`  input    ${JSON.stringify(summary.input)}\n  options  ${JSON.stringify(summary.options)}\n`);
  }
  return exitCodes.ok;
}
