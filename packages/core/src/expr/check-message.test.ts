import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Schema } from '../json.ts';
import { checkExpr } from './check.ts';
import { typeOfSchema } from './schema-type.ts';
import type { Type } from './type.ts';

const review: Schema = {
  type: 'object',
  required: ['score', 'verdict', 'issues'],
  properties: {
    score: { type: 'number' },
    verdict: { enum: ['accept', 'revise', 'reject'] },
    notes: { type: 'array', items: { type: 'string' } },
    issues: {
      type: 'array',
      items: { type: 'object', required: ['text'], properties: { text: { type: 'string' }, line: { type: ['integer', 'null'] } } },
    },
    'last-name': { type: 'string' },
  },
};

const names: { readonly [name: string]: Type } = Object.fromEntries(
  Object.entries({
    review,
    draft: { anyOf: [review, { type: 'null' }] },
    n: { type: 'integer' },
    x: { type: 'number' },
    text: { type: 'string' },
    maybe: { type: ['string', 'null'] },
    flag: { type: 'boolean' },
    unsure: { type: ['boolean', 'null'] },
    words: { type: 'array', items: { type: 'string' } },
    counts: { type: 'object', additionalProperties: { type: 'integer' } },
    books: { type: 'object', required: ['ok'], properties: { ok: { collection: review } } },
  } satisfies { [name: string]: Schema }).map(([name, schema]) => [name, typeOfSchema(schema)]),
);

