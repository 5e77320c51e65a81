import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { z } from 'zod';
import { defineTool } from '../../src/tools/define-tool.ts';
import { openToolWorld } from './tool-world.ts';
import type { ToolWorld } from './tool-world.ts';

let world: ToolWorld;
let paid: number[] = [];

const pay = defineTool({
  name: 'pay',
  doc: 'Pays somebody.',
  input: z.strictObject({ to: z.string(), usd: z.number() }),
  effects: 'read',
  tainted: false,
  reaches: ({ usd }) => [{ kind: 'spend', usd }],
  run: ({ usd }) => {
    paid.push(usd);
    return { paid: usd };
  },
});

before(async () => {
  world = await openToolWorld({ tools: [pay] });
  world.file('notes/a.md', 'The lighthouse is dark.\nNobody knows why.');
  world.file('notes/.env', 'hidden');
  world.file('secret/key.txt', 'not for agents');
  symlinkSync(join(world.folder, 'secret'), join(world.folder, 'notes', 'out'));
});
beforeEach(() => {
  paid = [];
  world.requests.length = 0;
});
after(() => world.close());

const notes = (): string => join(world.folder, 'notes');
const drafts = (): string => join(world.folder, 'drafts');
const approve = (): { decision: string } => ({ decision: 'approve' });

describe('an agent', () => {
  it('has no tool until one is granted', async () => {
    const [answer] = await world.play({ tools: [], turns: [[{ tool: 'files_read', input: { path: join(notes(), 'a.md') } }]] });
    assert.deepEqual([answer?.isError, answer?.made], [true, false]);
    assert.match(String(answer?.output), /no tool/);
  });

  it('lists, reads, searches and writes within its folders', async () => {
    const tools = [{ tool: 'files', read: [notes()], write: [drafts()], trusted: true }];
    const path = join(drafts(), 'deep', 'b.md');
    const answers = await world.play({
      tools,
      turns: [
        [
          { tool: 'files_list', input: { path: notes() } },
          { tool: 'files_read', input: { path: join(notes(), 'a.md') } },
          { tool: 'files_search', input: { path: notes(), text: 'NOBODY' } },
          { tool: 'files_write', input: { path, text: 'Light.' } },
        ],
      ],
    });
    assert.deepEqual(
      answers.map(({ output }) => output),
      [
        { names: ['a.md', 'out'], more: 0 },
        { text: 'The lighthouse is dark.\nNobody knows why.' },
        { matches: [{ file: 'a.md', line: 2, text: 'Nobody knows why.' }], complete: true },
        { written: 6 },
      ],
    );
    assert.equal(readFileSync(path, 'utf8'), 'Light.');
  });

  for (const [what, path] of [
    ['beside its folder', 'secret/key.txt'],
    ['by a way back', 'notes/../secret/key.txt'],
    ['through a link', 'notes/out/key.txt'],
    ['that is hidden', 'notes/.env'],
    ['whose folder only begins alike', 'notes-too/a.md'],
  ] as const) {
    it(`does not read what is ${what}`, async () => {
      const [answer] = await world.play({
        tools: [{ tool: 'files', read: [notes()] }],
        turns: [[{ tool: 'files_read', input: { path: join(world.folder, '.').concat('/', path) } }]],
      });
      assert.deepEqual([answer?.isError, answer?.made], [true, false]);
      assert.match(String(answer?.output), /may not be read/);
    });
  }

  it('spends no more than it was given, in all calls together', async () => {
    const calls = [3, 3, -5, 1].map((usd) => ({ tool: 'pay', input: { to: 'x', usd } }));
    const answers = await world.play({ tools: [{ tool: 'pay', usd: 5 }], turns: [calls] });
    assert.deepEqual(
      answers.map(({ made }) => made),
      [true, false, false, true],
    );
    assert.deepEqual(paid, [3, 1]);
  });

  it('makes no more calls than it was given', async () => {
    const calls = [0, 0, 0].map((usd) => ({ tool: 'pay', input: { to: 'x', usd } }));
    const answers = await world.play({ tools: [{ tool: 'pay', calls: 2 }], turns: [calls] });
    assert.deepEqual(
      answers.map(({ made }) => made),
      [true, true, false],
    );
  });

  it('is told of wrong arguments before anything else is looked at', async () => {
    const [answer] = await world.play({ tools: ['pay'], turns: [[{ tool: 'pay', input: { to: 1, usd: 100 } }]] });
    assert.match(String(answer?.output), /arguments are wrong.*to/);
    assert.deepEqual(paid, []);
  });

  it('asks for pages of its hosts alone, whatever they lead to', async () => {
    const tools = [{ tool: 'http', hosts: [world.host] }];
    const other = `http://localhost:${world.port}/stolen`;
    const urls = [`http://${world.host}/page`, other, `http://${world.host}/to?${encodeURIComponent(other)}`];
    const answers = await world.play({ tools, turns: [urls.map((url) => ({ tool: 'http_get', input: { url } }))] });
    assert.deepEqual(
      answers.map(({ isError, made }) => ({ isError, made })),
      [
        { isError: false, made: true },
        { isError: true, made: false },
        { isError: true, made: true },
      ],
    );
    assert.deepEqual(answers[0]?.output, { status: 200, headers: {}, json: null, text: 'fine' });
    assert.deepEqual(
      world.requests.map(({ path }) => path.slice(0, 4)),
      ['/pag', '/to?'],
    );
  });

  it('runs the programs that begin as granted, without a shell', async () => {
    const tools = [{ tool: 'program', programs: [['echo', 'a']] }];
    const calls = [
      ['echo', 'a', '$HOME;'],
      ['echo', 'b'],
      ['sh', '-c', 'echo a'],
    ].map((argv) => ({ tool: 'program', input: { argv } }));
    const answers = await world.play({ tools, turns: [[calls[0]!], [calls[1]!], [calls[2]!]] });
    assert.deepEqual(
      answers.map(({ output, made }) => (made ? output : made)),
      [{ text: 'a $HOME;\n' }, false, false],
    );
  });

  it('has a person answer its questions, of the kind that the step wants', async () => {
    const tools = [
      { person: 'editor', answer: ['dark', 'light'] },
      { person: 'owner', answer: 'number' },
    ];
    const turns = [[{ tool: 'ask_editor', input: { question: 'Which end?' } }], [{ tool: 'ask_owner', input: { question: 'How long?' } }]];
    const answers = await world.play({ tools, turns }, (ask) => (ask.includes('end') ? 'dark' : 3));
    assert.deepEqual(
      answers.map(({ output }) => output),
      [
        { answered: true, answer: 'dark' },
        { answered: true, answer: 3 },
      ],
    );
    assert.match(world.asked[0] ?? '', /^Which end\? \(dark, light\)/);
  });
});

