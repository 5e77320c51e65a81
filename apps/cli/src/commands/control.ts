/** `pause`, `resume` and `cancel`. */

import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRun, putOutcome } from '../following.ts';

export async function pause(context: Context, name: string): Promise<ExitCode> {
  return withHost(context, async ({ host }) => {
    const { run } = await host.describe(name);
    await host.pause(run, context.by);
    return told(
      context,
      { run, status: 'paused' },
      `Run ${run} is paused: what runs may end, nothing new starts. Go on with \`${context.command} resume ${run}\`.`,
    );
  });
}

/** When no other process has the engine, this one works on the run until it ends. */
export async function resume(context: Context, name: string): Promise<ExitCode> {
  return withHost(context, async (connection) => {
    const { run } = await connection.host.describe(name);
    await connection.host.resume(run, context.by);
    if (!connection.own())
      return told(
        context,
        { run, status: 'running' },
        `Run ${run} goes on in the engine's process. See it with \`${context.command} watch ${run}\`.`,
      );
    return putOutcome(context, await followRun(context, connection, run));
  });
}

export async function cancel(context: Context, name: string, flags: { readonly reason: string }): Promise<ExitCode> {
  return withHost(context, async ({ host }) => {
    const { run } = await host.describe(name);
    await host.cancel(run, context.by, flags.reason);
    for await (const summary of host.watch(run)) if (summary.endedAt !== null) break;
    return told(
      context,
      { run, status: 'cancelled' },
      `Run ${run} is cancelled; what was completed stays. Start it again with \`${context.command} retry ${run} --failed\`.`,
    );
  });
}

function told(context: Context, value: object, words: string): ExitCode {
  context.terminal.out(context.json ? `${JSON.stringify(value)}\n` : `${words}\n`);
  return exitCodes.ok;
}
