import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { JsonObject } from '@scriptorium/core';
import { parse } from 'yaml';
import { callables } from '../test/callables.ts';
import { compileFlow, printFlow } from './index.ts';

const folder = new URL('../test/valid/', import.meta.url);
const valid = readdirSync(folder).map((name) => ({ name, source: readFileSync(new URL(name, folder), 'utf8') }));
const hash = (source: string | JsonObject): string | undefined => compileFlow(source, { file: 'a', callables }).flow?.hash;

test('a plain definition is printed with sections, steps and short values as people write them', () => {
  const definition: JsonObject = {
    flow: 'a/b',
    version: '1.0.0',
    doc: 'yes',
    input: { n: { type: 'integer', default: 3 } },
    limits: { disk: { concurrent: 2 } },
    steps: {
      a: { value: 'x: y' },
      b: {
        each: { in: '${ a }', key: '${ item["id"] }', tolerate: '10%' },
        steps: { c: { value: [1, 2] } },
        retry: { max: 1, errors: ['io'] },
      },
    },
    output: { text: 'Hi ${ a }' },
  };
  assert.equal(
    printFlow(definition),
    `flow: a/b
version: "1.0.0"
doc: yes
input: { n: { type: integer, default: 3 } }
limits: { disk: { concurrent: 2 } }

steps:
  a: { value: "x: y" }

  b:
    each:
      in: \${ a }
      key: \${ item["id"] }
      tolerate: 10%
    steps:
      c: { value: [1, 2] }
    retry: { max: 1, errors: [io] }

output:
  text: Hi \${ a }
`,
  );
});

test('YAML keeps its comments, quotes, lines and long lines; only white space is set right', () => {
  const long = `long: ${'word '.repeat(60)}end`;
  const source = `# about
flow:   a/b   # name
version: '1.0.0'


steps:
    a:        # first
        value: { text:   "x" ,  list: [1,2] } # inline
        # between
    b:
        value:
            - one   # item
            - ${long}

# the end
`;
  assert.equal(
    printFlow(source),
    `# about
flow: a/b # name
version: '1.0.0'

steps:
  a:
    # first
    value: { text: "x", list: [1, 2] } # inline
    # between
  b:
    value:
      - one # item
      - ${long}

# the end
`,
  );
});

test('JSON text becomes YAML', () => {
  assert.equal(printFlow('{ "flow": "a/b", "steps": { "a": { "value": 1 } } }'), 'flow: a/b\n\nsteps:\n  a: { value: 1 }\n');
});

test('printing twice changes nothing, and never the hash', () => {
  assert.ok(valid.length > 0);
  for (const { name, source } of valid) {
    const expected = hash(source);
    assert.ok(expected, name);
    for (const printed of [printFlow(source), printFlow(parse(source) as JsonObject), printFlow(JSON.stringify(parse(source)))]) {
      assert.equal(hash(printed), expected, name);
      assert.equal(printFlow(printed), printed, name);
    }
  }
});

test('text that is no YAML is not printed', () => {
  assert.throws(() => printFlow('flow: [a'), { name: 'SyntaxError' });
  assert.throws(() => printFlow('a: 1\na: 2'), { name: 'SyntaxError', message: /unique/ });
});