describe('an approval', () => {
  const write = (name: string, text: string): { tool: string; input: { path: string; text: string } } => ({
    tool: 'files_write',
    input: { path: join(drafts(), name), text },
  });

  it('shows the call as it is, without keys, and lets it be made', async () => {
    const tools = [{ tool: 'files', write: [drafts()], ask: true }];
    const [answer] = await world.play({ tools, turns: [[write('asked.md', 'with canary-of-the-service\u202e')]] }, approve);
    assert.deepEqual([answer?.isError, answer?.made], [false, true]);
    const [ask = ''] = world.asked;
    assert.match(ask, /play wants to call files_write/);
    assert.ok(ask.includes('asked.md') && ask.includes('with ***SERVICE_TOKEN***\\u{202e}') && ask.includes(answer?.hash ?? '?'), ask);
    assert.ok(!ask.includes('canary'));
  });

  it('that is refused says why to the model', async () => {
    const tools = [{ tool: 'files', write: [drafts()], ask: true }];
    const [answer] = await world.play({ tools, turns: [[write('no.md', 'x')]] }, () => ({ decision: 'refuse', note: 'not now' }));
    assert.deepEqual([answer?.output, answer?.made], ['refused: a person refused it: not now', false]);
    assert.ok(!existsSync(join(drafts(), 'no.md')));
  });

  it('that nobody gives in time is none', async () => {
    const tools = [{ tool: 'files', write: [drafts()], ask: true, within: '1s' }];
    const [answer] = await world.play({ tools, turns: [[write('late.md', 'x')]] });
    assert.match(String(answer?.output), /nobody approved it in time/);
    assert.ok(!existsSync(join(drafts(), 'late.md')));
  });

  it('is for one call with these arguments: the same once more, and others, are asked about again', async () => {
    const tools = [{ tool: 'files', write: [drafts()], ask: true }];
    const turns = [[write('one.md', 'x')], [write('one.md', 'x')], [write('one.md', 'y')]];
    const answers = await world.play({ tools, turns }, (ask) => ({ decision: ask.includes('"y"') ? 'refuse' : 'approve' }));
    assert.equal(world.asked.length, 3);
    assert.deepEqual(
      answers.map(({ made }) => made),
      [true, true, false],
    );
  });

  it('is not taken over by another call under the same id', async () => {
    const tools = [{ tool: 'files', write: [drafts()], ask: true }];
    const turns = [[{ ...write('same.md', 'x'), id: 'a' }], [{ ...write('same.md', 'y'), id: 'a' }]];
    const answers = await world.play({ tools, turns }, approve);
    assert.deepEqual(
      answers.map(({ made }) => made),
      [true, false],
    );
    assert.equal(readFileSync(join(drafts(), 'same.md'), 'utf8'), 'x');
  });

  it('is needed for whatever writes once something from outside was read, whatever was granted', async () => {
    const tools = [{ tool: 'files', read: [notes()], write: [drafts()] }];
    const read = { tool: 'files_read', input: { path: join(notes(), 'a.md') } };
    const answers = await world.play({ tools, turns: [[write('before.md', 'x')], [read], [write('after.md', 'x')]] }, () => ({
      decision: 'refuse',
    }));
    assert.deepEqual(
      answers.map(({ made }) => made),
      [true, true, false],
    );
    assert.equal(world.asked.length, 1);
  });
});
