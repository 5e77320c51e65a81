import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDocument } from 'yaml';
import { callables } from '../../test/callables.ts';
import { compileFlow } from '../compile.ts';

const head =
  'flow: t/x\nversion: "1.0.0"\ninput:\n  path: { type: [string, "null"] }\n  list: { type: [array, "null"], items: { type: string } }\n  parts: { type: integer }\n';

/** Places with a message, as `line: message`, from the body's first line on. */
function told(body: string): readonly string[] {
  assert.deepEqual(parseDocument(body).errors, []);
  const { diagnostics } = compileFlow(head + body, { file: 'x', callables });
  return diagnostics.map(({ line, message }) => `${line - head.split('\n').length + 1}: ${message}`);
}

const toc = 'uses: book/toc, with: { path: "${ input.path }" }';

describe('behind the `if` of a step, what it has told of a name holds', () => {
  const whole: Readonly<Record<string, string>> = {
    'in `with`': `steps:\n  a: { if: "\${ input.path != null }", ${toc} }`,
    'in `value`, also within text': 'steps:\n  a: { if: "${ input.path != null }", value: "at ${ input.path }" }',
    'in `in` of an `each`, and for its items':
      'steps:\n  a: { if: "${ input.list != null && input.path != null }", each: { in: "${ input.list }" }, value: "${ item + input.path }" }',
    'in the steps of a scope and of the scopes in it':
      'steps:\n  a:\n    if: ${ input.path != null }\n    steps:\n      b: { steps: { c: { value: "${ input.path.size() }" } }, output: "${ input.path.upper() }" }\n    output: ${ b.lower() + input.path }',
    'in the states of a scope':
      'steps:\n  a:\n    if: ${ input.path != null }\n    states:\n      b: { value: "${ input.path.size() }" }\n    output: ${ b + input.path.size() }',
    'in the `ask` of a wait':
      'steps:\n  a: { if: "${ input.path != null }", wait: { event: go, ask: "Is it ${ input.path }?" }, timeout: 1h }',
    'in the `match` of a wait':
      'steps:\n  a: { if: "${ input.path != null }", wait: { event: go, match: "${ input.path.size() > 1 }" }, timeout: 1h }',
    'in a `catch` that takes only what comes after it':
      'steps:\n  a: { if: "${ input.path != null }", uses: book/scan, with: { folder: a }, catch: [{ errors: [io], value: { books: [{ id: a, bytes: 1, path: "${ input.path }" }] } }] }',
    'in any `catch` of the items of an `each`':
      'steps:\n  a: { if: "${ input.path != null }", each: { in: [1, 2] }, uses: book/toc, with: { path: b }, catch: [{ value: { chapters: [], path: "${ input.path }" } }] }',
    'in a compensation':
      'steps:\n  a: { if: "${ input.path != null }", uses: store/publish, with: { id: a }, compensate: { uses: store/withdraw, with: { url: "${ input.path }" } } }',
    'when it is about what another step gave': `steps:\n  a: { if: "\${ input.parts > 1 }", uses: book/toc, with: { path: b } }\n  b: { if: "\${ a != null }", value: "\${ a.path }" }`,
    'when it tells which of several values it is':
      'steps:\n  a: { if: "${ type(input.path) == \'str\' }", value: "${ input.path.upper() }" }',
  };
  for (const [where, body] of Object.entries(whole)) {
    it(where, () => assert.deepEqual(told(body), []));
  }
});

describe('what a condition has told does not hold', () => {
  it('in other steps, also those that wait for it', () => {
    assert.deepEqual(
      told('steps:\n  a: { if: "${ input.path != null }", value: 1 }\n  b: { needs: [a], value: "${ input.path.size() }" }'),
      ['3: input.path may be null; .size() is for str|list|obj — use (input.path ?? default)'],
    );
  });

  it('of an inner name that is called as an outer one was', () => {
    const body =
      'states:\n  a: { value: 1, next: b }\n  b:\n    if: ${ prev != null }\n    states:\n      c: { value: "${ prev + 1 }" }\n    output: ${ c }';
    assert.deepEqual(told(body), ["6: prev is null; '+' is for num|str|list — use (prev ?? default)"]);
  });

  it('in a `catch` that may take `loop.exceeded`, which comes before it', () => {
    const state = (errors: string): string =>
      `states:\n  a:\n    if: \${ input.path != null }\n    max: 2\n    value: \${ input.path }\n    catch: [{ errors: [${errors}], value: "\${ input.path.upper() }" }]\n`;
    assert.deepEqual(told(state('io')), []);
    assert.deepEqual(told(state('loop.exceeded')), ['6: input.path may be null; .upper() is for str — use (input.path ?? default)']);
  });

  it('where `next` goes on, because a state whose `if` did not hold is left, too', () => {
    const body =
      'states:\n  a:\n    if: ${ input.path != null }\n    value: 1\n    next: [{ if: "${ input.path.size() > 1 }", to: b }, { to: b }]\n  b: { value: 2 }';
    assert.deepEqual(told(body), ['5: input.path may be null; .size() is for str|list|obj — use (input.path ?? default)']);
  });
});

describe('the entries of `next`', () => {
  const choice = (entries: string): string =>
    `schemas: { Way: { enum: [b, c] } }\nstates:\n  a:\n    if: \${ input.parts > 1 }\n    wait: { event: go, answer: { type: object, required: [way], properties: { way: { enum: [b, c] } } } }\n    timeout: 1h\n    next: ${entries}\n  b: { value: 1 }\n  c: { value: 2 }`;

  it('see their own guard in `to`', () => {
    assert.deepEqual(told(choice('[{ if: "${ a != null }", to: "${ a.way }" }, { to: b }]')), []);
  });

  it('see that no guard above them held', () => {
    assert.deepEqual(told(choice('[{ if: "${ a == null }", to: c }, { to: "${ a.way }" }]')), []);
    assert.deepEqual(told(choice('[{ if: "${ input.parts > 3 }", to: c }, { to: "${ a.way }" }]')), ['7: a may be null — use a?.way']);
  });
});
