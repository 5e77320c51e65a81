/** Definitions that are small and mean something enormous, or that are as large as they may be: each is read or refused, and takes neither all time nor all memory. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileFlow } from '../src/index.ts';

const head = 'flow: try/hostile\nversion: "1.0.0"\n';

/** Lines of a mapping, one for each number. */
function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `  ${line(index)}\n`).join('');
}

function compile(source: string): { readonly codes: readonly string[]; readonly bytes: number } {
  const { flow, diagnostics } = compileFlow(source, { file: 'hostile.flow.yaml', callables: new Map() });
  return { codes: [...new Set(diagnostics.map(({ code }) => code))], bytes: JSON.stringify(flow).length };
}

/** Each holds the one before twice: what the last one gives would have 2^100 parts. */
function doubling(name: string): string {
  return lines(100, (n) =>
    n === 0 ? `${name}0: { value: { a: 1 } }` : `${name}${n}: { value: { a: "\${ ${name}${n - 1} }", b: "\${ ${name}${n - 1} }" } }`,
  );
}

describe('a definition whose values double from step to step', () => {
  const uses = {
    'is read': '',
    'is read where two are alternatives': 'end: { value: "${ 1 < 2 ? s99 : t99 }" }',
    'is read where two are compared': 'end: { value: "${ s99 == t99 }" }',
    'is read where they are listed': 'end: { value: "${ [s99, t99, s98] }" }',
    'is read where they meet what is declared':
      'end: { value: "${ s99 }", returns: { type: object, properties: { a: { type: object } } } }',
  };
  for (const [what, end] of Object.entries(uses))
    it(what, () => {
      const { codes, bytes } = compile(`${head}steps:\n${doubling('s')}${doubling('t')}  ${end}\n`);
      assert.deepEqual(codes, []);
      assert.ok(bytes < 1_500_000, `${bytes} bytes`);
    });

  it('is refused where it is text', () => {
    assert.deepEqual(compile(`${head}steps:\n${doubling('s')}  end: { value: "it is \${ s99 }" }\n`).codes, ['not_text']);
  });
});

describe('a definition of which `like` makes a large one', () => {
  const wide = `define:\n${lines(30, (n) => `d${n}: { ${n === 0 ? '' : `like: d${n - 1}, `}with: { ${Array.from({ length: 200 }, (_, key) => `k${n}_${key}: 1`).join(', ')} } }`)}`;

  it('is refused beyond a million parts', () => {
    const { codes } = compile(`${head}${wide}steps:\n${lines(300, (n) => `s${n}: { like: d29, uses: x/y }`)}`);
    assert.ok(codes.includes('too_large'), codes.join(', '));
  });

  it('is read below that, also through many definitions', () => {
    const chain = `define:\n${lines(1_000, (n) => `d${n}: { ${n === 0 ? '' : `like: d${n - 1}, `}timeout: 1m }`)}`;
    assert.deepEqual(compile(`${head}${chain}steps: { a: { like: d999, steps: { b: { value: 1 } } } }\n`).codes, []);
  });
});

describe('a definition with more steps or states than anybody reads', () => {
  it('is refused', () => {
    assert.deepEqual(compile(`${head}steps:\n${lines(10_001, (n) => `s${n}: { value: 1 }`)}`).codes, ['too_large']);
    assert.deepEqual(compile(`${head}states:\n${lines(201, (n) => `s${n}: { value: 1 }`)}`).codes, ['too_large']);
  });
});

describe('large definitions', () => {
  const large = {
    'steps that read each other': [[], `steps:\n${lines(2_000, (n) => `s${n}: { value: ${n === 0 ? 1 : `"\${ s${n - 1} }"`} }`)}`],
    'steps that wrap each other': [[], `steps:\n${lines(1_000, (n) => `s${n}: { value: ${n === 0 ? 1 : `{ a: "\${ s${n - 1} }" }`} }`)}`],
    'steps in a circle': [['cycle'], `steps:\n${lines(2_000, (n) => `s${n}: { value: "\${ s${(n + 1) % 2_000} }" }`)}`],
    'steps that need all before them': [
      [],
      `steps:\n${lines(200, (n) => `s${n}: { value: 1, needs: [${Array.from({ length: n }, (_, before) => `s${before}`).join(', ')}] }`)}`,
    ],
    'steps that name nobody': [['no_such_name'], `steps:\n${lines(2_000, (n) => `s${n}: { value: "\${ nobody${n} }" }`)}`],
    'misspelled keys': [['unknown_key'], `steps:\n${lines(2_000, (n) => `s${n}: { valeu: 1 }`)}`],
    'states in a circle': [['no_final_state'], `states:\n${lines(200, (n) => `s${n}: { value: 1, max: 3, next: s${(n + 1) % 200} }`)}`],
    'a wide value': [[], `steps: { a: { value: { ${Array.from({ length: 10_000 }, (_, n) => `k${n}: 1`).join(', ')} } } }`],
    'many inputs': [[], `input:\n${lines(3_000, (n) => `i${n}: { type: string }`)}steps: { a: { value: 1 } }`],
    'a long choice': [
      [],
      `input: { a: { enum: [${Array.from({ length: 20_000 }, (_, n) => n).join(', ')}] } }\nsteps: { a: { value: "\${ input.a == 3 }" } }`,
    ],
    'a text of many expressions': [[], `steps: { a: { value: "${'${ 1 } '.repeat(20_000)}" } }`],
  } as const;
  for (const [what, [codes, body]] of Object.entries(large))
    it(`of ${what} are read to their end`, () => assert.deepEqual(compile(head + body).codes, codes));
});
