/** What a change of a definition asks of its version, from text to verdict. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareFlows } from '@scriptorium/core';
import type { Flow, FlowDifference } from '@scriptorium/core';
import { compileFlow, formatDiagnostic } from '../src/index.ts';
import { callables } from './callables.ts';

interface Parts {
  readonly version?: string;
  readonly input?: string;
  readonly migrate?: string;
  readonly steps?: string;
  readonly output?: string;
}

const base: Required<Omit<Parts, 'migrate'>> = {
  version: '1.2.3',
  input: '{ n: { type: integer } }',
  steps: `
  shape: { uses: book/topology, with: { path: x }, retry: { max: 1 } }
  all:
    each: { in: "\${ [1, 2] }", as: one, workers: 2 }
    steps:
      twice: { value: "\${ one * input.n }" }
    output: { twice: "\${ twice }" }
  end: { value: "\${ shape.lines }", catch: [{ value: 0 }] }`,
  output: '{ lines: "${ end }" }',
};

function flowOf(parts: Parts): Flow {
  const { version, input, steps, output } = { ...base, ...parts };
  const migrate = parts.migrate === undefined ? '' : `migrate:\n${parts.migrate}\n`;
  const source = `flow: t/x\nversion: "${version}"\ninput: ${input}\n${migrate}steps:${steps}\noutput: ${output}\n`;
  const { flow, diagnostics } = compileFlow(source, { file: 'x.yaml', callables });
  if (flow === null) throw new Error(diagnostics.map((each) => formatDiagnostic(each, source)).join('\n'));
  return flow;
}

function difference(parts: Parts): FlowDifference {
  return compareFlows(flowOf({}), flowOf(parts));
}

function stepsWith(was: string, is: string): string {
  assert.ok(base.steps.includes(was), `the definition has no ${was}`);
  return base.steps.replace(was, is);
}

function changesOf(parts: Parts): readonly string[] {
  return difference(parts).changes.map(({ path, what, bump }) => `${bump} ${path || '.'} ${what}`);
}

describe('the kind of a change', () => {
  const cases: readonly [name: string, parts: Parts, changes: readonly string[]][] = [
    ['nothing', { version: '1.2.4' }, []],
    ['a policy', { steps: stepsWith('max: 1', 'max: 5') }, ['patch shape retry']],
    ['a policy that is new', { steps: stepsWith('max: 1 }', 'max: 1 }, timeout: 5s') }, ['patch shape timeout']],
    ['how many at once', { steps: stepsWith('workers: 2', 'workers: 9') }, ['patch all each.workers']],
    ['what a catch takes', { steps: stepsWith('[{ value: 0 }]', '[{ errors: [expression], value: 0 }]') }, ['patch end catch.0']],
    ['a step that nothing reads', { steps: `${base.steps}\n  more: { value: 1 }` }, ['minor more added']],
    ['a step inside of items', { steps: stepsWith('    output:', '      more: { value: 1 }\n    output:') }, ['minor all/more added']],
    ['an optional input', { input: '{ n: { type: integer }, m: { type: integer, default: 1 } }' }, ['minor . input.m']],
    ['an input that takes more', { input: '{ n: { type: number } }' }, ['minor . input.n']],
    ['an input that takes less', { input: '{ n: { type: integer, enum: [1, 2] } }' }, ['major . input.n']],
    ['an input that is demanded', { input: '{ n: { type: integer }, m: { type: integer } }' }, ['major . input.m']],
    ['a field of the output', { output: '{ lines: "${ end }", n: "${ input.n }" }' }, ['minor . output', 'minor . output']],
    ['another output', { output: '{ rows: "${ end }" }' }, ['major . output', 'major . output']],
    ['another value', { steps: stepsWith('one * input.n', 'one + input.n') }, ['major all/twice value']],
    ['a step that must wait for an older one', { steps: stepsWith('  end: {', '  end: { needs: [all],') }, ['major end needs']],
    [
      'a step that must wait for a new one',
      { steps: stepsWith('  end: {', '  gate: { value: 1 }\n  end: { needs: [gate],') },
      ['minor gate added'],
    ],
  ];
  for (const [name, parts, expected] of cases) {
    it(`of ${name} is seen at its step`, () => assert.deepEqual(changesOf(parts), expected));
  }

  it('of a step under another name is one that is gone and one that is new', () => {
    const changes = changesOf({ steps: stepsWith('  end: {', '  fin: {'), output: '{ lines: "${ fin }" }' });
    assert.deepEqual(
      changes.filter((each) => !each.includes('output')),
      ['major end removed', 'minor fin added'],
    );
  });
});

describe('the version', () => {
  it('must rise with the kind of the change, and a lower one is complained of', () => {
    const patch = { steps: stepsWith('max: 1', 'max: 5') };
    assert.deepEqual([difference(patch).least, difference(patch).problems], ['1.2.4', ['the version must be at least 1.2.4, not 1.2.3']]);
    assert.deepEqual(difference({ ...patch, version: '1.2.4' }).problems, []);
    const minor = { steps: `${base.steps}\n  more: { value: 1 }`, version: '1.2.9' };
    assert.deepEqual(difference(minor).problems, ['the version must be at least 1.3.0, not 1.2.9']);
  });

  it('counts the minor number for the major one below 1.0.0', () => {
    const compare = (parts: Parts): string => compareFlows(flowOf({ version: '0.3.1' }), flowOf(parts)).least;
    assert.equal(compare({ steps: stepsWith('one * input.n', 'one + input.n') }), '0.4.0');
    assert.equal(compare({ steps: `${base.steps}\n  more: { value: 1 }` }), '0.3.2');
  });
});

describe('a major change', () => {
  const renamed: Parts = { steps: stepsWith('  end: {', '  fin: {'), output: '{ lines: "${ fin }" }', version: '2.0.0' };

  it('needs a `migrate` for the version before', () => {
    assert.deepEqual(difference(renamed).problems, ['no entry of `migrate` has a `from` that covers 1.2.3']);
    const elsewhere = difference({ ...renamed, migrate: '  - { from: ^1.3.0, map: { end: fin } }' });
    assert.deepEqual(elsewhere.problems, ['no entry of `migrate` has a `from` that covers 1.2.3']);
  });

  it('must say what becomes of every step that is gone', () => {
    const silent = difference({ ...renamed, migrate: '  - { from: ^1.0.0 }' });
    assert.deepEqual([silent.unmapped, silent.problems], [['end'], ['`migrate` does not say what becomes of end']]);
    const whole = difference({ ...renamed, migrate: '  - { from: ^1.0.0, map: { end: fin } }' });
    assert.deepEqual([whole.unmapped, whole.problems], [[], []]);
  });
});
