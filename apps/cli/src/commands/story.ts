/** `story`: a story from a premise, by the flow `stories`; with no model to be had, by the offline one. */

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArtifactRef } from '@scriptorium/core';
import { withHost } from '../context.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { withCommandLine } from '../configuration/configuration.ts';
import { followRun, putOutcome } from '../showing/following.ts';
import { placesOf } from '../showing/run-places.ts';
import { prepareRun } from './run.ts';

export interface StoryFlags {
  readonly length: 'flash' | 'short' | 'chapters';
  readonly model: readonly string[];
  readonly seed: number;
  readonly chapters?: number;
  /** Nobody is asked. */
  readonly yes?: boolean;
  /** People are asked also where the offline model writes. */
  readonly approve?: boolean;
}

/** Used where the environment has the key, in this order. */
const modelOfKey: readonly (readonly [variable: string, model: string])[] = [
  ['ANTHROPIC_API_KEY', 'anthropic/claude-sonnet-4-5'],
  ['OPENAI_API_KEY', 'openai/gpt-5-mini'],
  ['GOOGLE_GENERATIVE_AI_API_KEY', 'google/gemini-2.5-flash'],
];

export async function story(context: Context, premise: string, flags: StoryFlags): Promise<ExitCode> {
  const { terminal, cwd, env, settings } = context;
  const keyed = modelOfKey.find(([variable]) => (env[variable] ?? '') !== '')?.[1];
  const model = flags.model.length > 0 ? flags.model : [keyed ?? 'offline'];
  const isOffline = model.every((name) => name === 'offline');
  terminal.err(isOffline ? 'No language model: the offline model writes, by a grammar.\n' : `Models: ${model.join(', ')}.\n`);
  const asks = flags.approve === true || (!isOffline && flags.yes !== true);
  const set = [
    `length=${flags.length}`,
    `model=${JSON.stringify(model)}`,
    `approvals=${asks ? 'both' : 'none'}`,
    `seed=${flags.seed}`,
    ...(flags.chapters === undefined ? [] : [`chapters=${flags.chapters}`]),
  ];
  const out = { value: settings.out ?? resolve(cwd, 'scriptorium-stories'), place: 'story', base: cwd };
  const configuration = withCommandLine(context.configuration, new Map([['out', out]]));
  const { request } = await prepareRun({ ...context, configuration }, 'stories', [], { set: [`premise=${premise}`, ...set], workers: [] });
  await context.requireModels([model]);
  return withHost(context, async (connection) => {
    const run = await connection.host.start(request);
    terminal.err(`run ${run}\n`);
    const followed = await followRun(context, connection, run);
    const written = followed.summary.output as unknown as { readonly markdown: ArtifactRef } | undefined;
    if (!context.json && followed.summary.status === 'succeeded' && written !== undefined)
      terminal.out(`${await readFile(join(placesOf(followed.summary).outputs, written.markdown.path), 'utf8')}\n`);
    return putOutcome(context, followed);
  });
}
