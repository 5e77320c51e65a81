/** What people decide about a story, going back to a moment of it, and another story beside it with one thing changed. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compareCohort, reportAgents } from '@scriptorium/agents';
import type { CohortRun } from '@scriptorium/agents';
import type { ArtifactRef, Host, JsonObject, RunSummary } from '@scriptorium/core';
import type { Act } from '@scriptorium/agents/model-server';
import { agentOf, chapter } from '@scriptorium/stories/scripted-agents';
import type { Agent } from '@scriptorium/stories/scripted-agents';
import { runTreeOf } from '../../src/showing/run-tree.ts';
import { finish, until } from '../engine/kit.ts';
import { createStoryKit } from './story-kit.ts';
import type { StoryKit } from './story-kit.ts';

/** Two chapters, one after the other. */
const twoChapters = (agent: Agent): Act | null =>
  agent === 'plot' ? { json: { framework: 'three_acts', beats: ['b'], cast: ['Ann'], chapters: [chapter('One'), chapter('Two')] } } : null;

const inChapters = { length: 'chapters', chapters: 2 } as const;

function lineageOf({ kit }: StoryKit, { output, status, error }: RunSummary): string {
  assert.equal(status, 'succeeded', JSON.stringify(error));
  return readFileSync(join(kit.out, (output as unknown as { lineage: ArtifactRef }).lineage.path), 'utf8');
}

async function decide(host: Host, run: string, step: string, answer: JsonObject): Promise<void> {
  await until(async () => (await host.waits(run)).some((wait) => wait.step === step));
  await host.answer(run, { step, item: null, answer, as: null, id: null, by: 'test' });
}

describe('a story that people decide about', () => {
  it('is planned anew by their notes, edited anew by their notes, and published when they say so', async (t) => {
    const story = await createStoryKit(t, () => null);
    const engine = await story.open();
    const run = await story.start(engine, { approvals: 'both' });
    await decide(engine, run, 'approve', { decision: 'plan', notes: 'More sea.' });
    await until(() => story.counts().plot === 2);
    await decide(engine, run, 'approve', { decision: 'write' });
    await decide(engine, run, 'release', { decision: 'edit', notes: 'Fewer commas.' });
    await until(() => story.counts().editor === 2);
    await decide(engine, run, 'release', { decision: 'publish' });
    lineageOf(story, await finish(engine, run));
    const asked = (agent: Agent): string => JSON.stringify(story.server.asked.filter((one) => agentOf(one) === agent).at(-1)?.messages);
    assert.match(asked('plot'), /More sea\./);
    assert.match(asked('editor'), /Fewer commas\./);
    assert.equal(story.counts().writer, 1);
  });

  it('ends where they do not want it', async (t) => {
    const story = await createStoryKit(t, () => null);
    const engine = await story.open();
    const run = await story.start(engine, { approvals: 'outline' });
    await decide(engine, run, 'approve', { decision: 'stopped' });
    assert.equal((await finish(engine, run)).error?.code, 'story.stopped');
    assert.equal(story.counts().writer, undefined);
  });
});

describe('a story that is taken back', () => {
  it('to after its outline is written again from there, and what was written is set aside, not deleted', async (t) => {
    const story = await createStoryKit(t, () => null);
    const engine = await story.open();
    const run = await story.start(engine);
    lineageOf(story, await finish(engine, run));
    const before = story.counts();
    const { aside, files } = await engine.rollback({ run, to: 'write', by: 'test' });
    assert.ok(files.length > 0 && existsSync(join(story.kit.out, aside ?? 'nowhere')), 'what was published is kept');
    await engine.resume(run, 'test');
    assert.match(lineageOf(story, await finish(engine, run)), /This is draft 2\./);
    const after = story.counts();
    assert.deepEqual(
      [after.concept, after.plot, after.character, after.world],
      [before.concept, before.plot, before.character, before.world],
    );
    assert.deepEqual([after.writer, after.critic, after.editor], [2, 2, 2]);
  });

  it('to after its first chapter has that still, and writes the second one again', async (t) => {
    const story = await createStoryKit(t, twoChapters);
    const engine = await story.open();
    const run = await story.start(engine, inChapters);
    assert.match(lineageOf(story, await finish(engine, run)), /This is draft 1\.[\s\S]*This is draft 2\./);
    const kept = (await engine.events(run, 0, 10_000)).find(
      ({ event }) => event.type === 'attempt.succeeded' && event.node === 'write/chapter/loop/keep',
    );
    await engine.rollback({ run, to: kept?.gseq ?? 0, by: 'test' });
    await engine.resume(run, 'test');
    const lineage = lineageOf(story, await finish(engine, run));
    assert.match(lineage, /This is draft 1\.[\s\S]*This is draft 3\./);
    assert.doesNotMatch(lineage, /This is draft 2\./);
    assert.deepEqual([story.counts().plot, story.counts().writer], [1, 3]);
  });
});

describe('a story beside another one', () => {
  const cohortOf = async (host: Host, run: string): Promise<CohortRun> => {
    const keys: string[] = [];
    for await (const { key } of host.results(run, 'edit')) keys.push(key);
    return { ...(await runTreeOf(host, run)), keys: new Map([['edit', keys]]) };
  };

  it('from its edit on has what came before without paying for it, and says so', async (t) => {
    const story = await createStoryKit(t, twoChapters);
    const engine = await story.open();
    const first = await story.start(engine, inChapters);
    const { progress: whole } = await finish(engine, first);
    const second = await engine.fork({ run: first, step: 'edit', input: null, outputs: {}, by: 'test' });
    const { used, inherited } = (await finish(engine, second)).progress.usage;
    assert.deepEqual([used.calls, inherited?.calls], [whole.usage.used.calls, (whole.usage.used.calls ?? 0) - 2]);
    assert.equal(story.counts().editor, 4);
    const { events, flows } = await runTreeOf(engine, second);
    const { agents } = reportAgents(events, new Set(flows.keys()), flows);
    assert.deepEqual(
      agents.filter(({ calls }) => calls > 0).map(({ agent, calls, reused }) => [agent, calls, reused.calls]),
      [['editor', 2, 0]],
    );
    assert.equal(
      agents.reduce((sum, { reused }) => sum + reused.calls, 0),
      inherited?.calls,
    );
  });

  for (const [what, settings] of [
    ['model', { 'agents.editor.model': 'other' }],
    ['prompt', { 'agents.editor.system': 'You edit as a poet does.' }],
  ] as const) {
    it(`with another ${what} for one agent asks that agent alone, and both can be compared`, async (t) => {
      const story = await createStoryKit(t, twoChapters);
      const engine = await story.open();
      const first = await story.start(engine, inChapters);
      lineageOf(story, await finish(engine, first));
      const before = story.counts();
      const second = await engine.fork({ run: first, step: null, input: null, outputs: {}, settings, by: 'test' });
      lineageOf(story, await finish(engine, second));
      const { editor = 0, ...others } = story.counts();
      assert.deepEqual({ ...others, editor: editor - 2 }, before);
      const changed = story.server.asked.slice(-2);
      assert.ok(changed.every(({ model, messages }) => model === 'other' || String(messages[0]?.content).startsWith('You edit as a poet')));
      const { items, work } = compareCohort(await cohortOf(engine, first), await cohortOf(engine, second));
      assert.deepEqual(
        items.filter(({ step }) => step === 'edit').map(({ key, a, b }) => [key, a?.calls, b?.calls]),
        [
          ['1', 1, 1],
          ['2', 1, 1],
        ],
      );
      assert.ok(work.b.reused > 0 && work.b.usd < work.a.usd);
    });
  }
});
