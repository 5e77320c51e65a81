import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMap, isScalar, parseDocument, visit } from 'yaml';
import type { Document, Pair } from 'yaml';
import { callables } from '../test/callables.ts';
import { compileFlow, formatFlow } from './index.ts';
import { keyOrder } from './reading/key-order.ts';
import { compensateKeys, eachKeys, flowKeys, profileKeys, stateCatchKeys, stateKeys, stepKeys, waitKeys } from './reading/keys.ts';
import type { KeySet } from './reading/keys.ts';

const folder = new URL('../test/valid/', import.meta.url);
const valid = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
const hash = (source: string): string | undefined => compileFlow(source, { file: 'a', callables }).flow?.hash;

test('keys come in their order with their comments, quotes are double where that needs no escape, names keep their order', () => {
  const source = `# yaml-language-server: $schema=./flow.schema.json
version: 1.0.0   # three parts
flow:   a/b


limits:
    disk: { rate: 2/s, concurrent: 1 }
steps:
    # the second letter
    b:
        # what it is given
        with: { text: '\${ run.mode == "a" }', z: 'plain', a: 1 }
        uses: x/y # called
        # and no more
    a:
        catch:
          - value: null
            # any but io
            errors: [timeout]
        value: 'it''s'

    c:
        retry:
            errors: [io]
            max: 1
        odd: 1
        value: "a\\"b"
# the end
`;
  assert.equal(
    formatFlow(source),
    `# yaml-language-server: $schema=./flow.schema.json
flow: a/b
version: "1.0.0" # three parts

limits:
  disk: { concurrent: 1, rate: 2/s }
steps:
  # the second letter
  b:
    uses: x/y # called
    # what it is given
    with: { text: '\${ run.mode == "a" }', z: "plain", a: 1 }
    # and no more
  a:
    value: "it's"
    catch:
      # any but io
      - errors: [timeout]
        value: null

  c:
    value: 'a"b'
    retry:
      max: 1
      errors: [io]
    odd: 1

# the end
`,
  );
});

test('JSON stays JSON', () => {
  assert.equal(
    formatFlow('{"steps":{"a":{"value":{"b":1,"a":2}}},"flow":"a/b"}'),
    '{\n  "flow": "a/b",\n  "steps": {\n    "a": {\n      "value": {\n        "b": 1,\n        "a": 2\n      }\n    }\n  }\n}\n',
  );
});

test('every key of the language has its place in the order', () => {
  const places: readonly (readonly [KeySet, readonly string[]])[] = [
    [flowKeys, keyOrder.flow],
    [profileKeys, keyOrder.flow],
    [stepKeys, keyOrder.step],
    [stateKeys, keyOrder.step],
    [compensateKeys, keyOrder.step],
    [stateCatchKeys, keyOrder.catch],
    [eachKeys, keyOrder.each],
    [waitKeys, keyOrder.wait],
  ];
  for (const [{ owner, known }, order] of places) {
    assert.deepEqual(
      known.filter((key) => !order.includes(key)),
      [],
      owner,
    );
  }
});

test('text that is no YAML is not formatted', () => {
  assert.throws(() => formatFlow('flow: [a'), { name: 'SyntaxError' });
});

test('however a definition is written, formatting it keeps its hash and every comment, and doing it again changes nothing', () => {
  assert.ok(valid.length > 0);
  fc.assert(
    fc.property(fc.constantFrom(...valid), fc.integer({ min: 1, max: 2_147_483_646 }), fc.constantFrom(2, 3, 4), (source, seed, indent) => {
      const expected = hash(source);
      const scattered = scatter(source, seed, indent);
      const formatted = formatFlow(scattered);
      assert.ok(expected);
      assert.equal(hash(formatted), expected);
      assert.equal(formatFlow(formatted), formatted);
      assert.deepEqual(notes(formatted), notes(scattered));
    }),
    { numRuns: 60 },
  );
});

/** The same definition with other quotes, blank lines, indentation, comments and order of keys. */
function scatter(source: string, seed: number, indent: number): string {
  let state = seed;
  // Park and Miller's generator: its numbers need not be good, only the same for the same seed.
  const next = (most: number): number => (state = (state * 48_271) % 2_147_483_647) % most;
  const document = parseDocument(source);
  let count = 0;
  visit(document, {
    Map(_, map, path) {
      if (isNamed(path)) return;
      const ranked = map.items.map((pair) => ({ pair, rank: next(1_000) }));
      map.items = ranked.toSorted((a, b) => a.rank - b.rank).map(({ pair }) => pair);
    },
  });
  visit(document, {
    Pair(_, { key }, path) {
      if (!isScalar(key) || path.some((around) => isMap(around) && around.flow === true)) return;
      if (next(3) === 0) key.commentBefore = ` note ${(count += 1)}`;
      key.spaceBefore = next(4) === 0;
    },
    Scalar(at, node) {
      const quoted = at === 'value' && typeof node.value === 'string' && !node.value.includes('\n');
      if (quoted && next(3) === 0) node.type = next(2) === 0 ? 'QUOTE_SINGLE' : 'QUOTE_DOUBLE';
    },
  });
  return (document as Document).toString({ indent, lineWidth: 0 });
}

/** Whether the order of a mapping's keys means something: states begin with the first. */
function isNamed(path: readonly unknown[]): boolean {
  const key = (path.at(-1) as Partial<Pair> | undefined)?.key;
  return isScalar(key) && ['states', 'input'].includes(String(key.value));
}

function notes(source: string): readonly string[] {
  return [...source.matchAll(/# (note \d+)/g)].flatMap(([, note]) => note ?? []).toSorted();
}
