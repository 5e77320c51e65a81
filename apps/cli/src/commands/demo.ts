/** `demo`: makes sample books with known defects, runs the pipeline on them, and scores the result against the truth. */

import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { makeSamples, scoreSamples } from '@scriptorium/books';
import type { SampleScore, Truth } from '@scriptorium/books';
import type { RunSummary } from '@scriptorium/core';
import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { bare, withCommandLine } from '../configuration/configuration.ts';
import { followRun } from '../showing/following.ts';
import { placesOf } from '../showing/run-places.ts';
import { summaryJson, summaryText } from '../showing/summary.ts';
import { prepareRun } from './run.ts';

const MAX_MISSES = 5;

/** From this many on, real public-domain books are among the samples. */
const FEWEST_WITH_REAL = 20;

export interface DemoFlags {
  readonly dir: string;
  readonly count: number;
  readonly seed: number;
}

/** Some of the samples cannot be processed, and are meant to: a run that completed ends with 0. */
export async function demo(context: Context, { dir, count, seed }: DemoFlags): Promise<ExitCode> {
  const { terminal } = context;
  const root = resolve(context.cwd, dir);
  const [books, out] = [join(root, 'books'), join(root, 'out')];
  const truth = await samplesIn(context, root, count, seed);
  // What is configured for other flows says nothing about the samples.
  const configuration = withCommandLine(bare(context.configuration), new Map([['out', { value: out, place: '--dir', base: root }]]));
  const { request } = await prepareRun({ ...context, configuration }, 'books', [books], { set: [], workers: [] });
  return withHost(context, async (connection) => {
    const { summary, exitCode: ended } = await followRun(context, connection, await connection.host.start(request));
    const score = summary.endedAt === null ? null : await scoreSamples(truth, placesOf(summary).outputs, summary.run);
    const exitCode = ended === exitCodes.partial ? exitCodes.ok : ended;
    if (context.json) terminal.out(`${JSON.stringify({ ...summaryJson(summary, exitCode), samples: books, score }, null, 2)}\n`);
    else {
      terminal.out(summaryText(summary, context));
      if (score !== null) terminal.out(`\n${scoreText(score)}\n${nextText(context, summary, truth, root)}`);
    }
    return exitCode;
  });
}

/** The samples of an earlier demo are used again when they are the same. */
async function samplesIn({ terminal }: Context, root: string, count: number, seed: number): Promise<Truth> {
  const earlier = await readFile(join(root, 'truth.json'), 'utf8').then(
    (text) => JSON.parse(text) as Truth,
    () => null,
  );
  if (earlier !== null && earlier.seed === seed && earlier.books.length === count) {
    terminal.err(`Using the ${count} sample books in ${join(root, 'books')}; what was done with them before is reused.\n`);
    return earlier;
  }
  terminal.err(`Making ${count} sample books in ${join(root, 'books')} …\n`);
  return (await makeSamples(root, { count, seed, real: count >= FEWEST_WITH_REAL })).truth;
}

function scoreText({ books, asExpected, boundaries, defects, misses }: SampleScore): string {
  const [found, injected] = [defects.reduce((sum, one) => sum + one.found, 0), defects.reduce((sum, one) => sum + one.injected, 0)];
  const weak = defects.filter((one) => one.found < one.injected).map((one) => `${one.type} ${one.found}/${one.injected}`);
  const more = misses.length - MAX_MISSES;
  return [
    'Score against the truth',
    `  outcomes            ${asExpected}/${books} books ended as they must: done, skipped or failed`,
    `  chapter boundaries  F1 ${boundaries.f1.toFixed(3)} (precision ${boundaries.precision.toFixed(3)}, recall ${boundaries.recall.toFixed(3)})`,
    `  injected defects    ${found}/${injected} found or mended${weak.length === 0 ? '' : `; not all of: ${weak.join(', ')}`}`,
    ...(misses.length === 0
      ? []
      : [
          `  not right           ${misses
            .slice(0, MAX_MISSES)
            .map(({ id, f1, outcome }) => `${id} (${f1 === null ? outcome : `F1 ${f1.toFixed(2)}`})`)
            .join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
        ]),
    '',
  ].join('\n');
}

function nextText({ cwd, command }: Context, summary: RunSummary, truth: Truth, root: string): string {
  const near = (path: string): string => relative(cwd, path) || '.';
  const done = truth.books.find((book) => book.outcome === 'done');
  const document = join(placesOf(summary).outputs, 'toc', summary.run, `${done?.id ?? ''}.json`);
  const [books, out] = [near(join(root, 'books')), near(join(root, 'out'))];
  return `Try next
  ${command} trace ${near(document)}
      where a finished book came from, back to its source
  ${command} run books ${books} --out ${out} --fresh --mode strict
      the same books, of which the first that fails or has an error ends the run with 1; Ctrl-C before that, then \`${command} resume latest\`
  ${command} limits set clean --concurrent 2
      from another terminal, while that run goes on
`;
}
