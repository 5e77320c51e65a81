import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { childrenOf } from '@scriptorium/core';
import type { Flow, Node } from '@scriptorium/core';
import { callables } from '../test/callables.ts';
import { compileFlow, formatDiagnostic } from './index.ts';

const books = readFileSync(new URL('../test/valid/books.flow.yaml', import.meta.url), 'utf8');

function compiled(source: string, profile?: string): Flow {
  const { flow, diagnostics } = compileFlow(source, { file: 'test.flow.yaml', callables, ...(profile === undefined ? {} : { profile }) });
  assert.deepEqual(
    diagnostics.map((each) => formatDiagnostic(each, source)),
    [],
  );
  assert.ok(flow);
  return flow;
}

function nodeOf(flow: Flow, id: string): Node {
  const find = (node: Node): Node | undefined => {
    const inner = [...childrenOf(node), ...node.catch.flatMap((entry) => entry.do ?? [])];
    return node.id === id ? node : inner.map(find).find((each) => each !== undefined);
  };
  const node = find(flow.root);
  assert.ok(node, `no node ${id}`);
  return node;
}

test('given the book flow, every step knows what it waits for', () => {
  const flow = compiled(books);
  assert.deepEqual(nodeOf(flow, 'books').needs, ['preflight', 'scan']);
  assert.deepEqual(nodeOf(flow, 'books/clean').needs, ['topology', 'sanity']);
  assert.deepEqual(nodeOf(flow, 'books/validate/ai').needs, []);
  assert.deepEqual(nodeOf(flow, 'books/gate').needs, ['validate']);
});

test('given the book flow, an each captures the outer names that its body reads, and those only', () => {
  const flow = compiled(books);
  assert.deepEqual(nodeOf(flow, 'books').each?.captures, ['input', 'run']);
  assert.deepEqual(nodeOf(flow, 'books/validate/ai').each?.captures, ['book']);
});

test('given the book flow, the output is inferred through each, catch and scopes', () => {
  const { output } = compiled(books);
  assert.deepEqual(output, {
    type: 'object',
    required: ['failed', 'ok', 'report'],
    properties: { report: { type: 'string' }, ok: { type: 'integer' }, failed: { type: 'array', items: { type: 'string' } } },
    additionalProperties: false,
  });
});

test('given an inline limit, it becomes a pool of the step', () => {
  const flow = compiled(books);
  assert.equal(nodeOf(flow, 'books/clean').limit, 'book/batch/books/clean');
  assert.deepEqual(flow.limits, {
    disk: { concurrent: 12 },
    openai: { concurrent: 4, rate: { n: 2, per: 1000 } },
    'book/batch/books/clean': { concurrent: 8 },
  });
});

test('given a profile, it is merged in and its run options are kept', () => {
  assert.deepEqual(compiled(books, 'test').run, { mode: 'strict', limit: 5 });
  assert.deepEqual(compiled(books, 'offline').limits['openai'], { concurrent: 4, rate: { n: 1, per: 60_000 } });
});

test('given `like`, policies and inputs are merged deeply', () => {
  const ai = nodeOf(compiled(books), 'books/validate/ai');
  assert.equal(ai.timeout, 90_000);
  assert.equal(ai.limit, 'openai');
  assert.deepEqual(ai.retry, [{ errors: ['rate_limited', 'overloaded', 'contract.output'], max: 4, delay: 2000, factor: 2, cap: 30_000 }]);
  assert.ok(ai.do.k === 'call' && 'obj' in ai.do.with);
  assert.deepEqual(Object.keys(ai.do.with.obj), ['model', 'system', 'prompt']);
  assert.deepEqual(ai.do.with.obj['model'], { lit: 'gpt-4o-mini' });
});

const header = 'flow: t/x\nversion: "1.0.0"\n';

