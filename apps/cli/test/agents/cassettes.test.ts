/**
 * A run that is recorded with all that it reaches - a model that streams, a tool that fetches a page, a called flow, an
 * agent of another run that is asked by a message - and replayed when nobody is there any more.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked } from '@scriptorium/agents/model-server';
import type { Json } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { createKit, finish, startIn, startTree, until } from '../engine/kit.ts';

const KEY = 'a-key-that-nobody-may-see';
const TOKEN = 'ghp_abcdefghijklmnopqrstuvwx';

const asking = (pageAt: string, prompt: string): string => `
flow: try/asking
version: "1.0.0"
steps:
  find:
    uses: core/agent
    with: { model: house, prompt: "${prompt}", tools: [{ tool: http, hosts: ["${pageAt}"] }] }
  page: { uses: try/page, with: { facts: "\${ find.text }" } }
  ask: { uses: core/request, with: { to: desk, from: asking, payload: { page: "\${ page.text }" } } }
output: \${ ask.payload }
`;

const page = `
flow: try/page
version: "1.0.0"
input: { facts: { type: string } }
steps:
  write: { uses: core/agent, with: { model: house, prompt: Write a page., facts: "\${ input.facts }" } }
output: \${ write }
`;

const desk = `
flow: try/desk
version: "1.0.0"
steps:
  mail: { uses: core/receive, with: { mailbox: desk } }
  title: { uses: core/agent, with: { model: house, prompt: Give it a title., message: "\${ mail }" } }
  answer: { uses: core/reply, with: { message: "\${ mail }", payload: "\${ title.text }" } }
output: true
`;

/** Fetches the page, then says what stands there, piece by piece. */
function answer(pageUrl: string): (asked: Asked) => Act {
  return ({ messages, tools }) => {
    const text = JSON.stringify(messages);
    if (text.includes('Give it a title')) return { text: 'Of Salt' };
    if (text.includes('Write a page')) return { text: 'Salt is old, and the sea is full of it: nobody knows since when. '.repeat(4) };
    assert.ok(tools !== undefined && tools.length > 0);
    if (!text.includes('salt is old')) return { calls: [{ tool: 'http_get', input: { url: pageUrl } }] };
    return { text: 'Salt is old, says the page.' };
  };
}

interface Told {
  readonly output: Json;
  readonly error: string;
  /** What was shown while it was written. */
  readonly streamed: string;
}

async function tell(t: TestContext, cassette: string, model: string, pageAt: string, prompt = 'What is known of salt?'): Promise<Told> {
  const env = { SCRIPTORIUM_CASSETTE: cassette, SCRIPTORIUM_HTTP_ALLOW: pageAt, HOUSE_KEY: KEY };
  const models = { house: { provider: 'compatible', model: 'm', url: model, key_env: 'HOUSE_KEY' } } as const;
  const { handlers } = agentModule({ env, models, own: [] });
  const kit = createKit(t);
  const engine = await kit.open({ handlers, env });
  const callables = new Map([...coreHandlers, ...handlers].map((one) => [one.name, one]));
  const { flow, called, diagnostics } = compileFlow(asking(pageAt, prompt), {
    file: 'asking.flow.yaml',
    callables,
    flows: [{ file: 'page.flow.yaml', source: page, callables }],
  });
  const other = compileFlow(desk, { file: 'desk.flow.yaml', callables }).flow;
  assert.ok(flow !== null && other !== null, JSON.stringify(diagnostics));
  const run = await startTree(engine, kit, { flow, called });
  let streamed = '';
  const listening = (async () => {
    for await (const piece of engine.listen(run)) streamed += piece.text;
  })();
  const answering = await startIn(engine, kit, other);
  const { output, error } = await finish(engine, run);
  if (error === null) await finish(engine, answering);
  else await engine.cancel(answering, 'test', 'nobody asks');
  await until(async () => (await engine.describe(answering)).endedAt !== null);
  await engine.stop();
  await listening;
  return { output, error: error === null ? '' : `${error.code} ${error.message} ${error.fix ?? ''}`, streamed };
}

it('a run with tools, streams, a called flow and messages is recorded as a whole, and replayed without anybody there', async (t) => {
  let pages = 0;
  const web = createServer((request, response) => {
    pages += 1;
    if (request.url === '/old') return void response.writeHead(302, { location: '/salt' }).end();
    response.end(`Of salt: salt is old. The key of this page is ${TOKEN}.`);
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const pageAt = `127.0.0.1:${(web.address() as AddressInfo).port}`;
  const server = await startModelServer(answer(`http://${pageAt}/old`));
  const path = join(createKit(t).home, '..', 'calls.ndjson');
  const recorded = await tell(t, `record:${path}`, server.url, pageAt);
  assert.equal(recorded.output, 'Of Salt', recorded.error);
  assert.match(recorded.streamed, /nobody knows since when/);
  assert.deepEqual([pages, server.asked.length], [2, 4]);
  web.close();
  web.closeAllConnections();
  await server.close();

  const exchanges = readFileSync(path, 'utf8');
  assert.equal(exchanges.trim().split('\n').length, 1 + 6);
  assert.doesNotMatch(exchanges, new RegExp(`${KEY}|${TOKEN}`));
  assert.deepEqual(await tell(t, `replay:${path}`, server.url, pageAt), recorded);

  const { error } = await tell(t, `replay:${path}`, server.url, pageAt, 'What is known of sugar?');
  assert.match(error, /^fatal .*has no POST \/v1\/chat\/completions like this one; the nearest is exchange 1, with another messages\[0\]/);
  assert.match(error, /recorded .*salt.*asked .*sugar/);
});
