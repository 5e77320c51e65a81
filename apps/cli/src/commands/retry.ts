/**
 * `retry`: a new run of what an ended run was: the same definition, input and options. Results of steps that are pure and
 * succeeded are taken over, so that what failed or was cancelled is worked on again.
 */

import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRun, putOutcome } from '../following.ts';

export interface RetryFlags {
  readonly failed?: boolean;
  readonly fresh?: boolean;
}

export async function retry(context: Context, name: string, flags: RetryFlags): Promise<ExitCode> {
  if (flags.failed === true && flags.fresh === true)
    throw new CommandError(
      exitCodes.usage,
      '--failed and --fresh exclude each other',
      'Use --failed to reuse what succeeded, --fresh to do all of it again.',
    );
  return withHost(context, async (connection) => {
    const { host } = connection;
    const earlier = await host.describe(name);
    if (earlier.endedAt === null) {
      throw new CommandError(
        exitCodes.conflict,
        `run ${earlier.run} has not ended: it is ${earlier.status}`,
        earlier.status === 'interrupted'
          ? `Go on with \`scriptorium resume ${earlier.run}\`.`
          : `Wait for it, or end it with \`scriptorium cancel ${earlier.run}\`.`,
      );
    }
    const unfinished = earlier.progress.items.failed + earlier.progress.items.cancelled;
    if (flags.failed === true && earlier.status === 'succeeded' && unfinished === 0) {
      context.terminal.err(`Nothing to retry: every item of run ${earlier.run} succeeded.\n`);
      return exitCodes.ok;
    }
    const [flow, called] = await Promise.all([host.definition(earlier.run), host.called(earlier.run)]);
    const run = await host.start({
      flow,
      called,
      input: earlier.input,
      options: { ...earlier.options, fresh: flags.fresh === true },
      by: context.by,
    });
    context.terminal.err(`run ${run}, again after ${earlier.run}\n`);
    return putOutcome(context, await followRun(context, connection, run));
  });
}
