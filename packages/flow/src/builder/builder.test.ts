/** Each construct of the language, in YAML and by the builder: the same plain object, the same hash. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { callables } from '../../test/callables.ts';
import { $, compileFlow, flow, formatDiagnostic, printFlow } from '../index.ts';
import type { Definition, RefOf, Scope } from '../index.ts';

const version = '1.0.0';
const hashOf = (definition: string | Definition): string | undefined => {
  const { flow: compiled, diagnostics } = compileFlow(definition, { file: 'test.yaml', callables });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(typeof definition === 'string' ? errors.map((error) => formatDiagnostic(error, definition)) : errors, []);
  return compiled?.hash;
};

interface Case {
  readonly name: string;
  readonly yaml: string;
  readonly built: Definition;
}

/** Most constructs, in a flow that has nothing else. */
function body(build: (s: Scope<'disk' | 'net'>) => void): Definition {
  return flow('a/b', { version, limits: { disk: { concurrent: 2 }, net: { rate: '2/s' } } }, build);
}

const Judged = {
  type: 'object',
  required: ['score', 'hint', 'next'],
  properties: { score: { type: 'number' }, hint: { type: 'string' }, next: { enum: ['write', 'done'] } },
} as const;

const head = 'flow: a/b\nversion: "1.0.0"\n';
const limits = 'limits: { disk: { concurrent: 2 }, net: { rate: 2/s } }\n';

