/** The story workflow of the language's design, as it is written there: outline, chapters with critique, approval, publication. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@scriptorium/core';
import { fails, rehearse, takes } from '../../src/index.ts';
import type { Answer, Rehearsal, Script } from '../../src/index.ts';
import { storyHandlers } from './handlers.ts';

const flow = new URL('./story-novel.flow.yaml', import.meta.url);
const input = { idea: 'A lighthouse that forgets', chapters: 2 };

const outline = {
  title: 'The Lamp',
  cast: ['Ada', 'Bo'],
  plans: [
    { n: 1, beat: 'the storm' },
    { n: 2, beat: 'the calm' },
  ],
};

/** What the critic says of the drafts of a chapter, one after the other. */
type Critique = readonly { readonly score: number; readonly handoff: 'write' | 'research' | 'accept' }[];

const praise: Critique = [{ score: 9, handoff: 'accept' }];

interface Cast {
  readonly critique?: { readonly [chapter: number]: Critique };
  readonly world?: () => Answer;
}

/** Every agent is told apart by its system prompt, and every draft names its chapter and its number. */
function script({ critique = {}, world = () => ({ rules: ['no magic'] }) }: Cast = {}): Script {
  const drafts = new Map<string, number>();
  const nextDraft = (name: string): string => {
    const number = (drafts.get(name) ?? 0) + 1;
    drafts.set(name, number);
    return `${name}, draft ${number}`;
  };
  const agents: { readonly [system: string]: (prompt: string) => Answer } = {
    'You are the outliner.': () => outline,
    'You are the character.': (prompt) => ({ name: prompt.split(' ')[2] ?? '', voice: 'plain' }),
    'You are the world.': world,
    'You are the writer.': (prompt) => ({ text: nextDraft(/^(?:Revise: )?(\w+ \d)/.exec(prompt)?.[1] ?? '') }),
    'You are the critic.': (prompt) => {
      const [, chapter = '', draft = ''] = /(\d), draft (\d)/.exec(prompt) ?? [];
      const verdicts = critique[Number(chapter)] ?? praise;
      return { ...(verdicts[Number(draft) - 1] ?? verdicts.at(-1)), notes: [`about draft ${draft}`] };
    },
    'You are the research.': (prompt) => ({ facts: [`looked up: ${prompt}`] }),
  };
  return {
    'core/agent': ({ system, prompt }) => takes('20s', agents[String(system)]?.(String(prompt)) ?? fails('unexpected')),
    'store/create': () => ({ id: 'shelf-1' }),
    'store/publish': ({ chapters }) => ({ url: `https://example.org/${(chapters as readonly string[]).join('+')}` }),
    'store/delete': () => ({}),
  };
}

function prompts(run: Rehearsal, system: string): readonly JsonObject[] {
  return run.calls('core/agent').flatMap(({ input }) => (input['system'] === `You are the ${system}.` ? [input] : []));
}

test('it writes, publishes what the editor approves, and hands everybody what they need', async () => {
  await using run = await rehearse(flow, { input, handlers: storyHandlers, script: script() });
  const [wait] = await run.untilWaiting();
  assert.equal(wait?.ask, 'Publish "The Lamp"?');
  assert.deepEqual(wait.to, ['editor']);
  await run.advance('6d');
  await run.answer('approve', { decision: 'publish' });
  assert.deepEqual(await run.outcome(), {
    status: 'succeeded',
    output: { url: 'https://example.org/Chapter 1, draft 1+Chapter 2, draft 1' },
    error: null,
  });
  const [draft] = prompts(run, 'writer');
  assert.deepEqual(
    [draft?.['model'], draft?.['memory'], draft?.['people'], draft?.['rules']],
    [
      'sonnet',
      'scope',
      [
        { name: 'Ada', voice: 'plain' },
        { name: 'Bo', voice: 'plain' },
      ],
      ['no magic'],
    ],
  );
  assert.equal(prompts(run, 'critic')[0]?.['model'], 'opus');
  assert.deepEqual(run.calls('store/delete'), []);
});