test('given items inside of items, each level captures what it does not bring itself', () => {
  const flow = compiled(`${header}
input: { folder: { type: string } }
steps:
  scan: { uses: book/scan, with: { folder: "\${ input.folder }" } }
  books:
    each: { in: "\${ scan.books }", as: book, key: "\${ book.id }" }
    steps:
      toc: { uses: book/toc, with: { path: "\${ book.path }" } }
      pages:
        each: { in: "\${ toc.chapters }", as: chapter, key: "\${ book.id + chapter }" }
        value: { chapter: "\${ chapter }", at: "\${ index }", book: "\${ book.id }", all: "\${ scan.books.size() }" }
`);
  assert.deepEqual(nodeOf(flow, 'books').each?.captures, ['scan']);
  assert.deepEqual(nodeOf(flow, 'books/pages').each?.captures, ['book', 'scan']);
  assert.deepEqual(nodeOf(flow, 'books/pages').needs, ['toc']);
});

test('given an each in a catch, it captures the error', () => {
  const flow = compiled(`${header}
steps:
  a:
    uses: book/scan
    with: { folder: x }
    catch:
      - errors: [io]
        steps:
          notes:
            each: "\${ ['a', 'b'] }"
            value: "\${ item + error.message }"
        output: { books: [] }
`);
  assert.deepEqual(nodeOf(flow, 'a/catch.0/notes').each?.captures, ['error']);
  assert.deepEqual(nodeOf(flow, 'a').catch[0]?.errors, ['io']);
});

test('given no output, a scope gives the outputs of its steps', () => {
  const flow = compiled(`${header}steps: { b: { value: 1 }, a: { value: "\${ b + 1 }" } }\n`);
  assert.deepEqual(flow.root.do.k === 'and' && flow.root.do.output, {
    obj: { b: { expr: { $: 'b', reads: ['b'] } }, a: { expr: { $: 'a', reads: ['a'] } } },
  });
  assert.deepEqual(flow.output, { type: 'object', required: ['a', 'b'], properties: { b: { enum: [1] }, a: { type: 'integer' } } });
});

test('given steps in any order, the nodes stand in an order in which they could run', () => {
  const flow = compiled(
    `${header}steps: { c: { value: "\${ b }" }, b: { value: "\${ a }" }, a: { value: 1 }, d: { needs: [c], value: 2 } }\n`,
  );
  assert.deepEqual(flow.root.do.k === 'and' && flow.root.do.steps.map(({ id }) => id), ['a', 'b', 'c', 'd']);
});

test('given text, templates keep literals, whole expressions and escapes apart', () => {
  const flow = compiled(
    `${header}input: { n: { type: integer } }\nsteps:\n  a:\n    value: { plain: x, whole: "\${ input.n }", text: "n = \${ input.n }!", escaped: "costs $\${ n }", list: [1, "\${ input.n }"] }\n`,
  );
  const expr = { expr: { $: 'input.n', reads: ['input'] } };
  assert.deepEqual(nodeOf(flow, 'a').do, {
    k: 'value',
    value: {
      obj: {
        plain: { lit: 'x' },
        whole: expr,
        text: { cat: [{ lit: 'n = ' }, expr, { lit: '!' }] },
        escaped: { lit: 'costs ${ n }' },
        list: { list: [{ lit: 1 }, expr] },
      },
    },
  });
});

test('given a list of retries, a version range and policies on a catch, they are kept', () => {
  const flow = compiled(`${header}
steps:
  a:
    uses: book/scan@^1.1
    with: { folder: x }
    retry: [{ max: 3, errors: [io], delay: 2s, factor: 3, cap: 10s, within: 1m }, { max: 1 }]
    catch:
      - uses: book/scan
        with: { folder: y }
        timeout: 30s
        limit: { rate: 2/m }
`);
  const node = nodeOf(flow, 'a');
  assert.deepEqual(node.do.k === 'call' && node.do.uses, 'book/scan');
  assert.deepEqual(node.retry, [
    { errors: ['io'], max: 3, delay: 2000, factor: 3, cap: 10_000, within: 60_000 },
    { errors: [], max: 1, delay: 1000, factor: 2, cap: 60_000 },
  ]);
  assert.deepEqual(node.catch[0]?.errors, ['*']);
  assert.equal(nodeOf(flow, 'a/catch.0').limit, 't/x/a/catch.0');
  assert.equal(nodeOf(flow, 'a/catch.0').timeout, 30_000);
});

