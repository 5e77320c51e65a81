/**
 * `retry`: a new run of what an ended run was: the same definition, input and options. Results of steps that are pure and
 * succeeded are taken over, so that what failed or was cancelled is worked on again. With a selection, all that the ended
 * run has done is taken over, and of its failures only those are tried again.
 */

import type { DeadSelection } from '@scriptorium/core';
import type { Connection } from '@scriptorium/engine';
import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRun, putOutcome } from '../showing/following.ts';

export interface RetryFlags extends DeadSelection {
  readonly failed?: boolean;
  readonly fresh?: boolean;
}

export async function retry(context: Context, name: string, flags: RetryFlags): Promise<ExitCode> {
  if (flags.fresh === true && selectionOf(flags) !== null)
    throw new CommandError(exitCodes.usage, '--fresh and a selection exclude each other', 'Leave one of them out.');
  if (flags.failed === true && flags.fresh === true)
    throw new CommandError(
      exitCodes.usage,
      '--failed and --fresh exclude each other',
      'Use --failed to reuse what succeeded, --fresh to do all of it again.',
    );
  return withStore(context, async (connection) => {
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
    const only = selectionOf(flags);
    if (only !== null) return retryOnly(context, connection, earlier.run, only);
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

function selectionOf({ step, item, error }: RetryFlags): DeadSelection | null {
  if (step === undefined && item === undefined && error === undefined) return null;
  return {
    ...(step === undefined ? {} : { step }),
    ...(item === undefined ? {} : { item }),
    ...(error === undefined ? {} : { error }),
  };
}

/** A run beside the other that has all of its results and tries again what was selected of its failures. */
async function retryOnly(context: Context, connection: Connection, run: string, only: DeadSelection): Promise<ExitCode> {
  const { host } = connection;
  let count = 0;
  for await (const _ of host.deadLetters({ run, ...only })) count += 1;
  if (count === 0) {
    context.terminal.err(`Nothing to retry: nothing of that kind has failed for good in run ${run}.\n`);
    return exitCodes.ok;
  }
  const again = await host.fork({ run, step: null, input: null, outputs: {}, only, by: context.by });
  context.terminal.err(`run ${again}, again after ${run}: ${count} of what had failed\n`);
  return putOutcome(context, await followRun(context, connection, again));
}
