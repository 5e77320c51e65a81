import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { startModelServer } from '@scriptorium/agents/model-server';
import { createCommandLine } from '../command-line.ts';
import { until } from '../engine/kit.ts';

const flow = `flow: try/haiku
version: "1.0.0"
budget: { usd: 1 }
limits: { llm: { concurrent: 2 } }
steps:
  write:
    uses: core/agent
    limit: llm
    timeout: 1m
    with: { model: house, system: "file:prompts/poet.md", prompt: "A haiku.", about: frogs }
output: \${ write.text }
`;

it('an agent of a flow file has its model from the configuration, and its instructions from a file', async (t) => {
  const server = await startModelServer(() => ({ text: 'An old silent pond' }));
  t.after(() => server.close());
  const { call, directory } = createCommandLine(t, {});
  mkdirSync(join(directory, 'prompts'));
  writeFileSync(join(directory, 'prompts', 'poet.md'), 'You are a poet who likes {{about}}.\n');
  writeFileSync(join(directory, 'haiku.flow.yaml'), flow);
  writeFileSync(
    join(directory, 'scriptorium.config.yaml'),
    `models:\n  house: { provider: compatible, model: m, url: "${server.url}", price: { input: 1, output: 1 } }\n`,
  );
  const { code, out, err } = await call('run', 'haiku.flow.yaml', '--out', 'out', '--no-progress', '--json');
  assert.equal(code, 0, out + err);
  assert.match(out, /An old silent pond/);
  assert.equal(server.asked[0]?.messages[0]?.content, 'You are a poet who likes frogs.');
});

it('what is set for an agent counts before what its step gives, also while the run goes on, and is told with its figures', async (t) => {
  const server = await startModelServer(({ model }) => ({ text: `by ${model}` }));
  t.after(() => server.close());
  const { call, directory } = createCommandLine(t, {});
  const step = (name: string): string => `${name}: { uses: core/agent, with: { agent: writer, model: house, prompt: "Write." } }`;
  const wait = 'go: { needs: [first], wait: { event: go, ask: "Go on?", answer: { enum: [yes] } }, timeout: 1d }';
  writeFileSync(
    join(directory, 'two.flow.yaml'),
    `flow: try/two\nversion: "1.0.0"\nsteps:\n  ${step('first')}\n  ${wait}\n  second: { like: none }\noutput: { first: "\${ first.text }", second: "\${ second.text }" }\n`.replace(
      'second: { like: none }',
      step('second').replace('{ uses', '{ needs: [go], uses'),
    ),
  );
  const entry = (model: string): string =>
    `{ provider: compatible, model: ${model}, url: "${server.url}", price: { input: 1, output: 1 } }`;
  writeFileSync(
    join(directory, 'scriptorium.config.yaml'),
    `out: out\nmodels: { house: ${entry('a')}, other: ${entry('b')}, third: ${entry('c')} }\nagents: { writer: { maxTurns: 2 } }\n`,
  );
  const started = call('run', 'two.flow.yaml', '--no-progress', '--json', '--set', 'agents.writer.model=other');
  await until(async () => (await call('waits', '--json')).out.includes('Go on?'));
  const set = await call('agents', 'set', 'latest', 'writer.model=third');
  assert.equal(set.code, 0, set.err);
  const answered = await call('answer', 'latest', 'go', 'yes');
  assert.equal(answered.code, 0, answered.err);
  const { code, out, err } = await started;
  assert.equal(code, 0, out + err);
  assert.match(out, /"first": "by b"[\s\S]*"second": "by c"/);
  const { out: shown } = await call('agents', 'latest', '--json');
  const { agents } = JSON.parse(shown) as { agents: readonly { agent: string; model: string; calls: number; inputTokens: number }[] };
  assert.deepEqual(agents.map(({ agent, model, calls, inputTokens }) => `${agent} ${model} ${calls} ${inputTokens}`).toSorted(), [
    'writer compatible/b 1 100',
    'writer compatible/c 1 100',
  ]);
  const wrong = await call('agents', 'set', 'latest', 'writer.modell=third');
  assert.match(wrong.err, /an agent has no setting 'modell'/);
});

it('a model that cannot be one is refused at its place', async (t) => {
  const { call, directory } = createCommandLine(t, {});
  writeFileSync(join(directory, 'scriptorium.config.yaml'), 'models:\n  house: { provider: openai, model: m, key: sk-1234 }\n');
  const { code, err, out } = await call('status');
  assert.notEqual(code, 0);
  assert.match(err + out, /scriptorium\.config\.yaml:2:3[\s\S]*models\.house.*a model has no `key`/);
});