/** The range at fault stands between « and ». */
const messages: { readonly [topic: string]: readonly (readonly [marked: string, message: string, suggestion?: string])[] } = {
  syntax: [
    ['«»', 'syntax: the expression is empty'],
    ['n +«»', 'syntax: the expression ends where a value should follow'],
    ['n «n»', 'syntax: n stands where the end of the expression should be'],
    ['(n«»', "syntax: the expression ends where ')' should follow"],
    ['words[0«»', "syntax: the expression ends where ']' should follow"],
    ['[n «n»]', "syntax: n stands where ',' or ']' should be"],
    ['{a: 1, «1»: 2}', 'syntax: 1 stands where a key: name, "text" or (expression) should be'],
    ['{a «1»}', "syntax: 1 stands where ':' after the key should be"],
    ['flag ? 1«»', "syntax: the expression ends where ':' and the value for when the condition is false should follow"],
    ['review.«1»', 'syntax: 1 stands where a field name (for any other key write ["key"]) should be'],
    ['n «=» 1', "syntax: there is no '=' — did you mean '=='?", '=='],
    ['n «===» 1', "syntax: there is no '===' — did you mean '=='?", '=='],
    ['n «!==» 1', "syntax: there is no '!==' — did you mean '!='?", '!='],
    ['flag «&» flag', "syntax: there is no '&' — did you mean '&&'?", '&&'],
    ['flag «|» flag', "syntax: there is no '|' — did you mean '||'?", '||'],
    ['flag «and» flag', "syntax: and stands where the end of the expression should be — did you mean '&&'?", '&&'],
    ['flag «or» flag', "syntax: or stands where the end of the expression should be — did you mean '||'?", '||'],
    ['words.map(w «=>» w)', 'syntax: there are no arrow functions: write map(b, b.issues), the variable first'],
    ['«${» n }', 'syntax: this is already an expression: leave out the ${ }'],
    ['text == «“»a”', 'syntax: typographic quotes do not mark text: write "…"'],
    ['text == «`abc`»', 'syntax: backquotes do not mark text: write "…"; they mark a field name after a dot, as in x.`last-name`'],
    ['text == «`»a', 'syntax: backquotes do not mark text: write "…"; they mark a field name after a dot, as in x.`last-name`'],
    ['review.`scroe`«(»1)', 'syntax: ( stands where the end of the expression should be'],
    ['text == «"abc»', 'syntax: the text is not closed: " is missing at its end'],
    ['«"\\ud83d"»', 'syntax: the text has half of a surrogate pair: write \\U0001F600 for characters beyond \\uFFFF'],
    ['"a«\\q»"', 'syntax: \'\\q\' is no escape: use \\n \\t \\" \\\' \\\\ \\u0041, or r"…" for text without escapes'],
    ['«12px»', "syntax: '12px' is no number: numbers have no suffix, and names do not start with a digit"],
    ['«1e999»', 'syntax: 1e999 is too large for a number'],
    ['«b»"a"', 'syntax: there is no bytes type: JSON has text only'],
    ['n «#» 1', "syntax: '#' means nothing here"],
    ['n«;»', 'syntax: an expression has no statements: leave out the ;'],
    ['«maybe ?? n > 3»', "syntax: '??' beside '>' needs parentheses: write (a ?? b) > c, or a ?? (b > c)"],
    ['«flag || unsure ?? flag»', "syntax: '??' beside '||' needs parentheses: write (a ?? b) || c, or a ?? (b || c)"],
    ['words.«map(w)»', 'syntax: map takes a variable and what to do with it: map(x, result) or map(x, condition, result)'],
    ['words.all(«n.x», true)', 'syntax: the first argument of all is a new variable: all(x, condition)'],
    ['«map»(words, w, w)', 'syntax: map follows what it goes through: items.map(x, …)'],
    ['«has(n)»', 'syntax: has takes one field: has(x.name) or has(x["name"])'],
  ],
  names: [
    [
      '«revew».score',
      "no_such_name: 'revew' is not visible here (names: review, draft, n, x, text, maybe, flag, unsure, words, counts, books) — did you mean 'review'?",
      'review',
    ],
    [
      '«Review».score',
      "no_such_name: 'Review' is not visible here (names: review, draft, n, x, text, maybe, flag, unsure, words, counts, books) — did you mean 'review'?",
      'review',
    ],
    [
      'words.map(word, «wrod»)',
      "no_such_name: 'wrod' is not visible here (names: review, draft, n, x, text, maybe, flag, unsure, words, counts, books, word) — did you mean 'word'?",
      'word',
    ],
    ['words.map(«n», n)', "shadowed: 'n' is a name already: give the variable of map another one"],
    ['words.map(w, words.map(«w», w))', "shadowed: 'w' is a name already: give the variable of map another one"],
  ],
  fields: [
    [
      'review.«scroe»',
      "no_such_field: review has no field 'scroe' (fields: score, verdict, notes, issues, last-name) — did you mean 'score'?",
      'score',
    ],
    ['review.«author»', "no_such_field: review has no field 'author' (fields: score, verdict, notes, issues, last-name)"],
    [
      'review[«"scroe"»]',
      "no_such_field: review has no field 'scroe' (fields: score, verdict, notes, issues, last-name) — did you mean 'score'?",
      'score',
    ],
    ['review.issues[0]?.«txt»', "no_such_field: review.issues[0] has no field 'txt' (fields: text, line) — did you mean 'text'?", 'text'],
    ['review.issues.map(i, i.«lien»)', "no_such_field: i has no field 'lien' (fields: text, line) — did you mean 'line'?", 'line'],
    ['{a: 1}.«b»', "no_such_field: {a: 1} has no field 'b' (fields: a)"],
    ['n.«x»', 'no_such_field: n is int, which has no fields'],
    ['words.«length» > 1', 'no_such_field: words is list<str>, which has no fields — use words.size()'],
    ['words.«size» > 1', 'no_such_field: words is list<str>, which has no fields — use words.size()'],
    [
      'review.issues.«text»',
      'no_such_field: review.issues is list<{text: str, line?: int|null}>, which has no fields — use review.issues.map(x, x.text), or review.issues[0]?.text',
    ],
    ['text[«0»]', 'no_overload: [ ] is for list|obj, and text is str — use .slice(from, to)'],
    ['words[«"a"»]', 'no_overload: the index of a list is int, not "a"'],
    ['words[«n / 2»]', 'no_overload: the index of a list is int, not num — use int(…)'],
    ['counts[«n»]', 'no_overload: keys of an object are str, not int'],
    ['{(«n»): 1}', 'no_overload: keys of an object are str, not int'],
    ['{a: 1, «a»: 2}', 'duplicate_key: the key "a" is given twice'],
  ],
  null: [
    ['«review.notes».size()', 'maybe_null: review.notes may be null; .size() is for str|list|obj — use (review.notes ?? default)'],
    ['«review.notes».map(w, w)', 'maybe_null: review.notes may be null; .map() is for list|obj — use (review.notes ?? [])'],
    ['draft.«score»', 'maybe_null: draft may be null — use draft?.score'],
    ['draft[«"score"»]', 'maybe_null: draft may be null — use draft?.[…]'],
    ['(«draft?.issues»).size()', 'maybe_null: draft?.issues may be null; .size() is for str|list|obj — use (draft?.issues ?? default)'],
    ['«draft?.score» > 3', "maybe_null: draft?.score may be null; '>' is for num|str|bool — use (draft?.score ?? default)"],
    ['text + «maybe»', "maybe_null: maybe may be null; '+' is for num|str|list — use (maybe ?? default)"],
    ['-«counts.a»', "maybe_null: counts.a may be null; '-' is for num — use (counts.a ?? default)"],
    ['«unsure» && flag', "maybe_null: unsure may be null; a side of '&&' is bool — use (unsure ?? false)"],
    ['«unsure» ? 1 : 2', "maybe_null: unsure may be null; the condition before '?' is bool — use (unsure ?? false)"],
    ['text.contains(«maybe»)', 'maybe_null: maybe may be null; .contains() takes (str, str) or (list, any) — use (maybe ?? default)'],
    ['text in «review.notes»', "maybe_null: review.notes may be null; 'in' is for list|obj — use (review.notes ?? [])"],
    ['maybe == null && «maybe».size() > 1', 'maybe_null: maybe is null; .size() is for str|list|obj — use (maybe ?? default)'],
    ['review.issues[0].«text»', 'maybe_null: review.issues[0] may be null — use review.issues[0]?.text'],
  ],
  equality: [
    ['review.verdict == «"revize"»', 'never_equal: "revize" is not one of "accept"|"revise"|"reject" — did you mean "revise"?', '"revise"'],
    ['«"done"» != review.verdict', 'never_equal: "done" is not one of "accept"|"revise"|"reject"'],
    ['draft?.verdict == «"Accept"»', 'never_equal: "Accept" is not one of "accept"|"revise"|"reject" — did you mean "accept"?', '"accept"'],
    [
      'review.verdict in ["accept", «"rejected"»]',
      'never_equal: "rejected" is not one of "accept"|"revise"|"reject" — did you mean "reject"?',
      '"reject"',
    ],
    ['«"x"» in [review.verdict]', 'never_equal: "x" is not one of "accept"|"revise"|"reject"'],
    ['«n == text»', 'never_equal: n is int and text is str: they are never equal'],
    ['«n == 1.5»', 'never_equal: n is int and 1.5 is 1.5: they are never equal'],
    ['«n in words»', 'never_equal: n is int and the elements are str: they are never equal'],
    ['review.verdict == "accept" && review.verdict == «"revise"»', 'never_equal: "revise" is not one of "accept"'],
  ],
  operators: [
    [
      '«n + text»',
      "no_overload: '+' is for num|str|list, both sides alike; here it has int and str — use string(…) or json(…) to make text of the other side",
    ],
    ['«words + n»', "no_overload: '+' is for num|str|list, both sides alike; here it has list<str> and int"],
    ['«text - n»', "no_overload: '-' is for num; here it has str and int"],
    ['«text < n»', "no_overload: '<' is for num|str|bool, both sides alike; here it has str and int"],
    ['«words > words»', "no_overload: '>' is for num|str|bool, both sides alike; here it has list<str> and list<str>"],
    ['-«text»', "no_overload: '-' is for num, and text is str"],
    ['"a" in «text»', 'no_overload: \'in\' is for list|obj, and text is str — use text.contains("a")'],
    ['«n» in counts', 'no_overload: keys of an object are str, not int'],
    ['«n» && flag', "not_a_bool: a side of '&&' is bool, and n is int — use n != 0"],
    ['!«words»', "not_a_bool: what follows '!' is bool, and words is list<str> — use words.size() > 0"],
    ['«maybe» ? 1 : 2', "not_a_bool: the condition before '?' is bool, and maybe is str|null — use maybe != null"],
    ['«text» || flag', 'not_a_bool: a side of \'||\' is bool, and text is str — use text != ""'],
    ['words.filter(w, «w»)', 'not_a_bool: the condition of filter is bool, and w is str — use w != ""'],
  ],
  calls: [
    ['words.«length»()', "no_such_function: there is no function 'length' — did you mean 'size'?", 'size'],
    ['words.«siez»()', "no_such_function: there is no function 'siez' — did you mean 'size'?", 'size'],
    ['words.«fooBar»()', "no_such_function: there is no function 'fooBar'"],
    ['review.«score»()', "no_such_function: 'score' is a field, not a function — use review.score"],
    ['n.«size»()', 'no_overload: .size() takes (str) or (list) or (obj); here it has (int)'],
    ['text.«split»()', 'no_overload: split takes (str, str, int?), not 1 argument'],
    ['«size»()', 'no_overload: size takes (str) or (list) or (obj), not 0 arguments'],
    ['[n].«join»(",")', 'no_overload: .join() takes (list<str>, str?); here it has (list<int>, ",")'],
    ['«substring»(text, x)', 'no_overload: substring() takes (str, int, int?); here it has (str, num)'],
    ['n.«map»(i, i)', 'no_overload: .map() is for list|obj, and n is int'],
  ],
};

