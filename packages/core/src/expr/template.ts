/** Fills templates with values. */

import type { Tpl } from '../ir.ts';
import { evaluate } from './evaluate.ts';
import { ExprFailure } from './failure.ts';
import { define, kindOf } from './scope.ts';
import type { Value } from './value.ts';

/**
 * The value of a template: literals and whole expressions keep their type; in text, strings go in as they are, numbers
 * and truth values as they print, null as nothing. Raises {@link ExprFailure}; `not_text` for lists and objects in text.
 */
export function fill(template: Tpl, names: (name: string) => Value | undefined): Value {
  if ('lit' in template) return template.lit;
  if ('expr' in template) return evaluate(template.expr.$, names);
  if ('cat' in template) return template.cat.map((part) => textOf(part, names)).join('');
  if ('list' in template) return template.list.map((item) => fill(item, names));
  const object: { [key: string]: Value } = {};
  for (const key of Object.keys(template.obj)) define(object, key, fill(template.obj[key]!, names));
  return object;
}

function textOf(part: Tpl, names: (name: string) => Value | undefined): string {
  const value = fill(part, names);
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
