import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from './evaluate.ts';
import { ExprFailure } from './failure.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

const results = Array.from({ length: 3 }, (_, index) => ({ key: `k${index}`, n: index }));

const data: { readonly [name: string]: Value } = {
  yes: true,
  no: false,
  nothing: null,
  n: 7,
  half: 0.5,
  text: 'Hello, wörld',
  smile: 'a😀b',
  list: [3, 1, 2],
  words: ['b', 'a', 'c', 'a'],
  mixed: [1, 'a', null, true, [1], { a: 1 }],
  empty: [],
  review: { score: 8.5, verdict: 'accept', notes: ['x', 'y'], author: null, 'last-name': 'Doe' },
  issues: [
    { severity: 'error', line: 3 },
    { severity: 'warning', line: null },
    { severity: 'warning', line: 9, tags: ['a', 'b'] },
  ],
  books: { ok: new Collection('ok', 3, ['p'], () => results), failed: new Collection('failed', 0, [], () => []) },
};

const names = (name: string): Value | undefined => (Object.hasOwn(data, name) ? data[name] : undefined);

type Case = readonly [source: string, value: Value];

const values: { readonly [topic: string]: readonly Case[] } = {
  literals: [
    ['null', null],
    ['true', true],
    ['false', false],
    ['12', 12],
    ['-12', -12],
    ['- 3.5e2', -350],
    ['1.25', 1.25],
    ['2E-2', 0.02],
    ['0x1F', 31],
    ['.5e1', 5],
    ['[.5, -.5]', [0.5, -0.5]],
    ['-0', 0],
    ['"a"', 'a'],
    ["'a\"b'", 'a"b'],
    ['"\\n\\t\\"\\u00e9\\x41\\101\\U0001F600"', '\n\t"éAA😀'],
    ['r"a\\nb"', 'a\\nb'],
    ['"""a\n"b" """', 'a\n"b" '],
    ['[]', []],
    ['[1, "a", [true], ]', [1, 'a', [true]]],
    ['{}', {}],
    ['{a: 1, "b c": 2, in: 3, ("d" + "e"): 4,}', { a: 1, 'b c': 2, in: 3, de: 4 }],
    ['1 // one', 1],
    [' \n 1 + // one\n 1', 2],
  ],
  paths: [
    ['n', 7],
    ['review.score', 8.5],
    ['review["last-name"]', 'Doe'],
    ['review.`last-name`', 'Doe'],
    ['review?.`last-name`.size()', 3],
    ['{"a/b.c d": 1}.`a/b.c d`', 1],
    ['review[words[0] + "ad"]', null],
    ['review.absent', null],
    ['review.author', null],
    ['review.author?.name', null],
    ['review.author?.name.first.letter', null],
    ['review.author?.name[n].map(x, x + 1).size()', null],
    ['review.author?.["name"]', null],
    ['nothing?.size()', null],
    ['nothing?.map(x, x)', null],
    ['nothing?.x == null', true],
    ['review?.score', 8.5],
    ['review?.notes[1]', 'y'],
    ['review.notes[5]', null],
    ['review.notes[-1]', null],
    ['issues[0].severity', 'error'],
    ['issues[0]["line"]', 3],
    ['(nothing?.a) == null', true],
    ['{a: {b: [5]}}.a.b[0]', 5],
    ['[[1, 2], [3]][0][1]', 2],
    ['no?0.5:1', 1],
    ['no?.5:1', 1],
    ['{if: 1, in: 2}.if + {in: 2}.in', 3],
  ],
  arithmetic: [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3.5],
    ['int(7 / 2)', 3],
    ['int(-7 / 2)', -3],
    ['7 % 3', 1],
    ['-7 % 3', -1],
    ['5.5 % 2', 1.5],
    ['2 - 3 - 4', -5],
    ['-n', -7],
    ['--n', 7],
    ['- -3', 3],
    ['0 * -1', 0],
    ['n * half', 3.5],
    ['"a" + "b" + text', 'abHello, wörld'],
    ['[1] + [] + ["a"]', [1, 'a']],
    ['books.ok + [1]', [...results, 1]],
  ],
  comparison: [
    ['1 < 2', true],
    ['2 <= 2', true],
    ['2 > 2', false],
    ['2 >= 3', false],
    ['"a" < "b"', true],
    ['"B" < "a"', true],
    ['"a" >= "ab"', false],
    ['"\\U0001F600" < "\\uffff"', true],
    ['false < true', true],
    ['1 == 1.0', true],
    ['1 == "1"', false],
    ['null == null', true],
    ['nothing == review.absent', true],
    ['[1, [2]] == [1, [2]]', true],
    ['[1, 2] == [2, 1]', false],
    ['{a: 1, b: [2]} == {b: [2], a: 1}', true],
    ['{a: 1} == {a: 1, b: null}', false],
    ['{a: null} == {b: null}', false],
    ['[] == {}', false],
    ['books.ok == books.ok.map(b, b)', true],
    ['"a" != "b"', true],
    ['2 in list', true],
    ['5 in list', false],
    ['{a: 1} in mixed', true],
    ['[1] in mixed', true],
    ['null in mixed', true],
    ['"score" in review', true],
    ['"absent" in review', false],
    ['"toString" in review', false],
    ['{key: "k1", n: 1} in books.ok', true],
    ['1 + 1 in [2]', true],
  ],
  logic: [
    ['yes && no', false],
    ['yes || no', true],
    ['no && nothing.x', false],
    ['yes || nothing.x', true],
    ['nothing.x && no', false],
    ['nothing.x || yes', true],
    ['absent || yes', true],
    ['n && no', false],
    ['n || 1 / 0 > 1 || yes', true],
    ['(nothing.x || yes) && !(nothing.x && no)', true],
    ['!yes', false],
    ['!!yes', true],
    ['yes || no && no', true],
    ['(yes || no) && no', false],
    ['!no && n > 3', true],
    ['n > 3 ? "big" : "small"', 'big'],
    ['no ? 1 : no ? 2 : 3', 3],
    ['yes ? nothing : nothing.x', null],
    ['nothing ?? 1', 1],
    ['n ?? nothing.x', 7],
    ['nothing ?? review.absent ?? 3', 3],
    ['no ?? true', false],
    ['nothing?.x ?? []', []],
    ['(nothing ?? 1) + 1', 2],
    ['nothing ?? (no ? 1 : 2)', 2],
    ['nothing ?? no ? 1 : 2', 2],
    ['has(review.score)', true],
    ['has(review.author)', true],
    ['has(review.absent)', false],
    ['has(review["last-name"])', true],
    ['has(review.`last-name`)', true],
    ['has(nothing?.x)', false],
    ['has(nothing?.x.y)', false],
    ['has(review.notes[1])', true],
    ['has(review.notes[2])', false],
    ['has(books.ok[2])', true],
    ['has(review.toString)', false],
  ],
  macros: [
    ['list.all(x, x > 0)', true],
    ['list.all(x, x > 1)', false],
    ['empty.all(x, nothing.y)', true],
    ['list.exists(x, x == 2)', true],
    ['empty.exists(x, true)', false],
    ['words.exists_one(w, w == "b")', true],
    ['words.exists_one(w, w == "a")', false],
    ['list.map(x, x * 2)', [6, 2, 4]],
    ['list.map(x, x > 1, x * 2)', [6, 4]],
    ['list.filter(x, x != 1)', [3, 2]],
    ['issues.filter(i, i.severity == "error").size()', 1],
    ['issues.map(i, i.tags ?? [])', [[], [], ['a', 'b']]],
    [
      'list.map(x, list.map(y, x * y))',
      [
        [9, 3, 6],
        [3, 1, 2],
        [6, 2, 4],
      ],
    ],
    [
      'list.map(x, words.filter(w, w == "a").map(w, w + string(x)))',
      [
        ['a3', 'a3'],
        ['a1', 'a1'],
        ['a2', 'a2'],
      ],
    ],
    [
      'list.map(x, [x].map(x, x + 1) + [x])',
      [
        [4, 3],
        [2, 1],
        [3, 2],
      ],
    ],
    ['review.map(key, key)', ['score', 'verdict', 'notes', 'author', 'last-name']],
    ['review.exists(key, key == "score")', true],
    ['books.ok.map(b, b.key)', ['k0', 'k1', 'k2']],
    ['books.failed.map(b, b.key)', []],
    ['books.ok.filter(b, b.n > 0).map(b, b.n).sum()', 3],
    ['list.exists(x, x == 3 || nothing.y)', true],
    ['list.exists(x, 6 / (3 - x) == 3)', true],
    ['list.all(x, 6 / (3 - x) == 3)', false],
    ['list.exists(x, list.all(y, 6 / (3 - y) == x))', false],
  ],
  text: [
    ['text.size()', 12],
    ['smile.size()', 3],
    ['size(text)', 12],
    ['text.contains("wör")', true],
    ['text.contains("xyz")', false],
    ['contains(text, "")', true],
    ['text.startsWith("Hell")', true],
    ['text.endsWith("ld")', true],
    ['text.lower()', 'hello, wörld'],
    ['text.upper()', 'HELLO, WÖRLD'],
    ['"  a b\\n".trim()', 'a b'],
    ['"\\u0085\\u3000a\\ufeff".trim()', 'a\ufeff'],
    ['"  ".trim()', ''],
    ['"a,b,,c".split(",")', ['a', 'b', '', 'c']],
    ['"abc".split(",")', ['abc']],
    ['"a,b,,c".split(",", 2)', ['a', 'b,,c']],
    ['"a,b".split(",", 9)', ['a', 'b']],
    ['"a,b".split(",", -1)', ['a', 'b']],
    ['"a,b".split(",", 0)', []],
    ['smile.split("", 2)', ['a', '😀b']],
    ['smile.split("")', ['a', '😀', 'b']],
    ['"".split("")', []],
    ['"".split(",")', ['']],
    ['words.join(", ")', 'b, a, c, a'],
    ['words.join()', 'baca'],
    ['empty.join("x")', ''],
    ['"banana".replace("an", "AN")', 'bANANa'],
    ['"banana".replace("x", "y")', 'banana'],
    ['"aaa".replace("aa", "b")', 'ba'],
    ['"aaa".replace("a", "bc", 2)', 'bcbca'],
    ['"aaa".replace("a", "b", 0)', 'aaa'],
    ['"aaa".replace("a", "b", -1)', 'bbb'],
    ['"a".replace("a", "$&")', '$&'],
    ['smile.indexOf("b")', 2],
    ['"😀a😀a".indexOf("a", 2)', 3],
    ['smile.indexOf("", 3)', 3],
    ['text.indexOf("zz")', -1],
    ['text.indexOf("H")', 0],
    ['smile.substring(1)', '😀b'],
    ['smile.substring(1, 2)', '😀'],
    ['smile.substring(3)', ''],
    ['smile.substring(0, 3)', 'a😀b'],
    ['smile.slice(-1)', 'b'],
    ['smile.slice(0, -1)', 'a😀'],
    ['smile.slice(1, 2)', '😀'],
    ['smile.slice(2, 1)', ''],
    ['smile.slice(0, 99)', 'a😀b'],
    ['smile.slice(-9)', 'a😀b'],
    ['"x".size().string().size()', 1],
  ],
  lists: [
    ['list.size()', 3],
    ['review.size()', 5],
    ['books.ok.size()', 3],
    ['list.contains(2)', true],
    ['mixed.contains({a: 1})', true],
    ['books.ok.contains(3)', false],
    ['words.indexOf("a")', 1],
    ['mixed.indexOf([1])', 4],
    ['words.indexOf("z")', -1],
    ['list.slice(1)', [1, 2]],
    ['list.slice(0, 1)', [3]],
    ['list.slice(-2)', [1, 2]],
    ['list.slice(5)', []],
    ['[[1], [], [2, [3]], 4].flatten()', [1, 2, [3], 4]],
    ['[books.ok, [1]].flatten().size()', 4],
    ['list.sort()', [1, 2, 3]],
    ['[10, 9, -1, 2.5].sort()', [-1, 2.5, 9, 10]],
    ['words.sort()', ['a', 'a', 'b', 'c']],
    ['["b", "B", "a", "é"].sort()', ['B', 'a', 'b', 'é']],
    ['empty.sort()', []],
    ['list.reverse()', [2, 1, 3]],
    ['words.distinct()', ['b', 'a', 'c']],
    ['[1, "1", 1.0, [1], [1], {a: 1, b: 2}, {b: 2, a: 1}, null, null].distinct()', [1, '1', [1], { a: 1, b: 2 }, null]],
    ['list.sum()', 6],
    ['empty.sum()', 0],
    ['list.min()', 1],
    ['list.max()', 3],
    ['words.max()', 'c'],
    ['empty.min()', null],
    ['min(3, 2)', 2],
    ['max(n, half)', 7],
    ['{b: 1, a: 2}.keys()', ['b', 'a']],
    ['{b: 1, a: 2}.values()', [1, 2]],
    ['{b: 1}.entries()', [{ key: 'b', value: 1 }]],
  ],
  conversion: [
    ['int(3.9)', 3],
    ['int(-3.9)', -3],
    ['int("-12")', -12],
    ['double("1.5e3")', 1500],
    ['double(".5")', 0.5],
    ['double(2)', 2],
    ['string(1.5)', '1.5'],
    ['string(1e21)', '1e+21'],
    ['string(true)', 'true'],
    ['string("a")', 'a'],
    ['bool("true")', true],
    ['bool("false")', false],
    ['["1", "t", "TRUE", "True"].all(x, bool(x))', true],
    ['["0", "f", "FALSE", "False"].exists(x, bool(x))', false],
    ['dyn(list)', [3, 1, 2]],
    ['dyn(nothing)', null],
    ['bool(yes)', true],
    ['json({a: [1, "x", null], b: nothing})', '{"a":[1,"x",null],"b":null}'],
    ['json(books.ok.size())', '3'],
    ['json(books).size() > 40', true],
    ['json("\\"")', '"\\""'],
    ['[nothing, yes, n, text, list, review, books.ok].map(v, type(v))', ['null', 'bool', 'num', 'str', 'list', 'obj', 'collection']],
    ['round(2.5)', 3],
    ['round(-2.5)', -3],
    ['round(2.4)', 2],
    ['round(0.49999999999999994)', 0],
    ['round(-0.2)', 0],
    ['round(1.005, 2)', 1.01],
    ['round(-2.345, 2)', -2.35],
    ['round(12, 0)', 12],
    ['floor(-1.5)', -2],
    ['ceil(-1.5)', -1],
    ['ceil(-0.5)', 0],
    ['abs(-3)', 3],
  ],
  prototypes: [
    ['review.__proto__', null],
    ['review.constructor', null],
    ['review["constructor"]', null],
    ['review.hasOwnProperty', null],
    ['{}.prototype', null],
    ['{}.__proto__?.polluted', null],
    ['{"__proto__": 1}.__proto__', 1],
    ['{"__proto__": {a: 1}}.a', null],
    ['{constructor: 1}.constructor', 1],
    ['"__proto__" in {}', false],
    ['{"__proto__": 1}.keys()', ['__proto__']],
    ['json({"__proto__": 1})', '{"__proto__":1}'],
    ['{"__proto__": 1} == {"__proto__": 1}', true],
    ['{} == {"__proto__": 1}', false],
    ['has({}.toString)', false],
  ],
};

