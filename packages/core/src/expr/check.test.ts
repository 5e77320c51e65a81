import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Schema } from '../json.ts';
import { checkExpr } from './check.ts';
import { typeOfSchema } from './schema-type.ts';
import { showType } from './type-text.ts';
import type { Type } from './type.ts';

const issue: Schema = {
  type: 'object',
  required: ['severity', 'text'],
  properties: { severity: { enum: ['error', 'warning'] }, text: { type: 'string' }, line: { type: ['integer', 'null'] } },
};
const review: Schema = {
  type: 'object',
  required: ['score', 'verdict', 'issues'],
  properties: {
    score: { type: 'number' },
    verdict: { enum: ['accept', 'revise', 'reject'] },
    notes: { type: 'array', items: { type: 'string' } },
    issues: { type: 'array', items: issue },
    'last-name': { type: 'string' },
  },
};
const result: Schema = {
  oneOf: [
    { type: 'object', required: ['ok', 'value'], properties: { ok: { const: true }, value: { type: 'number' } } },
    { type: 'object', required: ['ok', 'error'], properties: { ok: { const: false }, error: { type: 'string' } } },
  ],
};
const shape: Schema = {
  oneOf: [
    { type: 'object', required: ['kind', 'radius'], properties: { kind: { const: 'circle' }, radius: { type: 'number' } } },
    { type: 'object', required: ['kind', 'side'], properties: { kind: { const: 'square' }, side: { type: 'integer' } } },
    { type: 'object', required: ['kind'], properties: { kind: { enum: ['point', 'none'] } } },
  ],
};

const names: { readonly [name: string]: Type } = Object.fromEntries(
  Object.entries({
    review,
    draft: { anyOf: [review, { type: 'null' }] },
    result,
    shape,
    n: { type: 'integer' },
    x: { type: 'number' },
    text: { type: 'string' },
    maybe: { type: ['string', 'null'] },
    flag: { type: 'boolean' },
    unsure: { type: ['boolean', 'null'] },
    mode: { enum: ['strict', 'flexible', 'best_effort'] },
    words: { type: 'array', items: { type: 'string' } },
    numbers: { type: 'array', items: { type: 'number' } },
    counts: { type: 'object', additionalProperties: { type: 'integer' } },
    blank: { type: 'object' },
    books: {
      type: 'object',
      required: ['ok', 'failed'],
      properties: {
        ok: { collection: review },
        failed: { collection: { type: 'object', required: ['key'], properties: { key: { type: 'string' } } } },
      },
    },
    anything: true,
    either: { type: ['string', 'array'], items: { type: 'integer' } },
  } satisfies { [name: string]: Schema }).map(([name, schema]) => [name, typeOfSchema(schema)]),
);