test('the critic sends a chapter back, to research too, and a chapter that never pleases is kept as it is', async () => {
  const critique: Cast['critique'] = {
    1: [{ score: 4, handoff: 'research' }, { score: 6, handoff: 'write' }, ...praise],
    2: [{ score: 3, handoff: 'write' }],
  };
  await using run = await rehearse(flow, { input, handlers: storyHandlers, script: script({ critique }) });
  await run.untilWaiting();
  await run.answer('approve', { decision: 'publish' });
  // Chapter 2 was written once more after the fourth critique, and the fifth was one too many.
  assert.deepEqual((await run.outcome()).output, { url: 'https://example.org/Chapter 1, draft 3+Chapter 2, draft 5' });
  const first = prompts(run, 'writer').filter(({ prompt }) => String(prompt).startsWith('Chapter 1'));
  assert.deepEqual(
    first.map(({ facts, notes }) => [facts, notes]),
    [
      [[], []],
      [['looked up: about draft 1'], ['about draft 1']],
      [['looked up: about draft 1'], ['about draft 2']],
    ],
  );
  const caught = await run.events('step.caught');
  assert.deepEqual(
    caught.map(({ event }) => [event.node, event.error.code]),
    [['create/chapters/critique', 'loop.exceeded']],
  );
});

test('a world that cannot be built leaves the story without rules, after an hour of patience at most', async () => {
  await using run = await rehearse(flow, { input, handlers: storyHandlers, script: script({ world: () => fails('overloaded') }) });
  await run.untilWaiting();
  assert.equal((await run.attempts('create/world')).length, 5);
  assert.ok(run.elapsedMs() < 3_600_000);
  assert.deepEqual(prompts(run, 'writer')[0]?.['rules'], []);
});

test('the editor asks for a rework, twice, and the last version is published', async () => {
  await using run = await rehearse(flow, { input, handlers: storyHandlers, script: script() });
  for (const notes of [['shorter'], ['shorter still']]) {
    await run.untilWaiting();
    await run.answer('approve', { decision: 'rework', notes });
  }
  await run.untilWaiting();
  await run.answer('approve', { decision: 'publish' });
  assert.deepEqual((await run.outcome()).output, { url: 'https://example.org/Chapter 1, draft 3+Chapter 2, draft 3' });
  assert.deepEqual(
    prompts(run, 'writer').map(({ notes }) => notes),
    [[], [], ['shorter'], ['shorter'], ['shorter still'], ['shorter still']],
  );
});

test('a third rework is one too many: the run is abandoned, and the shelf deleted', async () => {
  await using run = await rehearse(flow, { input, handlers: storyHandlers, script: script() });
  for (let round = 0; round < 3; round += 1) {
    await run.untilWaiting();
    await run.answer('approve', { decision: 'rework' });
  }
  await abandoned(run);
});

test('whom the editor turns down is abandoned, and the shelf deleted', async () => {
  await using run = await rehearse(flow, { input, handlers: storyHandlers, script: script() });
  await run.untilWaiting();
  await run.answer('approve', { decision: 'abandon' });
  await abandoned(run);
});

test('an editor who says nothing for a week lets it be abandoned, whatever happens to the engine meanwhile', async () => {
  await using run = await rehearse(flow, { input, handlers: storyHandlers, script: script() });
  await run.untilWaiting();
  await run.advance('5d');
  await run.kill();
  await abandoned(run);
  assert.ok(run.elapsedMs() >= 7 * 86_400_000);
});

async function abandoned(run: Rehearsal): Promise<void> {
  const { status, error } = await run.outcome();
  assert.deepEqual([status, error?.code, error?.message], ['failed', 'abandoned', 'not approved']);
  assert.deepEqual(
    run.calls('store/delete').map(({ input }) => input),
    [{ id: 'shelf-1' }],
  );
  assert.deepEqual(run.calls('store/publish'), []);
}
