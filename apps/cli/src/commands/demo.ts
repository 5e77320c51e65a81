/** `demo`: makes sample books with known defects, runs the pipeline on them, and scores the result against the truth. */

import { join, relative, resolve } from 'node:path';
import { makeSamples, scoreSamples } from '@scriptorium/books';
import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRun } from '../following.ts';
import type { ProgressMode } from '../progress/mode.ts';
import { placesOf } from '../run-places.ts';
import { summaryJson, summaryText } from '../summary.ts';
import { prepareRun } from './run.ts';

export interface DemoFlags {
  readonly dir: string;
  readonly count: number;
  readonly seed: number;
  readonly progress: ProgressMode;
}

export async function demo(context: Context, { dir, count, seed, progress }: DemoFlags): Promise<ExitCode> {
  const { terminal } = context;
  const root = resolve(context.cwd, dir);
  const [samples, out] = [join(root, 'books'), join(root, 'out')];
  terminal.err(`Making ${count} sample books in ${samples} …\n`);
  const truth = await makeSamples(samples, { count, seed });
  const request = await prepareRun(context, 'books', [samples], { out, set: [], workers: [], progress });
  return withHost(context, async (connection) => {
    const { summary, exitCode } = await followRun(context, connection, await connection.host.start(request), progress);
    const places = placesOf(summary);
    const score = summary.endedAt === null ? null : await scoreSamples(samples, join(places.outputs, 'toc', summary.run));
    if (context.json) {
      terminal.out(`${JSON.stringify({ ...summaryJson(summary, exitCode), samples, truth, score }, null, 2)}\n`);
      return exitCode;
    }
    terminal.out(summaryText(summary, context.now(), terminal.paint));
    void [score, relative];
    return exitCode;
  });
}