const cases: readonly Case[] = [
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
    name: 'states with fixed, guarded and computed transitions, `max`, `latest`, `visits` and a catch that goes on elsewhere',
    yaml: `${head}input: { path: { type: string } }
states:
  write: { uses: core/agent, with: { model: m, prompt: "\${ review?.hint ?? \\"\\" }" }, returns: { type: string }, next: review }
  review:
    max: 4
    uses: core/agent
    with: { model: m, prompt: "\${ write }" }
    returns: { type: object, required: [score, hint, next], properties: { score: { type: number }, hint: { type: string }, next: { enum: [write, done] } } }
    next:
      - { if: "\${ review.score >= 8 }", to: done }
      - { to: "\${ review.next }" }
    catch:
      - { errors: loop.exceeded, to: done }
      - { if: "\${ visits > 2 }", to: done }
  done: { value: { text: "\${ write }", visits: "\${ visits }" } }
output: "\${ done.text }"`,
    built: flow('a/b', { version, input: { path: { type: 'string' } } }, (s) =>
      s.states(['write', 'review', 'done'], (s) => {
        const write = s.step('write', 'core/agent', {
          with: { model: 'm', prompt: $.or(s.latest('review').hint, '') },
          returns: { type: 'string' },
          next: 'review',
        });
        s.step('review', 'core/agent', {
          max: 4,
          with: { model: 'm', prompt: write },
          returns: Judged,
          next: (review) => [{ if: $`${review.score} >= 8`, to: 'done' }, { to: review.next }],
          catch: (caught) => [caught.to('done', { errors: 'loop.exceeded' }), caught.to('done', { if: $`${s.visits} > 2` })],
        });
        const done = s.value('done', { text: write, visits: s.visits });
        return done.text;
      }),
    ),
  },
  {
    name: 'states of every body, in a scope, in an each and in a state, in the order of their names',
    yaml: `${head}${limits}steps:
  outer:
    timeout: 5m
    states:
      first:
        states: { one: { value: 1, next: two }, two: { value: "\${ prev ?? 0 }" } }
        output: "\${ two }"
        next: many
      many: { each: { in: [a, b], as: path, key: "\${ path }" }, uses: book/toc, with: { path: "\${ path }" }, limit: disk, next: last }
      last: { if: "\${ many.ok.size() > 0 }", steps: { a: { value: 1 } } }
  parts:
    each: { in: [1, 2] }
    states: { go: { value: "\${ item }", next: end }, end: { value: "\${ prev }" } }`,
    built: body((s) => {
      s.scope('outer', { timeout: '5m' }, (s) =>
        s.states(['first', 'many', 'last'], (s) => {
          const last = (ref: RefOf<boolean>): unknown => s.scope('last', { if: ref }, (s) => void s.value('a', 1));
          s.scope('first', { next: 'many' }, (s) =>
            s.states(['one', 'two'], (s) => {
              s.value('one', 1, { next: 'two' });
              return s.value('two', $.or(s.prev, 0));
            }),
          );
          const many = s.each(
            'many',
            { in: ['a', 'b'], as: 'path', key: (path) => path, limit: 'disk', next: 'last' },
            'book/toc',
            (path) => ({
              path,
            }),
          );
          last($`${many.ok}.size() > 0`);
        }),
      );
      s.each('parts', { in: [1, 2] }, (item, s) =>
        s.states(['go', 'end'], (s) => {
          s.value('end', s.prev);
          s.value('go', item, { next: 'end' });
        }),
      );
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

for (const { name, yaml, built } of cases) {
  test(`${name}: YAML and the builder give the same object and the same hash`, () => {
    assert.deepEqual(built, parse(yaml));
    assert.equal(hashOf(built), hashOf(yaml));
  });

  test(`${name}: as printed it has the same hash`, () => {
    assert.deepEqual(parse(printFlow(built)), built);
    assert.equal(hashOf(printFlow(built)), hashOf(yaml));
    assert.equal(hashOf(printFlow(yaml)), hashOf(yaml));
  });
}

test('a profile is applied to what the builder gives as to YAML', () => {
  const { yaml, built } = cases.find(({ name }) => name === 'profiles')!;
  const [fromYaml, fromBuilder] = [yaml, built].map((source) => compileFlow(source, { file: 'a', callables, profile: 'test' }).flow);
  assert.equal(fromBuilder?.hash, fromYaml?.hash);
  assert.deepEqual(fromBuilder?.run, { mode: 'strict', limit: 5 });
});

test('references print themselves', () => {
  flow('a/b', { version }, (s, _, run) => {
    const a = s.step('a', 'book/scan', { with: { folder: 'x' } });
    const cases: readonly (readonly [unknown, string])[] = [
      [a.books, '${ a.books }'],
      [a['two words'].then, '${ a["two words"].then }'],
      [a[0].b, '${ a[0].b }'],
      [$.maybe(a).books.size, '${ a?.books?.size }'],
      [$.maybe(a)['two words'], '${ a?.["two words"] }'],
      [$.or(a.n, [1, { b: a.c }]), '${ a.n ?? [1, {"b": a.c}] }'],
      [$.at(a.books, 3), '${ a.books[3] }'],
      [$.at(a.books, $`${a.n} + 1`), '${ a.books[a.n + 1] }'],
      [$`${a.x} || ${a.y}`.z, '${ (a.x || a.y).z }'],
      [$`!${$`${a.x} || ${a.y}`}`, '${ !(a.x || a.y) }'],
      [$` ${$`${a.x} || ${a.y}`} `, '${ a.x || a.y }'],
      [$`${a.list}.join("\n")`, '${ a.list.join("\\n") }'],
      [$`${run.mode} in ${['strict', 'flexible']} && ${null} != ${true}`, '${ run.mode in ["strict", "flexible"] && null != true }'],
    ];
    for (const [ref, text] of cases) {
      assert.equal(`${ref}`, text);
      assert.equal(inspect(ref), text);
    }
  });
});

test('what is no data of a flow is refused where it is given', () => {
  const build = (body: (s: Scope) => unknown) => (): Definition => flow('a/b', { version }, (s) => body(s) as void);
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [build((s) => s.value('a', { at: [new Date(0)] } as never)), /the value of 'a'\.at\[0\] is a Date/],
    [build((s) => s.value('a', [undefined] as never)), /the value of 'a'\[0\] is undefined/],
    [build((s) => s.step('a', 'book/scan', { with: { folder: (() => 1) as never } })), /`with`\.folder is a function/],
    [build((s) => s.states(['a', 'b'], (s) => s.value('a', 1))), /the flow names states that it does not add: b/],
    [build((s) => s.states(['a'], (s) => s.value('b' as 'a', 1))), /the flow names states that it does not add: a/],
    [build((s) => s.states(['a'], (s) => [s.value('a', 1), s.value('b' as 'a', 1)])), /the flow adds states that it does not name: b/],
    [build((s) => void s.states(['a'], (s) => s.value('a', 1))), /the body of the flow makes states and does not return them/],
    [build((s) => (s.value('b', 1), s.states(['a'], (s) => s.value('a', 1)))), /the flow has steps and states/],
    [build((s) => ({ ...s.value('a', 1) })), /a } stands for a value that is not there yet/],
    [build((s) => [s.value('a', 1), s.value('a', 2)]), /the flow has a step 'a' already/],
    [build(async (s) => void s.value('a', 1)), /the body of the flow is async/],
    [build((s) => s.value('a', 1, { needs: [$`${null} == 1`] })), /`needs` takes steps as the scope gave them, not 'null == 1'/],
    [build((s) => s.value('a', $`${undefined}`)), /an expression takes references and JSON, not a undefined/],
    [
      () => flow('a/b', { version, input: z.object({ n: z.int().optional() }) }, () => 1),
      /the input 'n' may be left out and has no default/,
    ],
    [() => flow('a/b', { version, input: z.string() }, () => 1), /a flow's input is an object/],
    [() => flow('a/b', { version, input: { '~standard': { version: 1 } } as never }, () => 1), /this schema gives no JSON Schema/],
  ];
  for (const [attempt, message] of wrong) {
    assert.throws(attempt, { name: 'TypeError', message });
  }
});

test('a step that is added after its body ended is refused', () => {
  let late: Scope | undefined;
  flow('a/b', { version }, (s) => {
    late = s;
    s.value('a', 1);
  });
  assert.throws(() => late?.value('b', 2), /the step 'b' comes too late for the flow/);
});

test('a mistake is told at the builder’s call, with the step’s path', () => {
  const built = flow('a/b', { version }, (s) => {
    s.scope('outer', (s) => {
      s.step('inner', 'book/toc', { with: { paht: 'a' }, retry: { max: 0 } });
    });
  });
  const line = lineOf("s.step('inner'");
  const { flow: compiled, diagnostics } = compileFlow(built, { file: 'a/b', callables });
  assert.equal(compiled, null);
  assert.deepEqual(
    diagnostics.map(({ code, path, line }) => ({ code, path, line })),
    [
      { code: 'unknown_input', path: 'outer/inner', line },
      { code: 'wrong_shape', path: 'outer/inner', line },
    ],
  );
  assert.ok(diagnostics.every(({ file }) => file.endsWith('/builder/builder.test.ts')));
});

test('the positions of steps are those of the builder’s calls', () => {
  const built = flow('a/b', { version }, (s) => {
    s.each('items', { in: [1] }, (n, s) => {
      s.value('double', $`${n} * 2`);
    });
  });
  const { positions } = compileFlow(built, { file: 'a/b', callables });
  assert.equal(positions['items']?.line, lineOf("s.each('items'"));
  assert.equal(positions['items/double']?.line, lineOf("s.value('double'"));
  assert.ok(positions['items']?.file?.endsWith('builder.test.ts'));
});

/** Where this file first says `text`. */
function lineOf(text: string): number {
  return (
    readFileSync(new URL(import.meta.url), 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}
