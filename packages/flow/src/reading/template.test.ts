import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseText, wholeExpression } from './template.ts';

const sources = (text: string): readonly string[] =>
  parseText(text).parts.map((part) => (part.type === 'expr' ? part.source : JSON.stringify(part.text)));

test('given text with expressions, the parts are found with their places', () => {
  assert.deepEqual(parseText('Hi ${ name }!').parts, [
    { type: 'text', text: 'Hi ' },
    { type: 'expr', source: 'name', from: 6, to: 10 },
    { type: 'text', text: '!' },
  ]);
});

test('given braces and quotes inside an expression, the closing brace is the right one', () => {
  assert.deepEqual(sources('${ {"a": {"b": 1}}.a } and ${ "}" + \'{\' + "\\"}" }.'), [
    '{"a": {"b": 1}}.a',
    '" and "',
    '"}" + \'{\' + "\\"}"',
    '"."',
  ]);
});

test('given an escape, it is text', () => {
  assert.deepEqual(sources('$${ name } costs $5, ${ x }'), ['"${ name } costs $5, "', 'x']);
});

test('given an expression without an end, its place is told', () => {
  assert.equal(parseText('a ${ "}" ').unclosed, 2);
});

test('a whole expression may have line ends around it, and nothing else', () => {
  const whole = (text: string): string | undefined => wholeExpression(parseText(text))?.source;
  assert.equal(whole('${ a }'), 'a');
  assert.equal(whole('${ a }\n'), 'a');
  assert.equal(whole(' ${ a }'), undefined);
  assert.equal(whole('${ a }${ b }'), undefined);
});

test('given any text, escaping every `${` gives the text back', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constant('${'), fc.constant('}'))), (pieces) => {
      const text = pieces.join('');
      const { parts, unclosed } = parseText(text.replaceAll('${', () => '$${'));
      assert.equal(unclosed, undefined);
      assert.equal(parts.map((part) => (part.type === 'text' ? part.text : '?')).join(''), text);
    }),
  );
});
