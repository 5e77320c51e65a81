import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import { startProtocolServer } from '@scriptorium/agents/protocol-server';
import type { ProtocolServer } from '@scriptorium/agents/protocol-server';
import type { LocalTool } from '@scriptorium/agents/tools';
import { defineHandler } from '@scriptorium/core';
import type { Handler, RunSummary } from '@scriptorium/core';
import { compile, createKit, finish, startIn } from '../engine/kit.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Writes a picture, and a file that is none. */
const painter: Handler = defineHandler({
  name: 'test/paint',
  version: '1.0.0',
  doc: 'Paints.',
  input: {},
  output: true,
  effects: 'none',
  run: async (_: object, { outputs }) => ({
    picture: { ...(await outputs.write('pixel.png', Buffer.from(PIXEL, 'base64'))) },
    text: { ...(await outputs.write('pixel.txt', 'no picture')) },
  }),
});

async function played(
  t: TestContext,
  answer: string,
  steps: string,
): Promise<{ readonly end: RunSummary; readonly server: ProtocolServer }> {
  const server = await startProtocolServer(() => answer);
  t.after(() => server.close());
  const price = { input: 1, output: 1 };
  const models = {
    openai: { provider: 'openai', model: 'gpt-test', url: `${server.origin}/v1`, price },
    anthropic: { provider: 'anthropic', model: 'claude-test', url: `${server.origin}/v1`, price },
    google: { provider: 'google', model: 'gemini-test', url: `${server.origin}/v1beta`, price },
  } as const;
  const kit = createKit(t);
  const handlers = [...agentModule({ env: {}, models, own: [] }).handlers, painter];
  const engine = await kit.open({ handlers });
  const flow = compile(`flow: try/protocols\nversion: "1.0.0"\nsteps:\n  ${steps}\noutput: "\${ write }"\n`, handlers);
  return { end: await finish(engine, await startIn(engine, kit, flow)), server };
}

const paint = 'paint: { uses: test/paint, with: {} }';

describe('a picture that a step gives to its agent reaches', () => {
  for (const [provider, found] of [
    ['openai', new RegExp(`"type":"input_image","image_url":"data:image/png;base64,${PIXEL.slice(0, 40)}`)],
    ['anthropic', new RegExp(`"type":"image","source":\\{"type":"base64","media_type":"image/png","data":"${PIXEL.slice(0, 40)}`)],
    ['google', new RegExp(`"inlineData":\\{"mimeType":"image/png","data":"${PIXEL.slice(0, 40)}`)],
  ] as const) {
    it(provider, async (t) => {
      const { end, server } = await played(
        t,
        'One pixel.',
        `${paint}\n  write: { uses: core/agent, with: { model: ${provider}, prompt: "What is it?", images: ["\${ paint.picture }"] } }`,
      );
      assert.deepEqual([end.status, end.output], ['succeeded', { text: 'One pixel.' }], end.error?.message);
      const [asked] = server.asked;
      assert.match(JSON.stringify(asked?.body), found);
      assert.match(JSON.stringify(asked?.body), /What is it\?/);
      assert.doesNotMatch(JSON.stringify(asked?.body), /sha256:/, 'it is shown, not told of');
    });
  }

  it('nobody where it is none', async (t) => {
    const { end, server } = await played(
      t,
      'x',
      `${paint}\n  write: { uses: core/agent, with: { model: openai, images: ["\${ paint.text }"] } }`,
    );
    assert.match(`${end.error?.code} ${end.error?.message}`, /contract\.input .*pixel\.txt is no PNG/);
    assert.equal(server.asked.length, 0);
  });
});

describe('a service that takes strict schemas alone', () => {
  const step = (returns: string): string => `write: { uses: core/agent, with: { model: openai, prompt: "A title." }, returns: ${returns} }`;
  const optional =
    '{ type: object, required: [title], properties: { title: { type: string, minLength: 1, maxLength: 80 }, tags: { type: array, items: { type: string } }, by: { type: object, properties: { name: { type: string }, born: { type: [integer, "null"] } } } } }';

  it('is asked for all that may be there, and what it leaves empty is not there', async (t) => {
    const given = { title: 'Dracula', tags: null, by: { name: null, born: null } };
    const { end, server } = await played(t, JSON.stringify(given), step(optional));
    assert.deepEqual([end.status, end.output], ['succeeded', { title: 'Dracula', by: { born: null } }], end.error?.message);
    const { format } = server.asked[0]?.body['text'] as {
      readonly format: { readonly strict: boolean; readonly schema: { readonly required: readonly string[] } };
    };
    assert.deepEqual([format.strict, format.schema.required], [true, ['title', 'tags', 'by']]);
  });

  it('is not held to what it cannot be told, and the answer is checked all the same', async (t) => {
    const open = '{ type: object, required: [names], properties: { names: { type: object, additionalProperties: { type: integer } } } }';
    const { end, server } = await played(t, JSON.stringify({ names: { Ann: 3 } }), step(open));
    assert.deepEqual([end.status, end.output], ['succeeded', { names: { Ann: 3 } }], end.error?.message);
    assert.equal((server.asked[0]?.body['text'] as { readonly format: { readonly strict: boolean } }).format.strict, false);
    const wrong = await played(t, JSON.stringify({ title: '' }), step(optional));
    assert.equal(wrong.end.error?.code, 'contract.output');
  });

  it('is held to the arguments of each tool that can be said so, and to no other', async (t) => {
    const facts = { doc: 'Looks.', effects: 'none', tainted: false, reaches: () => [] } as const;
    const closed = { type: 'object', additionalProperties: false };
    const [at, most] = [{ type: 'string' }, { type: 'integer', maximum: 9 }];
    const look: LocalTool = {
      ...facts,
      name: 'look',
      input: { ...closed, required: ['at'], properties: { at, most } },
      run: (input) => Promise.resolve(input),
    };
    const by = { type: 'object', additionalProperties: { type: 'integer' } };
    const count: LocalTool = {
      ...facts,
      name: 'count',
      input: { ...closed, required: ['by'], properties: { by } },
      run: () => Promise.resolve(1),
    };
    const server = await startModelServer(({ messages }, number) =>
      number === 1 ? { calls: [{ tool: 'look', input: { at: 'a', most: null } }] } : { text: String(messages.at(-1)?.content) },
    );
    t.after(() => server.close());
    const models = { good: { provider: 'compatible', model: 'm', url: server.url } } as const;
    const { handlers } = agentModule({ env: {}, models, own: [], tools: { tools: [look, count], servers: {} } });
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    const step = 'write: { uses: core/agent, with: { model: good, prompt: Look., tools: [look, count] } }';
    const flow = compile(`flow: try/strict\nversion: "1.0.0"\nsteps:\n  ${step}\noutput: "\${ write.text }"\n`, handlers);
    const { output, error } = await finish(engine, await startIn(engine, kit, flow));
    assert.match(String(output), /\{"at":"a"\}/, error?.message);
    const told = (server.asked[0]?.tools ?? []) as readonly {
      readonly function: {
        readonly name: string;
        readonly strict?: boolean;
        readonly parameters: { readonly required: readonly string[] };
      };
    }[];
    assert.deepEqual(
      told.map(({ function: { name, strict, parameters } }) => [name, strict, parameters.required]),
      [
        ['look', true, ['at', 'most']],
        ['count', false, ['by']],
      ],
    );
  });
});