for (const [topic, cases] of Object.entries(values)) {
  describe(topic, () => {
    for (const [source, expected] of cases) {
      test(source, () => assert.deepEqual(evaluate(source, names), expected));
    }
  });
}

/** The failing part stands between « and ». */
const failures: readonly (readonly [marked: string, code: string, message: string])[] = [
  ['«absent»', 'no_such_name', "'absent' is not visible here"],
  ['«toString»', 'no_such_name', "'toString' is not visible here"],
  ['nothing.«x»', 'null_value', 'nothing is null — use nothing?.x'],
  ['review.author.«name»', 'null_value', 'review.author is null — use review.author?.name'],
  ['nothing[«0»]', 'null_value', 'nothing is null — use nothing?.[…]'],
  ['(nothing?.x).«y»', 'null_value', 'nothing?.x is null — use nothing?.x?.y'],
  ['n.«x»', 'no_such_field', 'n is num, which has no fields'],
  ['list.«length»', 'no_such_field', 'list is list, which has no fields'],
  ['books.ok.«size»', 'no_such_field', 'books.ok is collection, which has no fields'],
  ['text[«0»]', 'no_overload', '[ ] is for list|obj, not str: use .slice(from, to)'],
  ['list[«0.5»]', 'no_overload', 'the index of a list is int, not 0.5'],
  ['list[«"a"»]', 'no_overload', 'the index of a list is int, not str'],
  ['review[«1»]', 'no_overload', 'keys of an object are str, not num'],
  ['«n + text»', 'no_overload', "'+' is for num|str|list, both sides alike; it was given num and str"],
  ['«n + nothing»', 'null_value', "'+' is for num|str|list, and was given null — give a default: (… ?? default)"],
  ['«text * 2»', 'no_overload', "'*' is for num, both sides alike; it was given str and num"],
  ['«n < text»', 'no_overload', "'<' is for num|str|bool, both sides alike; it was given num and str"],
  ['«list < list»', 'no_overload', "'<' is for num|str|bool, both sides alike; it was given list and list"],
  ['1 + «n / 0»', 'divide_by_zero', "'/' by 0"],
  ['«n % 0»', 'divide_by_zero', "'%' by 0"],
  ['«1e308 * 10»', 'overflow', 'the result is too large for a number'],
  ['«[1e308, 1e308].sum()»', 'overflow', 'the sum is too large for a number'],
  ['«n in text»', 'no_overload', "'in' is for list|obj; it was given str"],
  ['«n in review»', 'no_overload', 'keys of an object are str, not num'],
  ['«-text»', 'no_overload', "'-' is for num; it was given str"],
  ['!«n»', 'not_a_bool', "what follows '!' is bool, and n is num"],
  ['yes && «n»', 'not_a_bool', "a side of '&&' is bool, and n is num"],
  ['«nothing» || no', 'null_value', "nothing is null; a side of '||' is bool — use (nothing ?? false)"],
  ['nothing.«x» && yes', 'null_value', 'nothing is null — use nothing?.x'],
  ['nothing.«x» || absent', 'null_value', 'nothing is null — use nothing?.x'],
  ['no || «1 / 0» > 1', 'divide_by_zero', "'/' by 0"],
  ['list.exists(x, «x / 0» == 17 || nothing.y)', 'divide_by_zero', "'/' by 0"],
  ['list.all(x, x != nothing.«y»)', 'null_value', 'nothing is null — use nothing?.y'],
  ['list.exists_one(x, «6 / (3 - x)» == 3)', 'divide_by_zero', "'/' by 0"],
  ['«text» ? 1 : 2', 'not_a_bool', "the condition before '?' is bool, and text is str"],
  ['list.filter(x, «x»)', 'not_a_bool', 'the condition of filter is bool, and x is num'],
  ['list.map(x, «x», x)', 'not_a_bool', 'the condition of map is bool, and x is num'],
  ['«nothing».map(x, x)', 'null_value', 'nothing is null; .map() is for list|obj — use (nothing ?? [])'],
  ['n.«all»(x, x)', 'no_overload', '.all() is for list|obj, not num'],
  ['«nothing».size()', 'null_value', 'nothing is null; .size() is for str|list|obj — use (nothing ?? default)'],
  ['n.«size»()', 'no_overload', '.size() takes (str) or (list) or (obj); it was given (num)'],
  ['text.contains(«nothing»)', 'null_value', 'nothing is null; .contains() takes (str, str) or (list, any) — use (nothing ?? default)'],
  ['list.«join»(",")', 'no_overload', '.join() takes (list<str>, str?); it was given (list, str)'],
  ['mixed.«sort»()', 'no_overload', '.sort() takes (list<num>) or (list<str>); it was given (list)'],
  ['«size»()', 'no_overload', 'size takes (str) or (list) or (obj)'],
  ['n.«foo»(1)', 'no_such_function', "there is no function 'foo'"],
  ['n.«constructor»()', 'no_such_function', "there is no function 'constructor'"],
  ['«int("1.5")»', 'bad_argument', '"1.5" does not show a whole number'],
  ['«double("x")»', 'bad_argument', '"x" does not show a number'],
  ['«double("1e999")»', 'bad_argument', '"1e999" does not show a number'],
  ['«int(1e19)»', 'overflow', '10000000000000000000 is too large for a whole number'],
  ['«int("-9223372036854775808")»', 'overflow', '-9223372036854776000 is too large for a whole number'],
  ['«smile.substring(-1)»', 'bad_argument', 'the index -1 lies outside the text; .slice(from, to) takes any index'],
  ['«smile.substring(1, 4)»', 'bad_argument', 'the index 4 lies outside the text; .slice(from, to) takes any index'],
  ['«smile.substring(2, 1)»', 'bad_argument', 'substring was asked to end at 1, before its start at 2'],
  ['«smile.indexOf("b", 4)»', 'bad_argument', 'the index 4 lies outside the text; .slice(from, to) takes any index'],
  ['«bool("yes")»', 'bad_argument', '"yes" is neither "true" nor "false"'],
  ['«round(1, 20)»', 'bad_argument', 'round takes 0 to 15 decimals, not 20'],
  ['«"a".replace("", "b")»', 'bad_argument', 'replace was given an empty text to look for'],
  ['{(«n»): 1}', 'no_overload', 'keys of an object are str, not num'],
  ['{a: 1, «"a"»: 2}', 'duplicate_key', 'the key "a" is given twice'],
  ['has(«n.x»)', 'no_overload', 'has is for a field of obj, not of num'],
];