/** Expressions that have nothing wrong with them, and the type of their value. */
const types: { readonly [topic: string]: readonly (readonly [source: string, type: string])[] } = {
  literals: [
    ['null', 'null'],
    ['true', 'true'],
    ['1', '1'],
    ['1.5', '1.5'],
    ['"a"', '"a"'],
    ['[]', 'list<never>'],
    ['[1, "a", null]', 'list<1|"a"|null>'],
    ['{a: n, "b": [text]}', '{a: int, b: list<str>}'],
    ['{(text): n}', '{*: int}'],
    ['{a: 1, (text): "x"}', '{a: 1, *: "x"}'],
  ],
  paths: [
    ['review.score', 'num'],
    ['review.notes', 'list<str>|null'],
    ['review["last-name"]', 'str|null'],
    ['review.issues[0]', '{severity: "error"|"warning", text: str, line?: int|null}|null'],
    ['review.issues[0]?.line', 'int|null'],
    ['draft?.score', 'num|null'],
    ['draft?.issues.map(i, i.text)', 'list<str>|null'],
    ['draft?.notes?.size()', 'int|null'],
    ['counts.a', 'int|null'],
    ['counts[text]', 'int|null'],
    ['blank.a.b.c', 'any'],
    ['anything.a[0]', 'any'],
    ['books.ok[0]?.score', 'num|null'],
    ['shape.radius', 'num|null'],
    ['{a: {b: n}}.a.b', 'int'],
    ['{a: n, b: text}[mode == "strict" ? "a" : "b"]', 'int|str'],
  ],
  operators: [
    ['n + 1', 'int'],
    ['n + x', 'num'],
    ['n / 2', 'num'],
    ['n % 2', 'int'],
    ['n * n - 1', 'int'],
    ['-n', 'int'],
    ['text + "a"', 'str'],
    ['words + ["a"]', 'list<str>'],
    ['words + numbers', 'list<num|str>'],
    [
      'books.ok + books.failed.map(f, f.key)',
      'list<str|{score: num, verdict: "accept"|"revise"|"reject", notes?: list<str>, issues: list<obj>, last-name?: str}>',
    ],
    ['anything + 1', 'num'],
    ['anything + anything', 'any'],
    ['anything < 3', 'bool'],
    ['text < "b" && n >= 2', 'bool'],
    ['n == x', 'bool'],
    ['maybe == null', 'bool'],
    ['text != null', 'bool'],
    ['mode in ["strict", "flexible"]', 'bool'],
    ['"a" in counts', 'bool'],
    ['!flag || flag', 'bool'],
    ['maybe ?? "x"', 'str'],
    ['maybe ?? n', 'int|str'],
    ['maybe ?? maybe', 'str|null'],
    ['draft?.notes ?? []', 'list<str>'],
    ['anything ?? 1', 'any'],
    ['flag ? 1 : "a"', '1|"a"'],
    ['flag ? mode : "none"', '"strict"|"flexible"|"best_effort"|"none"'],
    ['flag ? {a: 1} : {b: text}', '{a: 1}|{b: str}'],
    ['(flag ? {a: 1} : {b: text}).a', '1|null'],
  ],
  calls: [
    ['text.size()', 'int'],
    ['either.size()', 'int'],
    ['books.ok.size()', 'int'],
    ['words.join(", ")', 'str'],
    ['[words, words].flatten()', 'list<str>'],
    ['[n, [text]].flatten()', 'list<int|str>'],
    ['numbers.sum()', 'num'],
    ['[n].sum()', 'int'],
    ['numbers.max()', 'num|null'],
    ['min(n, x)', 'num'],
    ['min(n, 3)', 'int'],
    ['words.sort()', 'list<str>'],
    ['words.contains("a")', 'bool'],
    ['words.slice(1).reverse().distinct()', 'list<str>'],
    ['counts.values()', 'list<int>'],
    ['counts.entries()', 'list<{key: str, value: int}>'],
    ['{a: n, b: text}.values()', 'list<int|str>'],
    ['review.values()', 'list<any>'],
    ['review.keys()', 'list<str>'],
    ['type(n)', '"null"|"bool"|"num"|"str"|"list"|"obj"|"collection"'],
    ['json(draft)', 'str'],
    ['abs(n)', 'int'],
    ['abs(x)', 'num'],
    ['round(x)', 'int'],
    ['round(x, 2)', 'num'],
    ['anything.size()', 'int'],
    ['anything.slice(1)', 'str|list<any>'],
    ['anything.foo.map(a, a.b).flatten()', 'list<any>'],
  ],
  macros: [
    ['review.issues.exists(i, i.severity == "error")', 'bool'],
    ['review.issues.map(i, i.text.size())', 'list<int>'],
    ['review.issues.map(i, i.line != null, i.line + 1)', 'list<int>'],
    ['review.issues.filter(i, i.line != null).map(i, i.line + 1)', 'list<int>'],
    ['words.map(w, [w])', 'list<list<str>>'],
    ['books.ok.filter(b, b.score > 3).map(b, b.verdict)', 'list<"accept"|"revise"|"reject">'],
    ['counts.map(k, counts[k])', 'list<int|null>'],
    ['anything.all(a, a.b == 1)', 'bool'],
    ['[1, null, 2].filter(m, m != null)', 'list<1|2>'],
    ['["a", 1].filter(m, type(m) == "str")', 'list<"a">'],
  ],
  'null is tracked': [
    ['maybe != null ? maybe.size() : 0', 'int'],
    ['maybe == null ? 0 : maybe.size()', 'int'],
    ['maybe != null && maybe.size() > 3', 'bool'],
    ['maybe == null || maybe.size() > 3', 'bool'],
    ['!(maybe == null) && maybe.size() > 3', 'bool'],
    ['null != maybe && maybe != ""', 'bool'],
    ['draft != null && draft.notes != null && draft.notes.size() > 0', 'bool'],
    ['draft?.notes != null && draft.notes.size() > draft.score', 'bool'],
    ['draft?.verdict == "accept" ? draft.score : 0', 'num'],
    ['draft?.verdict in ["accept", "revise"] ? draft.verdict : "reject"', '"accept"|"revise"|"reject"'],
    ['has(review.notes) && review.notes.size() > 0', 'bool'],
    ['review["last-name"] != null ? review["last-name"] : text', 'str'],
    ['unsure ?? false ? unsure : false', 'bool'],
    ['(unsure ?? false) && unsure', 'bool'],
    ['"a" in counts ? counts.a : 0', 'int'],
    ['review.issues[0] != null ? review.issues[0].text : ""', 'str'],
    ['(maybe ?? "").size()', 'int'],
    ['maybe == null || flag ? "" : maybe', 'str'],
    ['(maybe == null && flag) || maybe == "x"', 'bool'],
    ['type(maybe) == "str" ? maybe : ""', 'str'],
    ['type(anything) == "list" ? anything : []', 'list<any>'],
    ['type(either) == "str" ? either : either.map(e, string(e)).join(",")', 'str'],
  ],
  'tags and literals narrow': [
    ['result.ok ? result.value : result.error', 'num|str'],
    ['result.ok == false ? result.error : string(result.value)', 'str'],
    ['!result.ok ? result.error : ""', 'str'],
    ['shape.kind == "circle" ? shape.radius : shape.kind == "square" ? shape.side : 0', 'num'],
    ['shape.kind != "circle" ? 0 : shape.radius', 'num'],
    ['shape.kind in ["circle"] ? shape.radius : 1', 'num'],
    ['shape.kind in ["point", "none", "square"] ? 0 : shape.radius', 'num'],
    ['mode == "strict" ? "x" : mode', '"x"|"flexible"|"best_effort"'],
    ['mode == "strict" ? mode : "x"', '"strict"|"x"'],
    ['mode != "strict" && mode != "flexible" ? mode : "best_effort"', '"best_effort"'],
    ['anything == "a" ? anything : "b"', '"a"|"b"'],
    ['[result].filter(r, r.ok).map(r, r.value)', 'list<num>'],
  ],
};

