import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serverOf, serverProblem } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import { createInProcess } from '../in-process.ts';

const adder = fileURLToPath(new URL('../../../../packages/agents/test/tools/mcp-server.ts', import.meta.url));

it('an agent uses an MCP server of the configuration, once its pin is there, which `tools` shows', async (t) => {
  const server = await startModelServer(({ messages }, number) =>
    number === 1 ? { calls: [{ tool: 'adder_add', input: { a: 2, b: 3 } }] } : { text: String(messages.at(-1)?.content) },
  );
  t.after(() => server.close());
  const { call, directory } = createInProcess(t, {});
  const configure = (pin: string): void =>
    writeFileSync(
      join(directory, 'scriptorium.config.yaml'),
      `out: out\nmodels: { plain: { provider: compatible, model: a, url: "${server.url}" } }\nmcp:\n  adder: { command: ["${process.execPath}", "${adder}"]${pin} }\n`,
    );
  writeFileSync(
    join(directory, 'sum.flow.yaml'),
    'flow: try/sum\nversion: "1.0.0"\nsteps:\n  sum:\n    uses: core/agent\n    with: { model: plain, prompt: Add., tools: [{ mcp: adder, tools: [add], effects: none }] }\noutput: "${ sum.text }"\n',
  );
  configure('');
  const offered = await call('tools', 'adder', '--json');
  assert.equal(offered.code, 0, offered.err);
  const { tools, pin, pinned } = JSON.parse(offered.out) as {
    tools: readonly { name: string; description: string }[];
    pin: string;
    pinned: boolean;
  };
  assert.deepEqual([tools.map(({ name, description }) => `${name}: ${description}`), pinned], [['add: Adds.', 'fail: Fails.'], false]);
  const refused = await call('run', 'sum.flow.yaml', '--no-progress');
  assert.match(refused.out, /has not been agreed to/);
  assert.ok(refused.out.includes(pin));
  configure(`, pin: "${pin}"`);
  const { code, out, err } = await call('run', 'sum.flow.yaml', '--no-progress', '--json');
  assert.equal(code, 0, out + err);
  assert.match((JSON.parse(out) as { output: string }).output, /"text":"5"/);
  assert.match((await call('tools', 'adder')).out, /It is the pin of the configuration/);
  configure(`, pin: "sha256:${'0'.repeat(64)}"`);
  assert.notEqual((await call('tools', 'adder')).code, 0, 'another pin than the one that it has');
  const unknown = await call('tools', 'subtractor');
  assert.match(unknown.err, /there is no MCP server 'subtractor'[\s\S]*adder/);
});

for (const [what, entry, problem] of [
  ['neither a command nor a url', {}, /either a `command` or a `url`/],
  ['both', { command: ['a'], url: 'http://a' }, /either a `command` or a `url`/],
  ['a key that is none', { url: 'http://a', key: 'x' }, /has no `key`/],
  ['a value where the name of a variable belongs', { command: ['a'], env: ['sk-123'] }, /by their names/],
  ['a header that is no text', { url: 'http://a', headers: { authorization: { value: 'x' } } }, /headers/],
  ['a pin that is none', { url: 'http://a', pin: 'abc' }, /`pin`/],
] as const)
  it(`a server with ${what} is refused`, () => assert.match(serverProblem(entry) ?? '', problem));

it('headers that are secret come from the environment', () => {
  const entry = { url: 'https://a.example/mcp', headers: { authorization: { env: 'TEAM_TOKEN', prefix: 'Bearer ' }, accept: 'x' } };
  assert.equal(serverProblem(entry), null);
  assert.deepEqual(serverOf(entry, { TEAM_TOKEN: 'secret-1' }), {
    at: { url: entry.url, headers: { authorization: 'Bearer secret-1', accept: 'x' } },
    pin: null,
  });
});
