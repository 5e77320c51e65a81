/** `watch`: the live screen of a run, wherever it is worked on. */

import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRun, putOutcome } from '../showing/following.ts';

export async function watch(context: Context, run: string): Promise<ExitCode> {
  return withStore(context, async (connection) => {
    const summary = await connection.host.describe(run);
    return putOutcome(context, await followRun(context, connection, summary.run));
  });
}
