/** Checks `cache`: whose result may be taken over, and by which key. */

import { any, assignable, bool, joinTypes, nullable, num, showType, str } from '@scriptorium/core';
import type { Tpl, Type } from '@scriptorium/core';
import type { Callable } from './callable.ts';
import type { Checking, Where } from './checking.ts';
import { checkData } from './data.ts';
import { textSpan } from './expression.ts';
import type { StepShape } from '../reading/shape.ts';

const keyType: Type = nullable(joinTypes(str, num, bool));

export function checkCache({ cache, body }: StepShape, where: Where, callable: Callable | undefined, checking: Checking): Tpl | undefined {
  if (cache === undefined) {
    return undefined;
  }
  const { findings } = checking;
  const { path } = where;
  if (body.k !== 'uses' && body.k !== 'unknown') {
    findings.add({
      code: 'cache_without_call',
      message: '`cache` keeps what a call gave, and this step calls no handler',
      span: cache.span,
      path,
      fix: body.k === 'value' ? 'remove `cache`' : 'put `cache` on the steps inside that have `uses`',
    });
    return undefined;
  }
  if (callable?.effects === 'write') {
    findings.add({
      code: 'cache_of_effects',
      severity: 'warning',
      message: `'${callable.name}' has effects outside the run, and a result that is taken over leaves them out`,
      span: cache.span,
      path,
      fix: 'remove `cache`, or put what is worth keeping into a handler of its own without effects',
    });
  }
  const { tpl, type } = checkData(cache, where, checking);
  if (type !== any && assignable(type, keyType) !== null) {
    findings.add({
      code: 'wrong_type',
      message: `the key of \`cache\` is ${showType(type)}, and must be text, a number, true or false, or null for none`,
      span: textSpan(cache),
      path,
      fix: 'write json(…) around it, or choose one field of it',
    });
  }
  return tpl;
}
