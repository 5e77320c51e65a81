/** `pause` and `cancel`. */

import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';

export async function pause(context: Context, name: string): Promise<ExitCode> {
  return withStore(context, async ({ host }) => {
    const { run } = await host.describe(name);
    await host.pause(run, context.by);
    return told(
      context,
      { run, status: 'paused' },
      `Run ${run} is paused: what runs may end, nothing new starts. Go on with \`${context.command} resume ${run}\`.`,
    );
  });
}

export async function cancel(context: Context, name: string, flags: { readonly reason: string }): Promise<ExitCode> {
  return withStore(context, async ({ host }) => {
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

export function told(context: Context, value: object, words: string): ExitCode {
  context.terminal.out(context.json ? `${JSON.stringify(value)}\n` : `${words}\n`);
  return exitCodes.ok;
}
