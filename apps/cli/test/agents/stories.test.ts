import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ArtifactRef, RunSummary } from '@scriptorium/core';
import { judged } from '@scriptorium/stories/scripted-agents';
import { finish, until } from '../engine/kit.ts';
import { createStoryKit } from './story-kit.ts';
import type { StoryKit } from './story-kit.ts';

interface Told {
  readonly title: string;
  readonly ended: readonly string[];
  readonly markdown: ArtifactRef;
  readonly lineage: ArtifactRef;
}

const told = ({ output, status, error }: RunSummary): Told => {
  assert.equal(status, 'succeeded', JSON.stringify(error));
  return output as unknown as Told;
};
const lineageOf = (
  { kit }: StoryKit,
  summary: RunSummary,
): readonly { readonly text: string; readonly pass: number; readonly origin: { readonly [key: string]: unknown } }[] => {
  const { chapters } = JSON.parse(readFileSync(join(kit.out, told(summary).lineage.path), 'utf8')) as { chapters: { paragraphs: [] }[] };
  return chapters.flatMap(({ paragraphs }) => paragraphs);
};

describe('a story', () => {
  it('is accepted at once, and says where every paragraph comes from', async (t) => {
    const story = await createStoryKit(t, () => null);
    const summary = await story.tell();
    assert.deepEqual(told(summary).ended, ['target']);
    assert.deepEqual(story.counts(), { concept: 1, plot: 1, character: 2, world: 1, writer: 1, continuity: 1, critic: 1, editor: 1 });
    const [first, second] = lineageOf(story, summary);
    assert.deepEqual([first?.text, first?.pass, first?.origin['agent']], ['Ann waited on the quay.', 2, 'editor']);
    assert.deepEqual(
      [second?.text, second?.pass, second?.origin['agent'], second?.origin['model'], second?.origin['attempt']],
      ['This is draft 1.', 1, 'writer', 'compatible/good', 1],
    );
    assert.doesNotMatch(JSON.stringify(story.server.asked.map((asked) => asked.response_format)), /"origin"/);
  });

  it('is revised twice, by notes and with the weakest dimension first; what was left alone stays the first draft', async (t) => {
    let judgements = 0;
    const story = await createStoryKit(t, (agent) => (agent === 'critic' ? judged(5 + (judgements += 1), 'draft') : null));
    const summary = await story.tell();
    assert.deepEqual(told(summary).ended, ['target']);
    assert.equal(story.counts().writer, 3);
    assert.match(
      JSON.stringify(story.server.asked.filter((one) => JSON.stringify(one).includes('You write')).at(1)?.messages),
      /More salt.*## first.*coherence/,
    );
    assert.deepEqual(
      lineageOf(story, summary).map(({ pass }) => pass),
      [4, 3],
    );
  });

  it('goes to research when the critic says so', async (t) => {
    let judgements = 0;
    const story = await createStoryKit(t, (agent) => (agent === 'critic' && (judgements += 1) === 1 ? judged(6, 'research') : null));
    assert.deepEqual(told(await story.tell()).ended, ['target']);
    assert.deepEqual([story.counts().research, story.counts().writer], [1, 2]);
    assert.match(
      JSON.stringify(story.server.asked.filter((one) => JSON.stringify(one).includes('You write')).at(1)?.messages),
      /Salt is old/,
    );
  });

  it('ends its loop after three passes, or when a pass gains too little, with the best draft', async (t) => {
    let judgements = 0;
    const exhausted = await createStoryKit(t, (agent) => (agent === 'critic' ? judged(5 + (judgements += 1) / 2, 'draft') : null));
    assert.deepEqual(told(await exhausted.tell()).ended, ['passes']);
    assert.equal(exhausted.counts().writer, 3);
    const scores = [7, 6];
    const worse = await createStoryKit(t, (agent) => (agent === 'critic' ? judged(scores.shift() ?? 6, 'draft') : null));
    const summary = await worse.tell();
    assert.deepEqual(told(summary).ended, ['small_gain']);
    assert.equal(lineageOf(worse, summary)[1]?.text, 'This is draft 1.');
  });

  it('is handed from the critic to the writer by a message, which that one may refuse: then the draft before stays', async (t) => {
    let drafts = 0;
    const story = await createStoryKit(t, (agent) => {
      if (agent === 'critic') return judged(6, 'draft');
      if (agent !== 'writer' || (drafts += 1) === 1) return null;
      return { calls: [{ tool: 'refuse_work', input: { reason: 'it is good as it is' } }] };
    });
    const summary = await story.tell();
    assert.deepEqual(told(summary).ended, ['given_up']);
    assert.equal(lineageOf(story, summary)[1]?.text, 'This is draft 1.');
    const revising = story.server.asked.filter((one) => JSON.stringify(one).includes('You write')).at(1);
    assert.match(JSON.stringify(revising?.messages), /## from.*critic.*## draft.*This is draft 1.*## notes.*More salt/s);
    assert.deepEqual(revising?.tools?.map(({ function: { name } }) => name).toSorted(), ['hand_back', 'refuse_work']);
  });

  it('is accepted by the critic below the target, too', async (t) => {
    const story = await createStoryKit(t, (agent) => (agent === 'critic' ? judged(6, 'keep') : null));
    assert.deepEqual(told(await story.tell()).ended, ['accepted']);
  });

  it('asks the model again whose answer breaks its contract, and shows it what was wrong', async (t) => {
    let drafts = 0;
    const story = await createStoryKit(t, (agent) => (agent === 'writer' && (drafts += 1) === 1 ? { json: { txet: 'x' } } : null));
    const summary = await story.tell();
    assert.equal(story.counts().writer, 2);
    assert.equal(lineageOf(story, summary)[1]?.origin['attempt'], 2);
    assert.match(JSON.stringify(story.server.asked.map(({ messages }) => messages)), /cannot be used/);
  });

  it('goes on with another model when the first one is down, and says which wrote', async (t) => {
    const story = await createStoryKit(t, (_agent, { model }) => (model === 'good' ? { status: 503 } : null));
    const summary = await story.tell({ model: ['good', 'other'] });
    assert.equal(lineageOf(story, summary)[1]?.origin['model'], 'compatible/other');
  });

  it('waits while the breaker is open, and goes on when the provider is back', async (t) => {
    const story = await createStoryKit(t, (_agent, _asked, number) => (number <= 2 ? { status: 503 } : null), [
      ['breaker: { failures: 5, cooldown: 1m }', 'breaker: { failures: 2, cooldown: 500ms }'],
    ]);
    const engine = await story.open();
    const run = await story.start(engine);
    told(await finish(engine, run));
    assert.match(readFileSync(join(story.kit.out, 'logs', run, 'run.log'), 'utf8'), /its breaker opened after 2 failures/);
    assert.equal(story.counts().concept, 3);
  });

  it('ends where the writer refuses its first draft, and keeps the draft where it refuses a later one', async (t) => {
    const refuse = { text: 'I', finish: 'content_filter' };
    const refused = await createStoryKit(t, (agent) => (agent === 'writer' ? refuse : null));
    const { status, error } = await refused.tell();
    assert.deepEqual([status, error?.code], ['failed', 'each.failed']);
    assert.match(JSON.stringify(error), /refused/);
    let drafts = 0;
    const later = await createStoryKit(t, (agent) =>
      agent === 'writer' && (drafts += 1) === 2 ? refuse : agent === 'critic' ? judged(6, 'draft') : null,
    );
    assert.deepEqual(told(await later.tell()).ended, ['given_up']);
  });

  it('keeps the draft that there is when the budget is spent', async (t) => {
    const story = await createStoryKit(t, (agent) => (agent === 'critic' ? judged(6, 'draft') : null), [
      ['budget: { usd: 10,', 'budget: { usd: 0.3, calls: 9,'],
    ]);
    const stopped = await story.tell({ spent: 'stop' });
    assert.deepEqual(told(stopped).ended, ['given_up']);
    assert.ok((stopped.progress.usage.used.usd ?? 1) <= 0.3);
  });

  it('goes on with cheaper models when the budget is spent, or asks', async (t) => {
    const dear = (): Promise<StoryKit> => createStoryKit(t, () => null, [['budget: { usd: 10,', 'budget: { usd: 0.0845,']]);
    const story = await dear();
    const summary = await story.tell({ spent: 'degrade' });
    assert.ok(told(summary).title !== '');
    assert.ok((summary.progress.usage.used.usd ?? 1) <= 0.0845);
    assert.ok(lineageOf(story, summary).some(({ origin }) => origin['model'] === 'offline'));
    const asking = await dear();
    const engine = await asking.open();
    const run = await asking.start(engine, { spent: 'ask' });
    await until(async () => (await engine.waits()).length === 1);
    const [wait] = await engine.waits();
    assert.match(JSON.stringify(wait), /budget is spent/);
    await engine.cancel(run, 'test', 'enough');
    await finish(engine, run);
  });

  it('is approved by a person, and decided as declared when nobody answers in time', async (t) => {
    const late = await createStoryKit(t, () => null, [['timeout: 7d', 'timeout: 1ms']]);
    assert.deepEqual(told(await late.tell({ approvals: 'both' })).ended, ['target']);
    const stopping = await createStoryKit(t, () => null, [['timeout: 7d', 'timeout: 1ms']]);
    assert.equal((await stopping.tell({ approvals: 'outline', late: 'stop' })).error?.code, 'story.stopped');
    assert.equal(stopping.counts().writer, undefined);
  });

  it('asks nobody again for what is completed when it ends in the middle of a step', async (t) => {
    const whole = await createStoryKit(t, () => null);
    told(await whole.tell());
    const { length } = whole.server.asked;
    // The engine ends while the n-th call is under way: that one alone is made again.
    for (let at = 1; at <= length; at += 1) {
      let held = false;
      const story = await createStoryKit(t, (_agent, _asked, number) => {
        if (number === at) held = true;
        return number === at ? { stalls: true } : null;
      });
      const first = await story.open();
      const run = await story.start(first);
      await until(() => held);
      await first.stop();
      const second = await story.open();
      await second.resume(run, 'test');
      const summary = await finish(second, run);
      assert.deepEqual(told(summary).ended, ['target']);
      const counts = Object.values(story.counts()).reduce((sum, count) => sum + count, 0);
      assert.ok(counts >= length + 1 && counts <= length + 3, `call ${at}: ${counts} calls in place of ${length}`);
    }
  });
});
