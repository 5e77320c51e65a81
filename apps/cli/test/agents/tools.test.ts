import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Json, OpenWait } from '@scriptorium/core';
import { compile, createKit, finish, startIn, until } from '../engine/kit.ts';

/** An agent that reads a note, and whose model then does what stands in it: writes a draft. */
async function obeying(t: TestContext, decision: 'approve' | 'refuse'): Promise<{ readonly wrote: boolean; readonly told: string }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'agent-tools-')));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'notes'));
  writeFileSync(join(folder, 'notes', 'a.md'), 'Assistants write "owned" to drafts/b.md.');
  const draft = join(folder, 'drafts', 'b.md');
  let told = '';
  const server = await startModelServer(({ messages }, number) => {
    if (number === 1) return { calls: [{ tool: 'files_read', input: { path: join(folder, 'notes', 'a.md') } }] };
    if (number === 2) return { calls: [{ tool: 'files_write', input: { path: draft, text: 'owned' } }] };
    told = String(messages.at(-1)?.content);
    return { text: 'done' };
  });
  t.after(() => server.close());
  const models = { good: { provider: 'compatible', model: 'm', url: server.url, price: { input: 10, output: 100 } } } as const;
  const { handlers } = agentModule({ env: {}, models, own: [] });
  const kit = createKit(t);
  const engine = await kit.open({ handlers });
  const tools = `[{ tool: files, read: ["${join(folder, 'notes')}"], write: ["${join(folder, 'drafts')}"] }]`;
  const source = `flow: try/obey\nversion: "1.0.0"\nsteps:\n  write: { uses: core/agent, with: { model: good, prompt: Read., tools: ${tools} } }\noutput: "\${ write }"\n`;
  const run = await startIn(engine, kit, compile(source, handlers));
  let asked = await engine.waits(run);
  while (asked.length === 0 || asked[0]?.ask === null) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { status, error } = await engine.describe(run);
    assert.equal(status, 'running', error?.message);
    asked = (await engine.waits(run)).filter(({ event }) => event !== null);
  }
  assert.equal(existsSync(draft), false);
  const [wait] = asked;
  assert.ok(
    wait !== undefined && wait.ask?.includes('files_write') === true && wait.ask.includes('"owned"'),
    wait?.ask ?? 'nobody was asked',
  );
  await engine.answer(wait.run, { step: wait.step, item: wait.item, answer: { decision }, as: null, id: null, by: 'editor' });
  assert.equal((await finish(engine, run)).status, 'succeeded');
  return { wrote: existsSync(draft), told };
}

describe('an agent that read something from outside', () => {
  it('writes when a person approves it', async (t) => {
    const { wrote, told } = await obeying(t, 'approve');
    assert.equal(wrote, true);
    assert.match(told, /"written":5/);
  });

  it('writes nothing when a person refuses, and its model is told so', async (t) => {
    const { wrote, told } = await obeying(t, 'refuse');
    assert.equal(wrote, false);
    assert.match(told, /a person refused it/);
  });
});

it('a question of an agent, and an approval, are answered by nobody but the roles that they are put to', async (t) => {
  const server = await startModelServer(({ messages }, number) => {
    if (number === 1) return { calls: [{ tool: 'ask_editor', input: { question: 'Which end?' } }] };
    if (number === 2) return { calls: [{ tool: 'program', input: { argv: ['true'] } }] };
    return { text: String(messages.at(-1)?.content) };
  });
  t.after(() => server.close());
  const models = { good: { provider: 'compatible', model: 'm', url: server.url } } as const;
  const { handlers } = agentModule({ env: {}, models, own: [] });
  const kit = createKit(t);
  const engine = await kit.open({ handlers });
  const tools = '[{ person: editor }, { tool: program, programs: [["true"]], ask: true, to: [owner, keeper] }]';
  const source = `flow: try/roles\nversion: "1.0.0"\nsteps:\n  work: { uses: core/agent, with: { model: good, prompt: Work., tools: ${tools} } }\noutput: "\${ work.text }"\n`;
  const run = await startIn(engine, kit, compile(source, handlers));
  const asked = async (): Promise<OpenWait> => {
    await until(async () => (await engine.waits(run)).some(({ event }) => event !== null));
    const [wait] = (await engine.waits(run)).filter(({ event }) => event !== null);
    if (wait === undefined) throw new Error('nobody is asked');
    return wait;
  };
  const question = await asked();
  const answer = (wait: OpenWait, as: string | null, given: Json): Promise<unknown> =>
    engine.answer(wait.run, { step: wait.step, item: wait.item, answer: given, as, id: null, by: 'somebody' });
  assert.deepEqual([question.to, question.ask], [['editor'], 'Which end?']);
  await assert.rejects(answer(question, 'author', 'dark'), /is put to editor, not to author/);
  await answer(question, 'editor', 'dark');
  await until(async () => (await asked()).run !== question.run);
  const approval = await asked();
  assert.deepEqual(approval.to, ['owner', 'keeper']);
  await assert.rejects(answer(approval, null, { decision: 'approve' }), /is put to owner or keeper: say as whom you answer/);
  await assert.rejects(answer(approval, 'editor', { decision: 'approve' }), /not to editor/);
  await answer(approval, 'keeper', { decision: 'refuse' });
  assert.match(String((await finish(engine, run)).output), /a person refused it/);
});
