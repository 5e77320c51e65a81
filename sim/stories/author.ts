/**
 * A process that writes a story until it is killed: by itself at a moment that it was told, or from outside. Arguments:
 * folder, address of the service, and the moments at which this process and those after it are to die, as JSON.
 *
 * 1. Whoever comes to a moment that is another process's waits there for the end of this one: steps that go on side by
 *    side cannot pass by a moment that is to come.
 * 2. A moment is passed as often as it comes; the first time counts.
 */

import { StatementSync } from 'node:sqlite';
import { join } from 'node:path';
import { agentModule } from '@scriptorium/agents';
import { defineHandler } from '@scriptorium/core';
import type { Context, Handler, Json, JsonObject, Recorded } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { handlers as storyHandlers } from '@scriptorium/stories';
import { defaultsOf, storyWith } from '@scriptorium/stories/story-flow';
import { HELD } from './held.ts';
import { BUDGET, PRICE } from './prices.ts';

/** What an author tells of its story: each moment that it comes to, and how all of it ended. */
export type Told = { readonly at: string } | Ended;

export interface Ended {
  readonly status: string;
  readonly output: Json;
  /** Of the run, by its journal. */
  readonly usd: number;
  /** Attempts of agents that were lost before an answer of theirs was noted. */
  readonly lost: number;
}

const [folder = '', url = '', dying = '[]'] = process.argv.slice(2);
const [death, ...later] = JSON.parse(dying) as readonly string[];
/** Whether a step waits at a moment that is another process's. */
let held = false;
// A step that two kills have cut off runs alone: while it waits at a moment to come, the one before that cannot come.
process.once('beforeExit', () => {
  if (held) process.exit(HELD);
});
const tell = (told: Told): void => void process.send?.(told);

async function come(moment: string): Promise<void> {
  if (moment === death) process.kill(process.pid, 'SIGKILL');
  tell({ at: moment });
  if (!later.includes(moment)) return;
  held = true;
  await new Promise(() => undefined);
}

/** The same handler, whose work has moments: its beginning and end, and what it notes and writes in between. */
function watched(handler: Handler): Handler {
  const run = async (input: JsonObject, context: Context): Promise<unknown> => {
    const name = typeof input['agent'] === 'string' ? input['agent'] : handler.name;
    await come(`${name} begins`);
    const note: Context['note'] = async (...noted) => {
      await come(`${name} has an answer`);
      await context.note(...noted);
      await come(`${name} has noted it`);
    };
    const write: Context['outputs']['write'] = async (file, ...rest) => {
      const written = await context.outputs.write(file, ...rest);
      await come(`${name} has written ${file}`);
      return written;
    };
    const result = await handler.run(input as never, { ...context, note, outputs: { ...context.outputs, write } });
    await come(`${name} is done`);
    return result;
  };
  return { ...handler, run: run as Handler['run'] };
}

/** Ends this process at so many commits from now, before it is durable or after. */
function dieAtCommit(number: number): void {
  const commit = Object.getOwnPropertyDescriptor(StatementSync.prototype, 'run')?.value as (...values: unknown[]) => unknown;
  let commits = 0;
  const moment = (): void => {
    if ((commits += 1) === number) process.kill(process.pid, 'SIGKILL');
  };
  Object.defineProperty(StatementSync.prototype, 'run', {
    value(this: StatementSync, ...values: unknown[]) {
      if (this.sourceSQL !== 'COMMIT') return commit.apply(this, values);
      moment();
      const result = commit.apply(this, values);
      moment();
      return result;
    },
  });
}

const [, commits] = /^commit (\d+)$/.exec(death ?? '') ?? [];
if (commits !== undefined) dieAtCommit(Number(commits));

const entry = { provider: 'compatible', model: 'm', url, price: PRICE } as const;

/** What the researcher's flow does: the step of a run that an agent's tool began. */
const look = defineHandler({
  name: 'archive/look',
  version: '1.0.0',
  doc: 'Looks something up.',
  input: { type: 'object', required: ['about'], properties: { about: { type: 'string' } } },
  output: { type: 'string' },
  effects: 'read',
  run: ({ about }: { readonly about: string }) => `All of ${about} is old.`,
});

const search = `flow: archive/search
version: "1.0.0"
doc: Looks something up in the archive.
input: { about: { type: string } }
steps: { look: { uses: archive/look, with: { about: "\${ input.about }" } } }
output: \${ look }
`;

const handlers = [...agentModule({ env: {}, models: { house: entry }, own: [] }).handlers, ...storyHandlers, look].map(watched);
const callables = new Map([...coreHandlers, ...handlers].map((handler) => [handler.name, handler]));
const engine = await openEngine({
  home: join(folder, 'store'),
  modules: [{ url: import.meta.url, handlers }],
  contracts: createContracts(),
  env: {},
});

async function begin(): Promise<string> {
  const lent = 'prompt: Find what the critic asks for.,';
  const { flow, called } = storyWith(
    [...callables.values()],
    [
      ['budget: { usd: 10,', `budget: { usd: ${BUDGET},`],
      [lent, `${lent} tools: [{ flow: archive/search }],`],
    ],
    [{ file: 'search.flow.yaml', source: search, callables }],
  );
  const more = { premise: 'Salt.', model: ['house'], approvals: 'both', length: 'chapters', chapters: 2, spent: 'stop' };
  const options = { mode: 'strict', test: false, dryRun: false, limit: null, out: join(folder, 'out'), fresh: true, modules: [] } as const;
  return engine.start({ flow, called, input: { ...defaultsOf(flow), ...more }, options, by: 'sim' });
}

const [known] = await engine.list();
const run = known?.run ?? (await begin());
if (known?.status === 'interrupted') await engine.resume(run, 'sim');

/** What was paid for, as far as anybody can know, and has to be asked again. */
function lostCalls(events: readonly Recorded[]): number {
  const open = new Set<string>();
  let lost = 0;
  for (const { actor, event } of events) {
    if (!('node' in event) || !('attempt' in event)) continue;
    const place = `${actor} ${event.item} ${event.node}`;
    if (event.type === 'attempt.started' && event.handler.startsWith('core/agent')) open.add(place);
    else if (event.type === 'attempt.noted') open.delete(place);
    else if (event.type === 'attempt.lost' && open.delete(place)) lost += 1;
  }
  return lost;
}

/** What a person says to each question. */
const decisions: { readonly [step: string]: string } = { approve: 'write', release: 'publish' };

for await (const { endedAt, status, output, progress } of engine.watch(run, { everyMs: 5 })) {
  for (const { step } of await engine.waits(run)) {
    await come(`${step} is asked`);
    const answered = engine.answer(run, { step, item: null, answer: { decision: decisions[step] ?? '' }, as: null, id: null, by: 'sim' });
    await come(`${step} is answered`);
    await answered;
    await come(`${step} has its answer`);
  }
  if (endedAt === null) continue;
  await come('the story has ended');
  const lost = lostCalls(await engine.events(run, 0, 100_000));
  tell({ status, output, usd: progress.usage.used.usd ?? 0, lost });
}
await engine.stop();
process.disconnect();