it('a cassette that is none is told of by the step that would call a model, and breaks no other command', async (t) => {
  const { call, directory } = createCommandLine(t, { SCRIPTORIUM_CASSETTE: 'replay:nowhere.ndjson', OPENAI_API_KEY: 'sk-none-here' });
  assert.equal((await call('list')).code, 0);
  writeFileSync(
    join(directory, 'one.flow.yaml'),
    'flow: try/one\nversion: "1.0.0"\nsteps:\n  a: { uses: core/agent, with: { model: openai/m, prompt: "x" } }\n',
  );
  const { code, err, out } = await call('run', 'one.flow.yaml', '--out', 'out', '--no-progress');
  assert.equal(code, 4);
  assert.match(err + out, /fatal: .*nowhere\.ndjson/);
  assert.doesNotMatch(err + out, /this should not have happened/);
});

it('a run that was recorded is played again without a service, a key or a call', async (t) => {
  const server = await startModelServer((_asked, number) => ({ text: `answer ${number}`, usage: { input: 1_000, output: 10 } }));
  t.after(() => server.close());
  const cassette = 'calls.ndjson';
  const recording = createCommandLine(t, { SCRIPTORIUM_CASSETTE: `record:${cassette}`, OPENAI_API_KEY: 'sk-recorded-with-this-key' });
  const { directory } = recording;
  const two = ['a', 'b'].map((name) => `  ${name}: { uses: core/agent, with: { model: house, prompt: ${name} } }`).join('\n');
  writeFileSync(join(directory, 'two.flow.yaml'), `flow: try/two\nversion: "1.0.0"\nsteps:\n${two}\noutput: "\${ [a.text, b.text] }"\n`);
  writeFileSync(
    join(directory, 'scriptorium.config.yaml'),
    `out: out\nmodels: { house: { provider: compatible, model: m, url: "${server.url}", key_env: OPENAI_API_KEY } }\n`,
  );
  const first = await recording.start('run', 'two.flow.yaml', '--no-progress', '--json').done;
  assert.equal(first.code, 0, first.err);
  await server.close();
  assert.doesNotMatch(readFileSync(join(directory, cassette), 'utf8'), /sk-recorded/);
  const playing = createCommandLine(t, { SCRIPTORIUM_CASSETTE: `replay:${join(directory, cassette)}` });
  for (const file of ['two.flow.yaml', 'scriptorium.config.yaml']) copyFileSync(join(directory, file), join(playing.directory, file));
  const again = await playing.call('run', 'two.flow.yaml', '--no-progress', '--json');
  assert.equal(again.code, 0, again.err);
  const output = (text: string): unknown => (JSON.parse(text) as { output: unknown }).output;
  assert.deepEqual(output(again.out), output(first.out));
  writeFileSync(
    join(playing.directory, 'other.flow.yaml'),
    readFileSync(join(directory, 'two.flow.yaml'), 'utf8').replace('prompt: b', 'prompt: c'),
  );
  const missed = await playing.call('run', 'other.flow.yaml', '--no-progress');
  assert.match(missed.err + missed.out, /fatal: .*never recorded|fatal: .*nearest/);
});

it('a model that cannot be asked and an agent that is not there are refused before there is a run', async (t) => {
  const { call, directory } = createCommandLine(t);
  writeFileSync(join(directory, 'haiku.flow.yaml'), flow.replace('file:prompts/poet.md', 'You are a poet.'));
  const refusals: readonly (readonly [words: readonly string[], code: number, told: RegExp])[] = [
    [['run', 'haiku.flow.yaml'], 4, /there is no model 'house'\nfix: Use 'offline', or provider\/model/],
    [['run', 'haiku.flow.yaml', '--set', 'agents.write.model=openai/x'], 4, /'openai\/x' needs a key\nfix: .*OPENAI_API_KEY/],
    [['run', 'haiku.flow.yaml', '--set', 'agents.poet.model=offline'], 2, /has no agent 'poet'\nfix: Its agents: write\./],
    [['story', 'A clock.', '--model', 'gpt'], 4, /there is no model 'gpt'/],
    [['agents', 'set', 'latest', 'write.model=gpt'], 4, /there is no model 'gpt'/],
  ];
  for (const [words, code, told] of refusals) {
    const refused = await call(...words, ...(words[0] === 'agents' ? [] : ['--out', 'out', '--no-progress']));
    assert.deepEqual([refused.code, refused.out], [code, ''], words.join(' '));
    assert.match(refused.err, told);
  }
  assert.match((await call('list')).out, /^No runs/);
  const { code } = await call('run', 'haiku.flow.yaml', '--out', 'out', '--no-progress', '--set', 'agents.write.model=gpt,offline');
  assert.equal(code, 0, 'one that can be asked is enough');
});

it('what is no name of a mailbox and no reference is refused with what one is', async (t) => {
  const { call } = createCommandLine(t);
  const [send, value] = [await call('send', 'Bad_Name', 'x'), await call('value', 'sha256:00')];
  assert.deepEqual([send.code, value.code], [2, 2]);
  assert.match(send.err, /fix: Name it by a small letter/);
  assert.match(value.err, /fix: Give a whole reference, sha256: and 64 digits/);
});
