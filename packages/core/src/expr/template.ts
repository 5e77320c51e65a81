/** Fills templates with values. */

import type { Tpl } from '../ir.ts';
import { evaluate } from './evaluate.ts';
import { ExprFailure } from './failure.ts';
import { define, isObject, kindOf, MAX_VALUE_DEPTH } from './scope.ts';
import type { Value } from './value.ts';

/** The most parts that a value may have: a few steps that each name the one before twice would otherwise fill any memory. */
const MAX_PARTS = 2_000_000;

/** The most UTF-16 units of text in one value. */
const MAX_TEXT = 64 * 1024 * 1024;

/**
 * The value of a template: literals and whole expressions keep their type; in text, strings go in as they are, numbers
 * and truth values as they print, null as nothing. Raises {@link ExprFailure}; `not_text` for lists and objects in text,
 * `too_large` for what no event could hold.
 */
export function fill(template: Tpl, names: (name: string) => Value | undefined): Value {
  const value = build(template, names);
  measure(value, { parts: MAX_PARTS, text: MAX_TEXT }, 0);
  return value;
}

function build(template: Tpl, names: (name: string) => Value | undefined): Value {
  if ('lit' in template) return template.lit;
  if ('expr' in template) return evaluate(template.expr.$, names);
  if ('cat' in template) return joined(template.cat.map((part) => textOf(part, names)));
  if ('list' in template) return template.list.map((item) => build(item, names));
  const object: { [key: string]: Value } = {};
  for (const key of Object.keys(template.obj)) define(object, key, build(template.obj[key]!, names));
  return object;
}

function textOf(part: Tpl, names: (name: string) => Value | undefined): string {
  const value = build(part, names);
  if (value === null) return '';
  if (typeof value !== 'object') return typeof value === 'number' ? String(value + 0) : String(value);
  const source = 'expr' in part ? part.expr.$ : '';
  throw new ExprFailure(source, {
    code: 'not_text',
    message: `${source === '' ? 'a part of the text' : source} is ${kindOf(value)}, which is no text — use json(…) or .join(", ")`,
    from: 0,
    to: source.length,
  });
}

function joined(texts: readonly string[]): string {
  if (texts.reduce((sum, { length }) => sum + length, 0) > MAX_TEXT) throw tooLarge(`more than ${MAX_TEXT} characters`);
  return texts.join('');
}

interface Room {
  parts: number;
  text: number;
}

/** Walks the value as the event that holds it would; a part that occurs twice counts twice. */
function measure(value: Value, room: Room, depth: number): void {
  room.parts -= 1;
  if (room.parts < 0) throw tooLarge(`more than ${MAX_PARTS} parts`);
  if (typeof value === 'string') {
    room.text -= value.length;
    if (room.text < 0) throw tooLarge(`more than ${MAX_TEXT} characters`);
  } else if (Array.isArray(value)) {
    deeper(depth);
    for (const element of value as readonly Value[]) measure(element, room, depth + 1);
  } else if (isObject(value)) {
    deeper(depth);
    for (const key of Object.keys(value)) measure(value[key] ?? null, room, depth + 1);
  }
}

function deeper(depth: number): void {
  if (depth >= MAX_VALUE_DEPTH) throw tooLarge(`more than ${MAX_VALUE_DEPTH} levels`);
}

function tooLarge(what: string): ExprFailure {
  return new ExprFailure('', {
    code: 'too_large',
    message: `the value has ${what}: pass it as a file, or as the items of an \`each\``,
    from: 0,
    to: 0,
  });
}
