import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { childrenOf, planOf } from '@scriptorium/core';
import type { Flow, Node } from '@scriptorium/core';
import { callables } from '../../test/callables.ts';
import { compileFlow, formatDiagnostic, graphOf } from '../index.ts';

function compiled(source: string): Flow {
  const { flow, diagnostics } = compileFlow(source, { file: 'test.flow.yaml', callables });
  assert.deepEqual(
    diagnostics.map((each) => formatDiagnostic(each, source)),
    [],
  );
  assert.ok(flow);
  return flow;
}

function nodeOf(flow: Flow, id: string): Node {
  const place = planOf(flow).get(id);
  assert.ok(place, `no node ${id}`);
  return place.node;
}

const header = 'flow: t/x\nversion: "1.0.0"\n';

const review = `${header}
input: { path: { type: string } }
define:
  critic:
    uses: core/agent
    limit: { concurrent: 2 }
    with: { model: m, prompt: "\${ write.path }" }
    returns:
      type: object
      required: [score, handoff]
      properties:
        score: { type: number }
        notes: { type: string }
        handoff: { enum: [write, research, accept] }
states:
  write:
    uses: book/clean
    with:
      path: \${ research?.path ?? input.path }
      shape: {}
      meta: { notes: "\${ critique?.notes ?? '' }", visit: "\${ visits }" }
    next: critique
  critique:
    max: 4
    like: critic
    next:
      - if: \${ critique.score >= 8 }
        to: accept
      - to: \${ critique.handoff }
    catch:
      - errors: [loop.exceeded]
        to: accept
  research:
    uses: book/toc
    with: { path: "\${ write.path }", depth: "\${ min(visits, 6) }" }
    next: write
  accept:
    value: { path: "\${ write.path }", rounds: "\${ critique?.score }" }
output: \${ accept.path }
`;

describe('given a loop of states', () => {
  it('its transitions, bound and ways out are in the IR', () => {
    const flow = compiled(review);
    assert.ok(flow.root.do.k === 'or');
    assert.deepEqual(
      childrenOf(flow.root).map(({ id }) => id),
      ['write', 'critique', 'research', 'accept'],
    );
    assert.deepEqual(nodeOf(flow, 'write').next, [{ to: 'critique' }]);
    const critique = nodeOf(flow, 'critique');
    assert.deepEqual(critique.next, [
      { if: { $: 'critique.score >= 8', reads: ['critique'] }, to: 'accept' },
      { to: { $: 'critique.handoff', reads: ['critique'] }, among: ['accept', 'research', 'write'] },
    ]);
    assert.deepEqual([critique.max, critique.catch], [4, [{ errors: ['loop.exceeded'], to: 'accept' }]]);
    assert.equal(nodeOf(flow, 'accept').next, undefined);
    assert.deepEqual(flow.output, { type: 'string' });
  });

  it('its graph has states and transitions', () => {
    const { nodes, edges } = graphOf(compiled(review));
    assert.deepEqual(nodes.find(({ id }) => id === 'critique')?.marks, ['core/agent', 'max 4', 'limit critique']);
    assert.deepEqual(
      edges.map(({ from, to, kind, label }) => `${from} ${kind} ${to}: ${label}`),
      [
        'write next critique: null',
        'critique next accept: critique.score >= 8',
        'critique next accept: critique.handoff is accept',
        'critique next research: critique.handoff is research',
        'critique next write: critique.handoff is write',
        'critique catch accept: catch 1: loop.exceeded',
        'research next write: null',
      ],
    );
  });

  it('the order of its states but for the first does not change the hash', () => {
    const states = (names: readonly string[]): string =>
      `${header}states:\n${names.map((name) => `  ${name}: { value: "${name}"${name === 'c' ? '' : ', max: 3, next: c'} }\n`).join('')}`;
    const looped = (names: readonly string[]): string =>
      states(names).replaceAll('next: c }', 'next: [{ if: "${ visits > 1 }", to: c }, { to: b }] }');
    const hash = (source: string): string => compiled(source).hash;
    assert.equal(hash(looped(['a', 'b', 'c'])), hash(looped(['a', 'c', 'b'])));
    assert.notEqual(hash(looped(['a', 'b', 'c'])), hash(looped(['a', 'b', 'c']).replace('max: 3', 'max: 4')));
  });
});