for (const [topic, cases] of Object.entries(types)) {
  describe(topic, () => {
    for (const [source, expected] of cases) {
      test(source, () => {
        const { type, issues } = checkExpr(source, names);
        assert.deepEqual(issues, []);
        assert.equal(showType(type), expected);
      });
    }
  });
}

describe('what an expression reads', () => {
  const reads: readonly (readonly [source: string, names: readonly string[]])[] = [
    ['1', []],
    ['n + review.score + n', ['n', 'review']],
    ['words.map(w, w + text)', ['words', 'text']],
    ['flag ? {a: mode} : [maybe]', ['flag', 'mode', 'maybe']],
    ['has(draft?.notes) || absent', ['draft', 'absent']],
  ];
  for (const [source, expected] of reads) test(source, () => assert.deepEqual(checkExpr(source, names).reads, expected));
});

describe('what a condition tells of the names that it reads', () => {
  const told: readonly (readonly [
    source: string,
    whenTrue: Readonly<Record<string, string>>,
    whenFalse: Readonly<Record<string, string>>,
  ])[] = [
    ['maybe != null', { maybe: 'str' }, { maybe: 'null' }],
    ['!(maybe == null)', { maybe: 'str' }, { maybe: 'null' }],
    ['maybe != null && n > 1', { maybe: 'str' }, { maybe: 'str|null' }],
    ['maybe == null || n > 1', { maybe: 'str|null' }, { maybe: 'str' }],
    ['flag', { flag: 'true' }, { flag: 'false' }],
    ['words.exists(w, w != "")', {}, {}],
    ['true', {}, {}],
  ];
  const shown = (of: Readonly<Record<string, Type>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(of).map(([name, type]) => [name, showType(type)]));
  for (const [source, whenTrue, whenFalse] of told) {
    test(source, () => {
      const checked = checkExpr(source, names);
      assert.deepEqual([shown(checked.whenTrue), shown(checked.whenFalse)], [whenTrue, whenFalse]);
    });
  }
});

test('names are own properties only', () => {
  const { issues } = checkExpr('constructor + toString + __proto__', {});
  assert.deepEqual(
    issues.map(({ code }) => code),
    ['no_such_name', 'no_such_name', 'no_such_name'],
  );
});
