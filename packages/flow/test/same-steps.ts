/** What steps, their policies and the flow itself say, in YAML and by the builder. */

import { z } from 'zod';
import { $, flow } from '../src/index.ts';
import type { Definition, Scope } from '../src/index.ts';
import type { Case } from './same.ts';
import { head, limits, version } from './same.ts';

/** Most constructs, in a flow that has nothing else. */
function body(build: (s: Scope<'disk' | 'net'>) => void): Definition {
  return flow('a/b', { version, limits: { disk: { concurrent: 2 }, net: { rate: '2/s' } } }, build);
}

export const steps: readonly Case[] = [
  {
    name: 'value',
    yaml: `${head}steps: { a: { value: { n: 1, list: [true, null] } } }`,
    built: flow('a/b', { version }, (s) => void s.value('a', { n: 1, list: [true, null] })),
  },
  {
    name: 'doc, inputs with and without defaults, the flow’s output',
    yaml: `${head}doc: About\ninput: { n: { type: integer, default: 3 }, name: { type: string } }
steps: { a: { value: "\${ input.n }" } }
output: { a: "\${ a }", text: "for \${ input.name }" }`,
    built: flow('a/b', { version, doc: 'About', input: { n: { type: 'integer', default: 3 }, name: { type: 'string' } } }, (s, input) => {
      const a = s.value('a', input.n);
      return { a, text: `for ${input.name}` };
    }),
  },
  {
    name: 'inputs by a schema of a library',
    yaml: `${head}input: { n: { type: integer, minimum: 1, maximum: 9, default: 3 }, of: { type: [string, "null"], default: null } }
steps: { a: { value: ["\${ input.n }", "\${ input.of }"] } }`,
    built: flow(
      'a/b',
      { version, input: z.object({ n: z.int().min(1).max(9).default(3), of: z.string().nullable().default(null) }) },
      (s, input) => {
        s.value('a', [input.n, input.of]);
      },
    ),
  },
  {
    name: 'uses, with and a version range',
    yaml: `${head}steps: { a: { uses: "book/scan@^1", with: { folder: here } }, b: { uses: book/toc, with: { path: "\${ a.books[0]?.path ?? \\"\\" }", depth: 2 } } }`,
    built: flow('a/b', { version }, (s) => {
      const a = s.step('a', 'book/scan', { version: '^1', with: { folder: 'here' } });
      s.step('b', 'book/toc', { with: { path: $.or($.maybe($.at(a.books, 0))['path'], ''), depth: 2 } });
    }),
  },
  {
    name: 'if and needs',
    yaml: `${head}steps: { a: { value: 1 }, b: { needs: [a], if: "\${ run.mode == \\"strict\\" }", value: 2 } }`,
    built: flow('a/b', { version }, (s, _, run) => {
      const a = s.value('a', 1);
      s.value('b', 2, { needs: [a], if: $`${run.mode} == ${'strict'}` });
    }),
  },
  {
    name: 'limits by name and in place, timeout, one retry and several',
    yaml: `${head}${limits}steps:
  a: { uses: book/scan, with: { folder: a }, limit: disk, timeout: 1h30m, retry: { max: 2, delay: 1s, factor: 3, cap: 1m, within: 1h, errors: [io] } }
  b: { uses: book/scan, with: { folder: b }, limit: { concurrent: 1, rate: 5/m, breaker: { failures: 5, cooldown: 1m } }, retry: [{ max: 2, errors: io }, { max: 1 }] }`,
    built: body((s) => {
      const retry = { max: 2, delay: '1s', factor: 3, cap: '1m', within: '1h', errors: ['io'] };
      s.step('a', 'book/scan', { with: { folder: 'a' }, limit: 'disk', timeout: '1h30m', retry });
      s.step('b', 'book/scan', {
        with: { folder: 'b' },
        limit: { concurrent: 1, rate: '5/m', breaker: { failures: 5, cooldown: '1m' } },
        retry: [{ max: 2, errors: 'io' }, { max: 1 }],
      });
    }),
  },
  {
    name: 'returns by name, by JSON Schema and by a schema of a library',
    yaml: `${head}schemas: { Out: { type: object, required: [n], properties: { n: { type: integer } } } }
steps:
  a: { uses: core/agent, with: { model: m, prompt: p }, returns: Out }
  b: { uses: core/agent, with: { model: m, prompt: p }, returns: { type: string } }
  c: { uses: core/agent, with: { model: m, prompt: p }, returns: { enum: [yes, no], type: string } }
output: { a: "\${ a.n }", b: "\${ b }", c: "\${ c }" }`,
    built: flow('a/b', { version, schemas: { Out: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } } }, (s) => {
      const given = { with: { model: 'm', prompt: 'p' } };
      const a = s.step('a', 'core/agent', { ...given, returns: 'Out' });
      const b = s.step('b', 'core/agent', { ...given, returns: { type: 'string' } });
      const c = s.step('c', 'core/agent', { ...given, returns: z.enum(['yes', 'no']) });
      return { a: a.n, b, c };
    }),
  },
  {
    name: 'each with a scope, and all that speaks of the whole',
    yaml: `${head}input: { n: { type: integer, default: 3 } }
steps:
  scan: { uses: book/scan, with: { folder: a } }
  books:
    each: { in: "\${ scan.books }", as: book, key: "\${ book.id }", workers: "\${ input.n }", tolerate: "10%" }
    steps:
      toc: { uses: book/toc, with: { path: "\${ book.path }" } }
    output: { id: "\${ book.id }", at: "\${ index }", chapters: "\${ toc.chapters }" }
output: { ok: "\${ books.ok }" }`,
    built: flow('a/b', { version, input: { n: { type: 'integer', default: 3 } } }, (s, input) => {
      const scan = s.step('scan', 'book/scan', { with: { folder: 'a' } });
      const books = s.each(
        'books',
        { in: scan.books, as: 'book', key: (book) => book.id, workers: input.n, tolerate: '10%' },
        (book, s, index) => {
          const toc = s.step('toc', 'book/toc', { with: { path: book.path } });
          return { id: book.id, at: index, chapters: toc.chapters };
        },
      );
      return { ok: books.ok };
    }),
  },
  {
    name: 'each with a call, with data, and in groups; the item without a name',
    yaml: `${head}steps:
  calls: { each: { in: [a, b], as: path }, uses: book/toc, with: { path: "\${ path }" }, timeout: 5s, catch: [{ value: { path: "\${ path }" } }] }
  data: { each: { in: [a, b], workers: 2 }, value: "<\${ item }>" }
  groups: { each: { in: [1, 2, 3], as: group, batch: 2, tolerate: 1 }, value: "\${ group.size() }" }
  none: { if: "\${ calls.ok.size() > 3 }", needs: [data], each: { in: "\${ calls.ok }", as: done }, value: "\${ done.path }" }`,
    built: flow('a/b', { version }, (s) => {
      const calls = s.each(
        'calls',
        { in: ['a', 'b'], as: 'path', timeout: '5s', catch: (caught, _, path) => [caught.value({ path })] },
        'book/toc',
        (path) => ({ path }),
      );
      const data = s.each('data', { in: ['a', 'b'], workers: 2 }, (item) => `<${item}>`);
      s.each('groups', { in: [1, 2, 3], as: 'group', batch: 2, tolerate: 1 }, (group) => $`${group}.size()`);
      s.each('none', { if: $`${calls.ok}.size() > ${3}`, needs: [data], in: calls.ok, as: 'done' }, (done) => done['path']);
    }),
  },
  {
    name: 'scopes in scopes, with and without an output',
    yaml: `${head}${limits}steps:
  a:
    steps: { one: { value: 1 }, inner: { timeout: 3s, steps: { two: { value: "\${ one + 1 }" } }, output: "\${ two }" } }
    output: { sum: "\${ inner }" }
  b: { steps: { one: { value: 1 }, two: { value: 2 } } }
  c: { value: "\${ a.sum + b.two }" }`,
    built: body((s) => {
      const a = s.scope('a', (s) => {
        const one = s.value('one', 1);
        const inner = s.scope('inner', { timeout: '3s' }, (s) => s.value('two', $`${one} + 1`));
        return { sum: inner };
      });
      const b = s.scope('b', (s) => {
        s.value('one', 1);
        s.value('two', 2);
      });
      s.value('c', $`${a.sum} + ${b.two}`);
    }),
  },
  {
    name: 'catch with data, a call and a scope',
    yaml: `${head}${limits}steps:
  a:
    uses: book/toc-count
    with: { path: a }
    catch:
      - { errors: [io, timeout], if: "\${ error.message != \\"\\" }", value: { issues: [] } }
      - { errors: overloaded, uses: book/validate-rules, with: { path: "\${ error.code }" }, limit: disk }
      - { steps: { again: { uses: book/toc-count, with: { path: b } } }, output: "\${ again }" }`,
    built: body((s) => {
      s.step('a', 'book/toc-count', {
        with: { path: 'a' },
        catch: (caught, error) => [
          caught.value({ issues: [] }, { errors: ['io', 'timeout'], if: $`${error.message} != ""` }),
          caught.step('book/validate-rules', { errors: 'overloaded', with: { path: error.code }, limit: 'disk' }),
          caught.scope({}, (s) => s.step('again', 'book/toc-count', { with: { path: 'b' } })),
        ],
      });
    }),
  },
  {
    name: 'profiles',
    yaml: `${head}${limits}profiles: { test: { run: { mode: strict, limit: 5 }, limits: { disk: null, net: { rate: 1/m } } } }\nsteps: { a: { value: 1 } }`,
    built: flow(
      'a/b',
      {
        version,
        limits: { disk: { concurrent: 2 }, net: { rate: '2/s' } },
        profiles: { test: { run: { mode: 'strict', limit: 5 }, limits: { disk: null, net: { rate: '1/m' } } } },
      },
      (s) => void s.value('a', 1),
    ),
  },
];