describe('failures say what, where and what to do', () => {
  for (const [marked, code, message] of failures) {
    test(marked, () => {
      const source = marked.replace('«', '').replace('»', '');
      const failure = failureOf(() => evaluate(source, names));
      assert.deepEqual([failure.code, failure.message], [code, message]);
      assert.equal(`${source.slice(0, failure.from)}«${source.slice(failure.from, failure.to)}»${source.slice(failure.to)}`, marked);
      assert.equal(failure.source, source);
    });
  }
});

test('a result is made anew each time', () => {
  const first = evaluate('{a: [1]}', names);
  assert.deepEqual(first, evaluate('{a: [1]}', names));
  assert.notEqual(first, evaluate('{a: [1]}', names));
});

test('what names throw passes through', () => {
  const broken = (): never => {
    throw new TypeError('the page is gone');
  };
  assert.throws(() => evaluate('a + 1', broken), TypeError);
});

test('names are asked for only where the path of evaluation reads them', () => {
  const asked: string[] = [];
  const asking = (name: string): Value => {
    asked.push(name);
    return name === 'a';
  };
  assert.equal(evaluate('a || b', asking), true);
  assert.deepEqual(asked, ['a']);
});

test('more programs than are kept give the right values', () => {
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 5000; index++) assert.equal(evaluate(`${index} + n`, names), index + 7);
  }
});

function failureOf(work: () => unknown): ExprFailure {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ExprFailure, `${error}`);
    return error;
  }
  return assert.fail('nothing failed');
}