test('given limits with breakers, named, inline and changed by a profile, they are kept whole', () => {
  const flow = compiled(
    `${header}
limits:
  llm: { concurrent: 4, rate: 2/s, tokens: 90000/m, breaker: { failures: 5, cooldown: 1m } }
  api: { breaker: { failures: 1, cooldown: 1h30m } }
profiles: { night: { limits: { llm: { breaker: { cooldown: 5m } } } } }
steps:
  a: { value: 1, limit: llm }
  b: { value: 1, limit: { breaker: { failures: 2, cooldown: 500ms } } }
`,
  );
  assert.deepEqual(flow.limits, {
    llm: { concurrent: 4, rate: { n: 2, per: 1000 }, tokens: { n: 90_000, per: 60_000 }, breaker: { failures: 5, cooldown: 60_000 } },
    api: { breaker: { failures: 1, cooldown: 5_400_000 } },
    't/x/b': { breaker: { failures: 2, cooldown: 500 } },
  });
});

test('given named schemas that refer to each other and to themselves, contracts are closed', () => {
  const flow = compiled(`${header}
schemas:
  Tree: { type: object, required: [name], properties: { name: { type: string }, notes: { $ref: Notes }, children: { type: array, items: { $ref: Tree } } } }
  Notes: { type: array, items: { type: string } }
input: { tree: { $ref: Tree } }
steps:
  a: { uses: core/agent, with: { model: m, prompt: "\${ input.tree.name }" }, returns: Tree, limit: { concurrent: 1 } }
output: \${ a.children ?? [] }
`);
  const definitions = (schema: unknown): readonly string[] => Object.keys((schema as { $defs?: object }).$defs ?? {});
  assert.deepEqual(definitions(flow.input), ['Tree', 'Notes']);
  assert.deepEqual(definitions(nodeOf(flow, 'a').returns), ['Notes', 'Tree']);
});

test('given a mistake that only another profile makes, it is told with the name of the profile', () => {
  const source = `${header}limits: { disk: { concurrent: 4 } }\nprofiles: { bare: { limits: { disk: null } } }\nsteps:\n  a: { limit: disk, value: 1 }\n`;
  const { flow, diagnostics } = compileFlow(source, { file: 'f', callables });
  assert.equal(flow, null);
  assert.deepEqual(
    diagnostics.map(({ code, line, message }) => [code, line, message]),
    [['no_such_limit', 6, "there is no limit 'disk' (in the profile 'bare')"]],
  );
});

test('given a profile that is not there, the nearest is suggested', () => {
  const { diagnostics } = compileFlow(books, { file: 'f', callables, profile: 'tset' });
  assert.deepEqual(
    diagnostics.map(({ code, suggestion }) => [code, suggestion]),
    [['no_such_profile', 'test']],
  );
});

test('given a definition whose handler came by `like`, what is missing is told at each step', () => {
  const source = `${header}define: { scanner: { uses: book/scan } }\nsteps:\n  a: { like: scanner, with: { folder: x } }\n  b: { like: scanner }\n  c: { like: scanner }\n`;
  const { diagnostics } = compileFlow(source, { file: 'f', callables });
  assert.deepEqual(
    diagnostics.map(({ code, line, path }) => [code, line, path]),
    [
      ['missing_input', 6, 'b'],
      ['missing_input', 7, 'c'],
    ],
  );
});

test('given a flow, every step has its place', () => {
  const { positions } = compileFlow(books, { file: 'f', callables });
  const lines = books.split('\n');
  assert.equal(lines[(positions['books/clean']?.line ?? 0) - 1], '      clean:');
  assert.equal(lines[(positions['books/sanity/catch.0']?.line ?? 0) - 1], '          - errors: [not_in_catalog]');
});
