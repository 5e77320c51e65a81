import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { startModelServer } from '@scriptorium/agents/model-server';
import { createCommandLine } from '../command-line.ts';

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

it('a model that cannot be one is refused at its place', async (t) => {
  const { call, directory } = createCommandLine(t, {});
  writeFileSync(join(directory, 'scriptorium.config.yaml'), 'models:\n  house: { provider: openai, model: m, key: sk-1234 }\n');
  const { code, err, out } = await call('status');
  assert.notEqual(code, 0);
  assert.match(err + out, /scriptorium\.config\.yaml:2:3[\s\S]*models\.house.*a model has no `key`/);
});