describe('what a state sees of another', () => {
  it('is never null after every way through it, also where ways part and meet', () => {
    compiled(`${header}
states:
  a: { value: { n: 1 }, next: [{ if: "\${ a.n > 0 }", to: b }, { to: c }] }
  b: { value: 2, next: d }
  c: { value: 3, next: d }
  d: { value: "\${ a.n + (b ?? 0) + (c ?? 0) + prev }" }
`);
  });

  it('has the type that a loop gives it, however often it is read in a circle', () => {
    const flow = compiled(`${header}
states:
  count: { value: { n: "\${ (count?.n ?? 0) + 1 }", all: "\${ (count?.all ?? []) + [visits] }" }, max: 9, next: [{ if: "\${ count.n > 5 }", to: done }, { to: count }] }
  done: { value: { n: "\${ count.n }", tree: "\${ [count.all] }" } }
output: \${ done.n }
`);
    assert.deepEqual(flow.output, { type: 'integer' });
  });

  it('is of any type where it grows with every visit', () => {
    compiled(`${header}
states:
  grow: { value: { before: "\${ grow ?? 0 }" }, max: 3, next: [{ if: "\${ visits > 2 }", to: done }, { to: grow }] }
  done: { value: "\${ grow.before.before.before }" }
`);
  });

  it('is found in scopes in scopes to a depth at which looking at each again and again would never end', () => {
    const nest = (depth: number, pad: string): string => {
      const inner = depth === 0 ? `${pad}    value: "\${ a0 + 1 }"\n` : nest(depth - 1, `${pad}    `);
      const read = depth === 12 ? '' : ` + a${depth + 1}`;
      return `${pad}states:
${pad}  a${depth}: { value: "\${ (b${depth} ?? 1)${read} }", max: 2, next: b${depth} }
${pad}  b${depth}:
${inner}${pad}    next: [{ if: "\${ visits > 1 }", to: c${depth} }, { to: a${depth} }]
${pad}  c${depth}: { value: "\${ a${depth} }" }
`;
    };
    assert.deepEqual(compiled(`${header}${nest(12, '')}`).output, { type: 'integer' });
  });

  it('reaches the items of an each inside, with `prev` and `visits`', () => {
    const flow = compiled(`${header}
steps:
  talk:
    states:
      first: { value: [a, b], next: many }
      many:
        max: 2
        each: "\${ prev }"
        value: "\${ item + string(visits) + string(many?.ok?.size() ?? 0) + (first[0] ?? '') }"
        catch: [{ errors: [each.failed], to: end }]
        next: end
      end: { value: "\${ many?.ok?.size() ?? 0 }" }
  after: { value: "\${ talk + 1 }" }
`);
    assert.deepEqual(nodeOf(flow, 'talk/many').each?.captures, ['first', 'many', 'visits']);
    assert.deepEqual(nodeOf(flow, 'talk').needs, []);
    assert.deepEqual(nodeOf(flow, 'after').needs, ['talk']);
  });
});

describe('the result of a scope of states', () => {
  it('is one of those of its final states, and one that only fails is none of them', () => {
    const flow = compiled(`${header}
steps:
  talk:
    states:
      ask: { value: 1, next: [{ if: "\${ ask > 1 }", to: good }, { if: "\${ ask > 0 }", to: fine }, { to: bad }] }
      good: { value: { text: good } }
      fine: { value: { text: fine } }
      bad: { uses: core/fail, with: { error: bad, message: no } }
output: \${ talk.text }
`);
    assert.deepEqual(flow.output, { enum: ['good', 'fine'] });
  });

  it('reads in its output a state as given only when all its ends have passed it', () => {
    compiled(`${header}
states:
  a: { value: { n: 1 }, next: [{ if: "\${ a.n > 1 }", to: b }, { to: c }] }
  b: { value: 2 }
  c: { uses: core/fail, with: { error: bad, message: no } }
output: \${ a.n + b }
`);
  });
});

it('`like` gives a state its bound and its transitions too', () => {
  const flow = compiled(`${header}
define:
  step: { value: 1, max: 2, next: end }
states:
  a: { like: step }
  end: { value: 2 }
`);
  assert.deepEqual([nodeOf(flow, 'a').max, nodeOf(flow, 'a').next], [2, [{ to: 'end' }]]);
});