for (const [topic, cases] of Object.entries(messages)) {
  describe(topic, () => {
    for (const [marked, message, suggestion] of cases) {
      test(marked, () => {
        const source = marked.replace('«', '').replace('»', '');
        const { issues } = checkExpr(source, names);
        const shown = issues.map(({ code, message, from, to, suggestion }) => [
          `${source.slice(0, from)}«${source.slice(from, to)}»${source.slice(to)}`,
          `${code}: ${message}`,
          suggestion,
        ]);
        assert.deepEqual(shown, [[marked, message, suggestion]]);
      });
    }
  });
}

test('every issue is reported, in the order of the source', () => {
  const { issues } = checkExpr('review.scroe > text && draft.score == "x" || words.length() > absent', names);
  assert.deepEqual(
    issues.map(({ code, from }) => [code, from]),
    [
      ['no_such_field', 7],
      ['never_equal', 23],
      ['maybe_null', 29],
      ['no_such_function', 51],
      ['no_such_name', 62],
    ],
  );
});

test('a wrong part is reported once, however often conditions look at it', () => {
  const { issues } = checkExpr('draft.notes != null && draft.notes.size() > 0 && draft.score > 1 ? draft.score : 0', names);
  assert.deepEqual(
    issues.map(({ from }) => from),
    [6],
  );
});
